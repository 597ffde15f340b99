import { ConfigError } from './error.ts'

/** More names than any one pattern may stand for; a slip such as `[1:99999999]` must not fill the memory. */
export const MOST_NAMES = 10_000

const BRACKETS = /\[([^[\]]*)\]/
const DIGITS = /^\d{1,9}$/
const LOWER = /^[a-z]$/
const UPPER = /^[A-Z]$/

/** `what` of the range in brackets is wrong; `hint` says how to write it. */
function wrong(pattern: string, what: string, hint: string): ConfigError {
  return new ConfigError(`the range in ${pattern} ${what}`, { hint })
}

/** The numbers or letters that one `begin:end:step` stands for, as they stand in a name. */
function parseSequence(bounds: string, pattern: string): readonly string[] {
  const parts = bounds.split(':')
  const [written = '', end = '', step = '1'] = parts
  if (parts.length !== 2 && parts.length !== 3) {
    throw wrong(pattern, `is [${bounds}]`, 'write [begin:end] or [begin:end:step], such as [01:16]')
  }
  const begin = written === '' ? '0' : written
  if (end === '') throw wrong(pattern, 'has no end', 'write [begin:end], such as [01:16]')
  if (!DIGITS.test(step) || Number(step) === 0) {
    throw wrong(pattern, `has the step “${step}”`, 'a step is a whole number from 1')
  }

  const letters = [LOWER, UPPER].some((letter) => letter.test(begin) && letter.test(end))
  if (!letters && !(DIGITS.test(begin) && DIGITS.test(end))) {
    const hint = 'both ends are whole numbers, both lower-case letters, or both upper-case letters'
    throw wrong(pattern, `goes from “${begin}” to “${end}”`, hint)
  }
  const padded = begin.startsWith('0') && begin.length > 1
  if (padded && begin.length !== end.length) {
    const hint = `with leading zeros both ends have the same length: [${begin}:${end.padStart(begin.length, '0')}]`
    throw wrong(pattern, `goes from ${begin} to ${end}`, hint)
  }
  const from = letters ? begin.charCodeAt(0) : Number(begin)
  const to = letters ? end.charCodeAt(0) : Number(end)
  if (from > to) throw wrong(pattern, `goes backwards from ${begin} to ${end}`, `write [${end}:${begin}]`)

  const count = Math.floor((to - from) / Number(step)) + 1
  if (count > MOST_NAMES) throw wrong(pattern, `has ${count} names`, `a pattern has at most ${MOST_NAMES}`)
  return Array.from({ length: count }, (_, index) => {
    const value = from + index * Number(step)
    return letters ? String.fromCharCode(value) : String(value).padStart(padded ? begin.length : 1, '0')
  })
}

/**
 * The names that a pattern such as `edge[01:16]`, `node-[a:d]` or `r[1:4]n[01:16:5]` stands for, both ends included; the
 * last range runs fastest. A pattern without brackets stands for itself. Throws a `ConfigError` for a range that cannot
 * be read, that runs backwards, or that has more than `MOST_NAMES` names.
 */
export function expandRange(pattern: string): readonly string[] {
  let names: readonly string[] = ['']
  let rest = pattern
  for (let match = BRACKETS.exec(rest); match !== null; match = BRACKETS.exec(rest)) {
    const head = rest.slice(0, match.index)
    const sequence = parseSequence(match[1] ?? '', pattern)
    const count = names.length * sequence.length
    if (count > MOST_NAMES) throw wrong(pattern, `has ${count} names`, `a pattern has at most ${MOST_NAMES}`)
    names = names.flatMap((name) => sequence.map((value) => `${name}${head}${value}`))
    rest = rest.slice(match.index + match[0].length)
  }
  if (rest.includes('[') || names.some((name) => name.includes('['))) {
    throw wrong(pattern, 'has a bracket without its other half', 'write [begin:end], such as [01:16]')
  }
  return names.map((name) => name + rest)
}

/**
 * Writes many levels of an inventory at once: `range('edge[01:16]', (name, index) => ({ … }))` gives `edge01` to
 * `edge16`, in order, `index` counting from 0. Throws a `ConfigError` for a bad pattern and for one that gives a name
 * twice.
 */
export function range<T>(pattern: string, value: (name: string, index: number) => T): Record<string, T> {
  const names = expandRange(pattern)
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) {
      throw wrong(pattern, `gives the name ${name} twice`, 'put something between the two ranges')
    }
    seen.add(name)
  }
  return Object.fromEntries(names.map((name, index) => [name, value(name, index)]))
}
