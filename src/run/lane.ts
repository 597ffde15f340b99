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
  /** Stops the lane when more than `maxFailed` of its members have failed, or the lane's own target has. */
  stopIfFailed(phase: PlannedPhase, maxFailed: number): void
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

  const listFailed = (): readonly TargetRun[] =>
    [...members.values()].filter(({ failure }) => failure !== undefined)

  return {
    name,
    self: () => self,
    member(of) {
      const known = members.get(of.name) ?? createTargetRun(of, name)
      members.set(of.name, known)
      return known
    },
    countFailed: () => listFailed().length,
    stopIfFailed(phase, maxFailed) {
      const failed = listFailed()
      const nodes = failed.filter((member) => member !== self)
      if (stopped || (self.failure === undefined && nodes.length <= maxFailed)) return
      stopped = true
      const who = failed.map(({ target: { name: member }, failure }) => `${member} ${failure ?? ''}`.trim())
      const reason = `${who.join(', ')}; ${maxFailed === 0 ? 'no failure is' : `up to ${maxFailed} failures are`} allowed`
      emit({ type: 'lane.stopped', lane: name, phase: phase.id, reason })
    },
    whyStopped: () => (stopped ? 'cluster-stopped' : above?.whyStopped()),
  }
}
