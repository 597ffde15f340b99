import type { Event, Unstamped } from '../../../src/model/event.ts'
import { stamp, ZERO } from './recorded-run.ts'

/** How large a generated run is. */
export interface FleetSize {
  readonly clusters: number
  readonly nodes: number
  readonly phases: number
}

/** The events of many clusters side by side, each at another place of the same phases; some nodes fail. */
export function fleetRun({ clusters, nodes, phases }: FleetSize): readonly Event[] {
  const names = Array.from({ length: clusters }, (_, index) => `fra-${index + 1}`)
  const nodesOf = (cluster: string) =>
    Array.from({ length: nodes }, (_, index) => `${cluster}-${String.fromCodePoint(97 + index)}`)
  const started: Unstamped = {
    type: 'run.started',
    run: 'r2',
    runbook: 'deploy',
    inventory: 'lab-bulk',
    mode: 'apply',
    lab: undefined,
    forks: 32,
    targets: names.flatMap((cluster) => [
      { name: cluster, level: 'cluster' as const, cluster },
      ...nodesOf(cluster).map((name) => ({ name, level: 'node' as const, cluster })),
    ]),
    phases: Array.from({ length: phases }, (_, index) => ({
      id: String(index + 1),
      number: index + 1,
      name: `Phase ${index + 1} of the deployment`,
      per: 'node' as const,
    })),
    steps: clusters * nodes * phases * 2,
  }
  const lanes = names.map((cluster, index) =>
    Array.from({ length: phases }, (_, phase) =>
      lanePhase({ cluster, nodes: nodesOf(cluster), phase, index }),
    ).flat(),
  )
  // Side by side: one event of each cluster in turn, and each begins a little later than the one before.
  const mixed: Unstamped[] = []
  const longest = Math.max(...lanes.map((lane) => lane.length)) + clusters * 3
  for (let turn = 0; turn < longest; turn++) {
    for (const [index, lane] of lanes.entries()) {
      const event = lane[turn - index * 3]
      if (event !== undefined) mixed.push(event)
    }
  }
  const targets = names.flatMap(nodesOf).map((target) => ({ target, ...ZERO, ok: phases * 2 }))
  return stamp([
    started,
    ...mixed,
    { type: 'run.finished', run: 'r2', duration: 90_000, wall: 90_000, recap: { targets, exitCode: 0 } },
  ])
}

interface LanePhase {
  readonly cluster: string
  readonly nodes: readonly string[]
  readonly phase: number
  readonly index: number
}

function lanePhase({ cluster, nodes, phase, index }: LanePhase): readonly Unstamped[] {
  const id = String(phase + 1)
  const failing = index % 7 === 3 && phase === 2
  return [
    { type: 'phase.started', phase: id, name: `Phase ${id}`, lane: cluster, targets: nodes },
    ...nodes.flatMap((target, node): Unstamped[] =>
      [1, 2].flatMap((step): Unstamped[] => {
        const ref = {
          step: `${id}/step-${step}`,
          name: `The thing ${step} is as it should be`,
          phase: id,
          target,
        }
        const fails = failing && node === 1 && step === 2
        return [
          { type: 'step.started', ...ref },
          {
            type: 'step.progressed',
            ...ref,
            progress: { done: node * 2 ** 30, total: 5 * 2 ** 30, unit: 'bytes', text: 'uploading disk 1' },
          },
          {
            type: 'step.finished',
            ...ref,
            duration: 1500,
            outcome: fails ? 'failed' : step === 1 ? 'changed' : 'ok',
            changes: [],
            error: fails
              ? {
                  code: 'COMMAND',
                  message: `${target} said no, at length: ${'because '.repeat(30)}`,
                  hint: 'ask again',
                }
              : undefined,
          },
        ]
      }),
    ),
    { type: 'phase.finished', phase: id, lane: cluster, failed: failing ? 1 : 0 },
  ]
}
