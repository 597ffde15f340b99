/** A name as part of an id: lower case, words joined by hyphens. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}

/** Makes names unique: `-2`, `-3` … for one that is used again. */
export function createUnique(): (name: string) => string {
  const used = new Map<string, number>()
  return (name) => {
    const times = (used.get(name) ?? 0) + 1
    used.set(name, times)
    return times === 1 ? name : `${name}-${times}`
  }
}

/** Gives ids that stay the same from run to run: `phase/slug`. */
export function createStepIds(): (phase: string, name: string) => string {
  const unique = createUnique()
  return (phase, name) => unique(`${phase}/${slugOf(name)}`)
}
