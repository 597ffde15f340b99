/** Takes one character: says whether it fits. */
type Fits = (character: string) => boolean

const STAR = '*'

/** Reads the class that begins after the bracket at `start`; none where the bracket has no other half. */
function parseClass(glob: string, start: number): { readonly fits: Fits; readonly end: number } | undefined {
  const negated = glob[start] === '!'
  const first = negated ? start + 1 : start
  // A bracket that stands first is one of the characters.
  const end = glob.indexOf(']', first + 1)
  if (end === -1) return undefined
  const ranges: (readonly [string, string])[] = []
  for (let at = first; at < end; at++) {
    const from = glob.charAt(at)
    const isRange = glob[at + 1] === '-' && at + 2 < end
    ranges.push([from, isRange ? glob.charAt(at + 2) : from])
    if (isRange) at += 2
  }
  const fits: Fits = (character) =>
    ranges.some(([from, to]) => from <= character && character <= to) !== negated
  return { fits, end }
}

function parseGlob(glob: string): readonly (Fits | typeof STAR)[] {
  const parts: (Fits | typeof STAR)[] = []
  for (let at = 0; at < glob.length; at++) {
    const character = glob.charAt(at)
    const group = character === '[' ? parseClass(glob, at + 1) : undefined
    if (group !== undefined) {
      parts.push(group.fits)
      at = group.end
    } else if (character === STAR) parts.push(STAR)
    else if (character === '?') parts.push(() => true)
    else parts.push((other) => other === character)
  }
  return parts
}

/** Whether a text has anything that a glob gives a meaning to. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

/**
 * Whether a whole name fits a shell glob: `*`, `?`, `[abc]`, `[a-f]`, `[!abc]`; upper and lower case differ. The time it
 * takes grows with the product of both lengths, whatever the glob.
 */
export function matchGlob(glob: string, name: string): boolean {
  const parts = parseGlob(glob)
  let at = 0
  let part = 0
  let star = -1
  let resume = 0
  while (at < name.length) {
    const current = parts[part]
    if (current === STAR) {
      star = part++
      resume = at
    } else if (current?.(name.charAt(at)) === true) {
      part++
      at++
    } else if (star >= 0) {
      // Only the last star has to give way: the parts before it have found their earliest place.
      part = star + 1
      at = ++resume
    } else return false
  }
  while (parts[part] === STAR) part++
  return part === parts.length
}
