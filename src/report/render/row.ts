import { asciiText, type Glyphs } from './glyphs.ts'
import { oneLine } from './step.ts'
import type { Paint } from './style.ts'
import { clip, widthOf } from './width.ts'

/** A part of a row: a text, or a text and how it is painted. */
export type Segment = string | readonly [text: string, paint: Paint]

/** One row of the screen: never wider than `columns`, whatever its parts say. */
export function renderRow(
  segments: readonly Segment[],
  { columns, glyphs }: { readonly columns: number; readonly glyphs: Glyphs },
): string {
  let left = columns
  const parts: string[] = []
  for (const segment of segments) {
    if (left <= 0) break
    const [text, paint] = typeof segment === 'string' ? [segment, undefined] : segment
    const line = oneLine(text)
    // The signs tell which alphabet the terminal has: an ASCII one writes three dots.
    const written = glyphs.ellipsis === '…' ? line : asciiText(line)
    const shown = clip(written, { columns: left, ellipsis: glyphs.ellipsis })
    left -= widthOf(shown)
    parts.push(paint === undefined ? shown : paint(shown))
  }
  return parts.join('')
}
