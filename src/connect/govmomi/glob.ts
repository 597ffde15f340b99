const SPECIAL = /[*?[\]]/

/** Whether a name is a pattern. */
export function hasGlob(name: string): boolean {
  return SPECIAL.test(name)
}

function toSource(part: string): string {
  if (part === '*') return '.*'
  if (part === '?') return '.'
  if (/^\[[^\]]+\]$/.test(part))
    return `[${part
      .slice(1, -1)
      .replaceAll(/[\\[\]]/g, '\\$&')
      .replace(/^!/, '^')}]`
  return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/**
 * Whether a name matches a pattern with `*`, `?`, `[abc]`, `[a-z]` and `[!abc]`, as a whole and with its case. A pattern that
 * is a name matches that name.
 */
export function matchGlob(pattern: string, name: string): boolean {
  if (pattern === name) return true
  const source =
    pattern
      .match(/\[[^\]]+\]|[\s\S]/gu)
      ?.map(toSource)
      .join('') ?? ''
  try {
    return new RegExp(`^${source}$`, 'su').test(name)
  } catch {
    // A range that runs backwards: it matches nothing.
    return false
  }
}
