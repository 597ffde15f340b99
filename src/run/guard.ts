import { AbortError, InternalError, ModuleError, messageOf } from '../model/error.ts'
import type { PlannedPhase } from '../model/plan.ts'
import type { Health } from '../model/runbook.ts'
import type { Standing } from '../model/standing.ts'
import { refOf } from './attempt.ts'
import { holdSteady } from './hold-steady.ts'
import type { Guard, Interruption } from './interruption.ts'
import { isFinal } from './is-final.ts'
import type { Lane } from './lane.ts'
import { INTERRUPTED, isInterrupted, readStandings } from './read-standings.ts'
import type { Run } from './run.ts'
import { createTurn } from './turn.ts'

/** What a guard watches over. */
export interface Guarded {
  readonly lane: Lane
  readonly phase: PlannedPhase
  readonly health: Health
}

/** Makes the guard of one cluster in one phase. */
export function createGuard(run: Run, { lane, phase, health }: Guarded): Guard {
  const turn = createTurn()

  async function admit({ node, planned, what, ...interruption }: Interruption): Promise<void> {
    const signal = AbortSignal.any([interruption.signal, run.draining])
    const tell = (kind: 'turn' | 'hold' | 'health', reason: string): void =>
      run.emit({ type: 'step.waiting', ...refOf(planned), target: node, kind, reason })
    const holder = turn.holder()
    if (holder !== undefined && holder !== node) tell('turn', `${holder}, which may be interrupted first`)
    await turn.take(node, signal)
    // The cluster may have been stopped while this one waited.
    if (lane.whyStopped() !== undefined)
      throw new AbortError(`${node} is left alone: ${lane.name} was stopped`)
    try {
      await untilSafe({ node, signal, tell })
    } catch (error) {
      if (signal.aborted || error instanceof InternalError) throw error
      throw refuse(error, { node, what })
    }
    await run.ledger.owe(node, INTERRUPTED)
  }

  /** Waits for nodes that were interrupted; whatever else is wrong with the cluster is for a person to mend. */
  async function untilSafe({ node, signal, tell }: Waiting): Promise<void> {
    const read = (): Promise<readonly Standing[]> => readStandings(run, lane, { health, signal })
    const members = await read()
    if (members.some((one) => one.node === node && one.state === 'idle')) return
    const { hold, within } = health
    const deadline = run.clock.now() + within * 1000
    const look = async (): Promise<void> => refuseUnsafe(await read(), node)
    const pause = (good: number): Promise<void> => {
      tell('hold', `the others to stay healthy (${good} of ${hold.samples} looks)`)
      return run.clock.sleep(hold.every * 1000, { signal })
    }
    for (;;) {
      try {
        return await holdSteady(hold, { look, pause })
      } catch (error) {
        const isComing = members.some((one) => one.node !== node && isInterrupted(run, one.node))
        if (isFinal(error) || !isComing || run.clock.now() >= deadline) throw error
        tell('health', messageOf(error))
        await run.clock.sleep(hold.every * 1000, { signal })
      }
    }
  }

  /** Stops the cluster: what it lacks concerns all its nodes. */
  function refuse(
    cause: unknown,
    { node, what }: { readonly node: string; readonly what: string },
  ): AbortError {
    const message = `${node} is not interrupted (${what}): ${messageOf(cause)}`
    lane.stop(phase, message)
    return new AbortError(message, {
      cause,
      hint: 'mend that first, then run the same command again; a node whose service is stopped serves nobody, and is worked on in any case',
    })
  }

  return { admit, leave: (node) => turn.leave(node) }
}

interface Waiting {
  readonly node: string
  readonly signal: AbortSignal
  tell(this: void, kind: 'hold' | 'health', reason: string): void
}

/** Throws, and says who is not well and why, where the cluster has to keep this node. */
function refuseUnsafe(standings: readonly Standing[], node: string): void {
  const unwell = standings.filter((one) => one.node !== node && one.state !== 'healthy')
  if (unwell.length === 0) return
  const said = unwell.map((one) => `${one.node} is not healthy (${one.why.join('; ') || one.state})`)
  throw new ModuleError(said.join(', '))
}
