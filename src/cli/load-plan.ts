import { join } from 'node:path'

import { loadInventory, type LoadedInventory } from '../load/load-inventory.ts'
import { loadRunbook, type LoadedRunbook } from '../load/load-runbook.ts'
import { renderPath } from '../load/place.ts'
import type { Project } from '../load/project.ts'
import { readText } from '../load/read-text.ts'
import { ConfigError, UsageError } from '../model/error.ts'
import type { Plan, Selection } from '../model/plan.ts'
import { listPatternFiles } from '../plan/parse-pattern.ts'
import { planRun } from '../plan/plan-run.ts'
import type { InventoryOptions } from './invocation.ts'

/** Everything that is known before anything is touched. */
export interface LoadedPlan {
  readonly plan: Plan
  readonly runbook: LoadedRunbook
  readonly inventory: LoadedInventory
}

/** Loads the inventory that a command line names; the lab's own where it names none. */
export function loadNamedInventory(
  { inventories, set, lab }: InventoryOptions,
  project: Project,
): Promise<LoadedInventory> {
  const paths = inventories.length > 0 ? inventories : [join(project.root, 'inventory', 'lab.ts')]
  return loadInventory(paths, { project, lab, set })
}

/** Loads runbook and inventory side by side, and plans. Throws for everything that is wrong with either. */
export async function loadPlan(
  invocation: InventoryOptions & { readonly runbook: string; readonly selection: Selection },
  project: Project,
): Promise<LoadedPlan> {
  const [runbook, inventory, limitFiles] = await Promise.all([
    loadRunbook(invocation.runbook, project),
    loadNamedInventory(invocation, project),
    readLimitFiles(invocation.selection.limit),
  ])
  const { estate } = inventory
  const file = renderPath(runbook.file)
  const name = inventory.named.map(renderPath).join(', ')
  const { selection } = invocation
  const plan = planRun({ runbook: runbook.runbook, file, estate, inventory: name, selection, limitFiles })
  return { plan, runbook, inventory }
}

/** The files that a limit names by `@file`, read. */
export async function readLimitFiles(limit: string | undefined): Promise<ReadonlyMap<string, string>> {
  const paths = limit === undefined ? [] : listPatternFiles(limit)
  const entries = await Promise.all(
    paths.map(async (path): Promise<[string, string]> => [
      path,
      await readText(path).catch((cause: unknown) => {
        if (!(cause instanceof ConfigError)) throw cause
        throw new UsageError(`--limit @${path}: ${cause.message}`, {
          hint: cause.hint ?? 'the file has a target or pattern a line',
          cause,
        })
      }),
    ]),
  )
  return new Map(entries)
}
