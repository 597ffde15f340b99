import type { TextOptions } from '../output.ts'
import { selectGlyphs, type Glyphs } from './glyphs.ts'
import { createStyle, type Style } from './style.ts'

/** Everything that decides how a line looks. */
export interface Look {
  readonly style: Style
  readonly glyphs: Glyphs
  readonly diff: boolean
  readonly verbosity: 0 | 1 | 2 | 3
}

/** The look that a reporter's options ask for. */
export function createLook(options: Omit<TextOptions, 'out'>): Look {
  return {
    style: createStyle(options),
    glyphs: selectGlyphs(options),
    diff: options.diff,
    verbosity: options.verbosity,
  }
}
