import { plainText } from './plain-text.ts'
import type { Redact } from './redactor.ts'

// A text that a remote made endless, or nested without end, stays an event of bounded size.
const LONGEST_TEXT = 16_384
const DEEPEST = 32

/** Members whose values are words of the engine's own, which no secret of the same spelling may turn into a mask. */
const ENGINE_WORDS = new Set(['type', 'outcome', 'mode', 'proof', 'kind', 'level', 'unit'])

/** Where in an event a value stands. */
interface Place {
  readonly depth: number
  /** Inside a change's values, where keys are not the engine's but a remote's. */
  readonly foreign: boolean
}

function bounded(text: string): string {
  if (text.length <= LONGEST_TEXT) return text
  return `${text.slice(0, LONGEST_TEXT)}… (${text.length - LONGEST_TEXT} more characters)`
}

/**
 * Makes an event fit to be shown and kept: a frozen deep copy of plain data, with every text free of control characters
 * and of secrets. What cannot be said in JSON is left out.
 */
export function cleanEvent<T extends object>(event: T, { redact }: { readonly redact: Redact }): T {
  const cleanText = (text: string): string => bounded(redact(plainText(text)))

  function cleanMembers(value: object, { depth, foreign }: Place): object {
    const members = Object.entries(value).flatMap(([key, member]) => {
      if (!foreign && ENGINE_WORDS.has(key)) return [[key, member]]
      const place = { depth: depth + 1, foreign: foreign || key === 'from' || key === 'to' }
      const clean = cleanValue(member, place)
      return clean === undefined ? [] : [[foreign ? cleanText(key) : key, clean]]
    })
    return Object.freeze(Object.fromEntries(members))
  }

  function cleanValue(value: unknown, place: Place): unknown {
    if (typeof value === 'string') return cleanText(value)
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'function' || typeof value === 'symbol') return undefined
    return typeof value === 'object' && value !== null ? cleanObject(value, place) : value
  }

  function cleanObject(value: object, place: Place): unknown {
    if (place.depth >= DEEPEST) return '…'
    const below = { ...place, depth: place.depth + 1 }
    if ('toJSON' in value && typeof value.toJSON === 'function') return cleanValue(value.toJSON(), below)
    if (Array.isArray(value)) return Object.freeze(value.map((one) => cleanValue(one, below) ?? null))
    return cleanMembers(value, place)
  }

  return cleanMembers(event, { depth: 0, foreign: false }) as T
}
