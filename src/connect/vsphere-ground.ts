import { setMaxListeners } from 'node:events'

import { createFinder } from './govmomi/find.ts'
import type { PortGroupWriter } from './govmomi/object/write-port-group.ts'
import { createPropertyReader } from './govmomi/property.ts'
import type { Session } from './govmomi/session.ts'
import { waitForTask } from './govmomi/task.ts'
import type { Watcher } from './govmomi/watch.ts'

/** What every view works with. */
export interface Ground extends PortGroupWriter {
  readonly session: Session
  readonly watcher: Watcher
}

/** Lays the ground for views that hold for as long as `signal` allows. */
export function createGround(
  session: Session,
  { watcher, signal }: { watcher: Watcher; signal: AbortSignal },
): Ground {
  const { content } = session
  // One step may have many calls under way, and each of them listens to its signal.
  setMaxListeners(0, signal)
  const properties = createPropertyReader(session, { collector: content.propertyCollector, signal })
  return {
    session,
    watcher,
    signal,
    caller: session,
    properties,
    finder: createFinder(session, { content, properties, signal }),
    runTask: (task, what) => waitForTask({ session, watcher }, task, { signal, what }),
  }
}
