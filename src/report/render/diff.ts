import type { Change, Json } from '../../model/change.ts'
import type { Glyphs } from './glyphs.ts'
import type { Style } from './style.ts'

// Longer values are told apart by their lines, not side by side.
const SIDE_BY_SIDE = 60
const MOST_LINES = 40

function renderValue(value: Json | undefined): string {
  if (value === undefined) return 'none'
  return typeof value === 'string'
    ? JSON.stringify(value)
    : JSON.stringify(value, null, 1).replace(/\n */g, ' ')
}

/** The lines of a value that is too long for one: a text's own, or one a member. */
function linesOf(value: Json | undefined): readonly string[] {
  if (value === undefined) return []
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  const lines = text.split('\n')
  const left = lines.length - MOST_LINES
  return left <= 0 ? lines : [...lines.slice(0, MOST_LINES), `(${left} more lines)`]
}

/** What changes, a line per value and more for long ones: `security.promiscuous: "reject" → "accept"`. */
export function renderDiff(
  changes: readonly Change[],
  { style, glyphs }: { readonly style: Style; readonly glyphs: Glyphs },
): readonly string[] {
  return changes.flatMap(({ path, from, to, note }) => {
    const why = note === undefined ? '' : style.faint(` (${note})`)
    const before = renderValue(from)
    const after = renderValue(to)
    const long = Math.max(before.length, after.length) > SIDE_BY_SIDE || /\\n/.test(before + after)
    if (!long) return [`${path}: ${style.removed(before)} ${glyphs.to} ${style.added(after)}${why}`]
    return [
      `${path}:${why}`,
      ...linesOf(from).map((line) => style.removed(`- ${line}`)),
      ...linesOf(to).map((line) => style.added(`+ ${line}`)),
    ]
  })
}
