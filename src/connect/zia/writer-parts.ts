import type { Clock } from '../../model/clock.ts'
import type { Bindings } from './bindings.ts'
import type { EditQueue } from './edit-queue.ts'
import type { ForeignChanges } from './foreign-changes.ts'
import type { ReadBack } from './read-back.ts'
import type { ReaderParts } from './reader.ts'
import type { Written } from './written.ts'

/** What writers of one session share. */
export interface WriterParts extends ReaderParts {
  readonly clock: Clock
  readonly queue: EditQueue
  readonly readBack: ReadBack
  readonly written: Written
  readonly foreign: ForeignChanges
  readonly bindings: Bindings
  /** Whether the tenant takes the time of an object's last change back, to compare it. */
  readonly stamps: { areWelcome: boolean }
}
