import type { Level } from '../model/level.ts'
import type { Plan, PlannedPhase } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import { allEnded } from './all-ended.ts'
import { createLane, type Lane } from './lane.ts'
import { runPhase } from './run-phase.ts'
import type { Run } from './run.ts'

/**
 * Runs a plan. Phases go in order inside a cluster, clusters go side by side; a phase per site waits for the site's
 * clusters, one per estate for everybody.
 */
export async function runPlan(run: Run, plan: Plan): Promise<void> {
  const [root] = growBranches(run, plan.domains, { level: 'estate' })
  if (root !== undefined) await runBranch(run, root, plan.phases)
}

/** A lane, and the lanes below it. They live as long as the run: what has failed stays failed. */
interface Branch {
  readonly level: Level
  readonly lane: Lane
  readonly branches: readonly Branch[]
}

const BELOW: Readonly<Partial<Record<Level, Level>>> = { estate: 'site', site: 'cluster' }

interface Place {
  readonly level: Level
  readonly above?: Lane
  /** Only what belongs to this site. */
  readonly site?: string | undefined
}

function growBranches(
  run: Run,
  domains: readonly Target[],
  { level, above, site }: Place,
): readonly Branch[] {
  const here = domains.filter(
    (target) => target.level === level && (site === undefined || target.site === site),
  )
  return here.map((target) => {
    const lane = createLane(target, { emit: run.emit, above })
    const below = BELOW[level]
    const branches =
      below === undefined ? [] : growBranches(run, domains, { level: below, above: lane, site: target.site })
    return { level, lane, branches }
  })
}

async function runBranch(run: Run, branch: Branch, phases: readonly PlannedPhase[]): Promise<void> {
  const isOwn = ({ per }: PlannedPhase): boolean => per === branch.level || branch.branches.length === 0
  let shared: PlannedPhase[] = []
  const flush = async (): Promise<void> => {
    const chunk = shared
    shared = []
    if (chunk.length > 0) await allEnded(branch.branches.map((below) => runBranch(run, below, chunk)))
  }
  for (const phase of phases) {
    if (!isOwn(phase)) {
      shared.push(phase)
      continue
    }
    await flush()
    const planned = phase.lanes.find(({ name }) => name === branch.lane.name)
    if (planned !== undefined) await runPhase(run, branch.lane, { phase, planned })
  }
  await flush()
}
