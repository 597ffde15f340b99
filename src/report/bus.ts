import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/error.ts'
import type { Emit, Event } from '../model/event.ts'
import type { Reporter } from '../model/reporter.ts'
import { cleanEvent } from './clean-event.ts'
import type { Redact } from './redactor.ts'

/** What stands between the engine and whoever listens to it. */
export interface Bus {
  readonly emit: Emit
  /** Closes every reporter, in order, once. Events that come later are dropped. */
  close(): Promise<void>
}

/** What a bus is made of. */
export interface BusOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly redact: Redact
  /** In the order in which they hear. */
  readonly reporters: readonly Reporter[]
  /** Told once of every reporter that threw; standard error by default. */
  readonly complain?: (text: string) => void
}

/**
 * Makes a bus: it stamps the time, takes secrets and control characters out of every text, freezes the event and hands it
 * to every reporter in order. A reporter that throws is complained about once and never stops a run or another reporter.
 */
export function createBus({ clock, redact, reporters, complain = complainAloud }: BusOptions): Bus {
  const broken = new Set<Reporter>()
  let closing: Promise<void> | undefined

  function markBroken(reporter: Reporter, cause: unknown): void {
    if (broken.has(reporter)) return
    broken.add(reporter)
    complain(`A reporter failed and may have missed something: ${redact(messageOf(cause))}\n`)
  }

  function emit(event: Parameters<Emit>[0]): void {
    if (closing !== undefined) return
    const stamped = { ...event, time: clock.now() } as Event
    const clean = cleanEvent(stamped, { redact })
    for (const reporter of reporters) {
      try {
        reporter.report(clean)
      } catch (cause) {
        markBroken(reporter, cause)
      }
    }
  }

  async function closeAll(): Promise<void> {
    for (const reporter of reporters) {
      try {
        await reporter.close()
      } catch (cause) {
        markBroken(reporter, cause)
      }
    }
  }

  return {
    emit,
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

function complainAloud(text: string): void {
  process.stderr.write(text)
}
