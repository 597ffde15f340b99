/** What shows whether a task moves. */
export interface TaskStand {
  /** Which task it is. */
  readonly key: string
  /** `queued` or `running`. */
  readonly state: string
  /** As the server counts it; undefined where it does not. */
  readonly percent: number | undefined
}

const HOUR = 60 * 60_000

/** Milliseconds that a task may stand still whose percentage would show if it moved. */
const PATIENCE = HOUR

/** The same where it may move unseen: longer than anything takes that is done to a machine. */
const BLIND_PATIENCE = 8 * HOUR

/** From here on many a server counts no further, while the disks are still being written. */
const NEARLY_DONE = 90

function patienceFor({ state, percent }: TaskStand): number {
  const isBlind = state === 'running' && (percent === undefined || percent >= NEARLY_DONE)
  return isBlind ? BLIND_PATIENCE : PATIENCE
}

/**
 * Makes a judge of whether a task stands still. It is told at each look how the task stands, or that there is none, and how
 * many milliseconds have gone by since the look before; it gives how long the task has stood still where that is too long.
 */
export function createStandstill(): (seen: TaskStand | undefined, elapsed: number) => number | undefined {
  let last: TaskStand | undefined
  let still = 0
  return (seen, elapsed) => {
    const isSame =
      seen !== undefined &&
      seen.key === last?.key &&
      seen.state === last.state &&
      seen.percent === last.percent
    still = isSame ? still + elapsed : 0
    last = seen
    return seen !== undefined && still >= patienceFor(seen) ? still : undefined
  }
}
