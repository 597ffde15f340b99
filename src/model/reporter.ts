import type { Event } from './event.ts'

/** Something that listens to events. It never stops a run, and it never changes an event. */
export interface Reporter {
  report(event: Event): void
  /** Called once after the last event; what it still wants to print, it prints here. */
  close(): Promise<void>
}
