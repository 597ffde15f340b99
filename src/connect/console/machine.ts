import type { Clock } from '../../model/clock.ts'
import type { Evidence } from '../evidence.ts'
import type { GlyphBook } from './glyph-book.ts'
import type { ConsolePort } from './port.ts'
import type { ScreenReader } from './screen.ts'

/** One machine’s console with all that is needed to use it. */
export interface ConsoleMachine {
  /** The node’s name, for messages. */
  readonly name: string
  readonly username: string
  readonly port: ConsolePort
  readonly reader: ScreenReader
  readonly book: GlyphBook
  readonly clock: Clock
  /** Keeps what is said and seen; nothing is kept where absent. */
  readonly evidence?: Evidence | undefined
}
