import type { Event, PhaseStarted, ReportedError, RunStarted, StepFinished } from '../../model/event.ts'
import type { Outcome } from '../../model/outcome.ts'
import { phaseNames, type PhaseNames } from '../phase-names.ts'
import { createLane, type ActiveStep, type Lane } from './lane.ts'

// Of more failures than this, the earlier ones are above, in the scrollback.
const FAILURES_KEPT = 2

/** A failure that stays on the screen until later ones replace it. */
export interface Failure {
  readonly target: string
  readonly name: string
  readonly error: ReportedError
}

/** The run as the screen shows it. Every event costs the same, however many targets there are. */
export interface TreeModel {
  readonly run: RunStarted | undefined
  readonly names: PhaseNames
  /** Lanes that have begun and are not through, in the order in which they began: rows keep their places. */
  readonly live: Iterable<Lane>
  /** How many of them are in a phase. */
  readonly running: number
  readonly failures: readonly Failure[]
  readonly counts: Readonly<Record<Outcome, number>>
  /** (Step, target) pairs that have their outcome. */
  readonly done: number
  /** Clusters that have not begun, lie between two phases, and are through: sites and the estate are not counted. */
  readonly waiting: number
  readonly between: number
  readonly finished: number
  /** The last outcome that says something of a target. */
  markOf(target: string): Outcome | undefined
  /** The cluster that is through when this phase of it is; nothing where more is to come. */
  endsWith(place: { readonly lane: string; readonly phase: string }): Lane | undefined
  apply(event: Event): void
}

/** Makes a model of a run that has not started. */
export function createTreeModel(): TreeModel {
  const lanes = new Map<string, Lane>()
  const live = new Map<string, Lane>()
  const laneOfTarget = new Map<string, Lane>()
  const marks = new Map<string, Outcome>()
  const failures: Failure[] = []
  const nodes = new Map<string, string[]>()
  const counts = { ok: 0, changed: 0, failed: 0, unreachable: 0, skipped: 0 }
  let run: RunStarted | undefined
  let names = phaseNames([])
  let clusters: ReadonlySet<string> = new Set()
  let lastPhase: string | undefined
  let begun = 0
  let between = 0
  let running = 0
  let finished = 0

  function start(event: RunStarted): void {
    run = event
    names = phaseNames(event.phases)
    // What comes after it, sites and the estate do.
    lastPhase = event.phases.findLast(({ per }) => per === 'cluster' || per === 'node')?.id
    clusters = new Set(event.targets.flatMap(({ cluster }) => cluster ?? []))
    for (const { name, level, cluster } of event.targets) {
      if (level !== 'node' || cluster === undefined) continue
      nodes.set(cluster, [...(nodes.get(cluster) ?? []), name])
    }
  }

  function startPhase({ lane: name, phase, targets, time }: PhaseStarted): void {
    const known = lanes.get(name)
    const lane = known ?? createLane({ name, since: time, targets: nodes.get(name) ?? [] })
    lanes.set(name, lane)
    // A lane that stopped goes through its other phases without doing anything.
    if (lane.through || lane.phase !== undefined) return
    live.set(name, lane)
    lane.phase = phase
    running += 1
    if (clusters.has(name)) {
      if (known === undefined) begun += 1
      else between -= 1
    }
    for (const target of [name, ...targets]) {
      if (target !== name) lane.targets.add(target)
      laneOfTarget.set(target, lane)
    }
  }

  function finishPhase({ lane: name, phase }: { readonly lane: string; readonly phase: string }): void {
    const lane = lanes.get(name)
    if (lane?.phase === undefined) return
    lane.phase = undefined
    lane.phases += 1
    lane.active.clear()
    running -= 1
    if (!clusters.has(name)) return void live.delete(name)
    if (isLast(lane, phase)) {
      lane.through = true
      live.delete(name)
      finished += 1
    } else {
      between += 1
    }
  }

  const isLast = ({ stopped }: Lane, phase: string): boolean => stopped || phase === lastPhase

  function update(target: string, change: Partial<ActiveStep>): void {
    const steps = laneOfTarget.get(target)?.active
    const step = steps?.get(target)
    if (step !== undefined) steps?.set(target, { ...step, ...change })
  }

  function finishStep({ target, outcome, name, error, ignored }: StepFinished): void {
    const lane = laneOfTarget.get(target)
    lane?.active.delete(target)
    counts[outcome] += 1
    if (lane !== undefined) lane.counts[outcome] += 1
    const before = marks.get(target)
    const lasting = before === 'failed' || before === 'unreachable'
    if (!lasting && outcome !== 'skipped') marks.set(target, ignored === true ? 'ok' : outcome)
    if (error === undefined || ignored === true) return
    failures.push({ target, name, error })
    if (failures.length > FAILURES_KEPT) failures.shift()
  }

  function apply(event: Event): void {
    switch (event.type) {
      case 'run.started':
        return start(event)
      case 'phase.started':
        return startPhase(event)
      case 'phase.finished':
        return finishPhase(event)
      case 'step.started': {
        const { target, name, time } = event
        const step: ActiveStep = { target, name, since: time, progress: undefined, waiting: undefined }
        return void laneOfTarget.get(target)?.active.set(target, step)
      }
      case 'step.progressed':
        return update(event.target, { progress: event.progress, waiting: undefined })
      case 'step.waiting':
        return update(event.target, { waiting: event.reason })
      case 'step.diffed':
        return update(event.target, { waiting: undefined })
      case 'step.retried':
        return update(event.target, {
          progress: undefined,
          waiting: `to try again (${event.attempt} of ${event.of})`,
        })
      case 'step.finished':
        return finishStep(event)
      case 'target.rescued':
        return void marks.delete(event.target)
      case 'lane.stopped': {
        const lane = lanes.get(event.lane)
        if (lane !== undefined) lane.stopped = true
        return
      }
      // These are told in the scrollback and change nothing on the screen below it.
      case 'batch.started':
      case 'step.warned':
      case 'wire.traced':
      case 'operator.asked':
      case 'operator.answered':
      case 'run.interrupted':
      case 'run.finished':
        return
    }
  }

  return {
    get run() {
      return run
    },
    get names() {
      return names
    },
    live: { [Symbol.iterator]: () => live.values() },
    get running() {
      return running
    },
    failures,
    counts,
    get done() {
      return counts.ok + counts.changed + counts.failed + counts.unreachable + counts.skipped
    },
    get waiting() {
      return clusters.size - begun
    },
    get between() {
      return between
    },
    get finished() {
      return finished
    },
    markOf: (target) => marks.get(target),
    endsWith({ lane: name, phase }) {
      const lane = lanes.get(name)
      return lane?.phase === phase && clusters.has(name) && isLast(lane, phase) ? lane : undefined
    },
    apply,
  }
}
