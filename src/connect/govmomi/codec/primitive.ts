import { CodecError } from './error.ts'

const INTEGERS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  byte: [-128, 127],
  short: [-32_768, 32_767],
  int: [-2_147_483_648, 2_147_483_647],
}

const LONG_MAX = 9_223_372_036_854_775_807n

const DATE_TIME = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/

const primitives = new Set([
  'string',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'dateTime',
  'anyURI',
  'base64Binary',
])

/** Whether a type is one of XML Schema's that vSphere uses. `ref` and `anyType` are none. */
export function isPrimitive(type: string): boolean {
  return primitives.has(type)
}

const wrong = (type: string, text: string): CodecError =>
  new CodecError('type', `“${text.slice(0, 60)}” is not a valid ${type}`, { type })

function parseInteger(type: string, text: string): number {
  const [min, max] = INTEGERS[type] ?? [0, 0]
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= min && number <= max)) throw wrong(type, text)
  return number
}

function parseLong(text: string): bigint {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw wrong('long', text)
  const number = BigInt(text.startsWith('+') ? text.slice(1) : text)
  if (number > LONG_MAX || number < -LONG_MAX - 1n) throw wrong('long', text)
  return number
}

function parseFloating(type: string, text: string): number {
  if (text === 'INF') return Number.POSITIVE_INFINITY
  if (text === '-INF') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw wrong(type, text)
  return Number(text)
}

/** Parses the text of a primitive. A `long` is a bigint, so that all 64 bits are kept; times stay text. */
export function parsePrimitive(type: string, text: string): string | number | bigint | boolean {
  const trimmed = text.trim()
  switch (type) {
    case 'boolean':
      if (trimmed === 'true' || trimmed === '1') return true
      if (trimmed === 'false' || trimmed === '0') return false
      throw wrong(type, text)
    case 'byte':
    case 'short':
    case 'int':
      return parseInteger(type, trimmed)
    case 'long':
      return parseLong(trimmed)
    case 'float':
    case 'double':
      return parseFloating(type, trimmed)
    case 'dateTime':
      if (!DATE_TIME.test(trimmed)) throw wrong(type, text)
      return trimmed
    default:
      return text
  }
}

/** Renders a primitive as text, not yet escaped. A safe integer is accepted where a `long` is wanted. */
export function renderPrimitive(type: string, value: unknown): string {
  const refuse = (): never => {
    throw new CodecError('type', `${typeof value} is given where ${type} is wanted`, { type })
  }
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : refuse()
    case 'byte':
    case 'short':
    case 'int':
      return typeof value === 'number' ? String(parseInteger(type, String(value))) : refuse()
    case 'long':
      if (typeof value === 'bigint') return String(parseLong(String(value)))
      return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : refuse()
    case 'float':
    case 'double':
      if (typeof value !== 'number') return refuse()
      if (Number.isFinite(value) || Number.isNaN(value)) return String(value)
      return value > 0 ? 'INF' : '-INF'
    case 'dateTime':
      return typeof value === 'string' ? String(parsePrimitive('dateTime', value)) : refuse()
    default:
      return typeof value === 'string' ? value : refuse()
  }
}
