import { InternalError } from '../model/error.ts'
import type { Health } from '../model/runbook.ts'
import type { Standing } from '../model/standing.ts'
import { parseParams } from './attempt.ts'
import type { Lane } from './lane.ts'
import type { Run } from './run.ts'

/** What the engine remembers of a node that it has interrupted and not seen healthy since; no handler is owed by such a name. */
export const INTERRUPTED = 'interrupted'

/** Reads how all members of a cluster stand; forgets of those that are healthy that they were interrupted. Changes no system. */
export async function readStandings(
  run: Run,
  lane: Lane,
  { health, signal }: { readonly health: Health; readonly signal: AbortSignal },
): Promise<readonly Standing[]> {
  const { target } = lane.self()
  // A plan has made sure of both.
  if (!('cluster' in target.scope)) throw new InternalError(`${target.name} is no cluster`)
  const task = health.task(target.scope)
  const { uses } = task
  if (uses.kind !== 'module') throw new InternalError(`${uses.name} tells no standings: it is an action`)
  const params = parseParams(task)
  const standings = await run.limits.within([{ name: 'forks', max: run.forks }], async () => {
    signal.throwIfAborted()
    const connection = await run.connections.reader(uses.connection, target, { signal })
    return uses.read({
      connection,
      params,
      target: target.name,
      signal,
      clock: run.clock,
      progress: () => undefined,
      warn: () => undefined,
      folder: run.folder,
      recall: (identity) => run.ledger.recall({ module: uses.name, target: target.name, identity }),
    })
  })
  for (const { node, state } of standings) {
    if (state === 'healthy' && isInterrupted(run, node)) await run.ledger.settle(node, INTERRUPTED)
  }
  return standings
}

/** Whether a node was interrupted, in this run or an earlier one, and has not been healthy since. */
export function isInterrupted(run: Run, node: string): boolean {
  return run.ledger.owes(node).includes(INTERRUPTED)
}
