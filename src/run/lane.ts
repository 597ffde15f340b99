import type { Emit } from '../model/event.ts'
import type { SkipReason } from '../model/outcome.ts'
import type { PlannedPhase } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import { createTargetRun, type TargetRun } from './target-run.ts'

/** A failure domain on its way through a run: a cluster, a site, or the estate. */
export interface Lane {
  readonly name: string
  /** The lane's own target, or one that belongs to it. */
  member(target: Target): TargetRun
  self(): TargetRun
  countFailed(): number
  /**
   * Begins a phase. One that rolls through the nodes says how many may have failed, those of earlier phases included, and
   * does not begin where more have; any other one takes the failures that there are and tolerates no new one.
   */
  enter(phase: PlannedPhase): void
  /** Stops the lane when more of its members have failed than the phase tolerates, or the lane's own target has. */
  stopIfFailed(phase: PlannedPhase): void
  /** Stops the lane for a reason that is not the failure of one of its members. */
  stop(phase: PlannedPhase, reason: string): void
  /** Why the lane, or one above it, starts nothing new. */
  whyStopped(): SkipReason | undefined
}

/** Makes a lane below another one, whose stop is this one's stop, too. */
export function createLane(
  target: Target,
  { emit, above }: { readonly emit: Emit; readonly above?: Lane | undefined },
): Lane {
  const { name } = target
  const self = createTargetRun(target, name)
  const members = new Map<string, TargetRun>([[name, self]])
  let stopped = false
  let tolerated = 0

  const listFailed = (): readonly TargetRun[] =>
    [...members.values()].filter(({ failure }) => failure !== undefined)
  const countNodes = (): number => listFailed().filter((member) => member !== self).length

  function stop({ id }: PlannedPhase, reason: string): void {
    if (stopped) return
    stopped = true
    emit({ type: 'lane.stopped', lane: name, phase: id, reason })
  }

  function stopIfFailed(phase: PlannedPhase): void {
    if (stopped || (self.failure === undefined && countNodes() <= tolerated)) return
    const who = listFailed().map(({ target, failure }) => `${target.name} ${failure ?? ''}`.trim())
    const allowed = tolerated === 0 ? 'no failure is' : `up to ${tolerated} failures are`
    stop(phase, `${who.join(', ')}; ${allowed} allowed`)
  }

  return {
    name,
    self: () => self,
    member(of) {
      const known = members.get(of.name) ?? createTargetRun(of, name)
      members.set(of.name, known)
      return known
    },
    countFailed: () => listFailed().length,
    enter(phase) {
      tolerated = phase.rolling === undefined ? countNodes() : (phase.rolling.maxFailed ?? 0)
      stopIfFailed(phase)
    },
    stopIfFailed,
    stop,
    whyStopped: () => (stopped ? 'cluster-stopped' : above?.whyStopped()),
  }
}
