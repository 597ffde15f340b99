/** Longer words are not compared: a distance costs the product of both lengths. */
const LONGEST = 80

/**
 * Edits that turn `a` into `b`: insert, delete, replace, or swap two neighbours. Stops counting above `limit` and
 * answers `limit + 1` then.
 */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    if (Math.min(...current) > limit) return limit + 1
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}

/**
 * The name that somebody who wrote `word` most likely meant: the one with the fewest typing slips, at most one for every
 * three letters, upper and lower case alike; otherwise the first that begins with `word`. Of equals the first wins.
 */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  if (word === '' || word.length > LONGEST) return undefined
  const wanted = word.toLowerCase()
  let best: string | undefined
  let beginning: string | undefined
  let limit = Math.max(1, Math.floor(wanted.length / 3))
  for (const name of names) {
    const candidate = name.toLowerCase()
    if (candidate === '' || candidate.length > LONGEST) continue
    if (wanted.length > 1 && candidate.startsWith(wanted)) beginning ??= name
    const slips = distance(wanted, candidate, limit)
    // A word that shares no letter's place with the name is another word, however short both are.
    if (slips > limit || slips >= Math.max(wanted.length, candidate.length)) continue
    best = name
    limit = slips - 1
    if (limit < 0) break
  }
  return best ?? beginning
}
