import { UsageError } from '../../model/error.ts'
import { nearestName } from '../../model/nearest.ts'
import type { Target } from '../../model/target.ts'
import { listTargets } from '../../plan/list-targets.ts'
import { selectTargets } from '../../plan/select-targets.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import type { InventoryInvocation } from '../invocation.ts'
import { loadNamedInventory, readLimitFiles } from '../load-plan.ts'
import { renderGraph } from '../render/graph.ts'
import { renderVariables } from '../render/variables.ts'
import { describeTerminal } from '../terminal.ts'

/** Prints an inventory that has passed every check: its tree, or the variables of one target. Touches no system. */
export async function showInventory(invocation: InventoryInvocation): Promise<ExitCode> {
  const project = findProject(process.cwd())
  const { estate } = await loadNamedInventory(invocation, project)
  const all = listTargets(estate)
  const { limit, view } = invocation
  const files = await readLimitFiles(limit)
  const selected = selectTargets(all, { estate, limit, files })
  const lines =
    view.kind === 'target'
      ? renderVariables(findTarget(view.name, selected))
      : renderGraph(withParents(selected, all), describeTerminal(process.stdout))
  console.log(lines.join('\n'))
  return 0
}

function findTarget(name: string, targets: readonly Target[]): Target {
  const target = targets.find((one) => one.name === name)
  if (target !== undefined) return target
  const nearest = nearestName(
    name,
    targets.map((one) => one.name),
  )
  throw new UsageError(`there is no target “${name}”`, {
    hint: nearest === undefined ? '`runbook inventory` shows them all' : `did you mean “${nearest}”?`,
  })
}

/** A tree needs the clusters and sites above the nodes, also where a limit leaves them out. */
function withParents(selected: readonly Target[], all: readonly Target[]): readonly Target[] {
  const names = new Set(selected.flatMap(({ name, cluster, site }) => [name, cluster, site]))
  return all.filter(({ name, level }) => level === 'estate' || names.has(name))
}
