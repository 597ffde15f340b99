import type { TextOptions } from './output.ts'
import { asciiText } from './render/glyphs.ts'

/** Writes whole lines. */
export type Sink = (lines: readonly string[]) => void

/** Makes a sink; where the terminal shows ASCII only, so do the lines. */
export function createSink({ out, unicode }: Pick<TextOptions, 'out' | 'unicode'>): Sink {
  return (lines) => {
    if (lines.length === 0) return
    const text = `${lines.join('\n')}\n`
    out.write(unicode ? text : asciiText(text))
  }
}
