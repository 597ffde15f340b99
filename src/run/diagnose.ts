import { withDeadline } from '../connect/deadline.ts'
import {
  AuthError,
  CommandError,
  ConnectError,
  ModuleError,
  TimeoutError,
  messageOf,
} from '../model/error.ts'
import type { Task } from '../model/module.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import { contextOf, parseParams, refOf, useOf } from './attempt.ts'
import type { Run } from './run.ts'
import type { TargetRun } from './target-run.ts'

/** Seconds of wall time that it may take in all: packing asks every part of a node, and what is packed comes over its line. */
const SECONDS = 1800

/** A step that has failed. */
export interface FailedStep {
  readonly planned: PlannedStep
  readonly task: Task
  readonly error: unknown
}

/**
 * Brings home what the nodes have to say that a step has failed for, once in a run for each, and says in a clause where it is;
 * nothing where there is none. Never throws, so that the first error stays the one that is told.
 */
export async function diagnose(run: Run, on: TargetRun, failed: FailedStep): Promise<string | undefined> {
  const { diagnosis } = run
  if (diagnosis === undefined || run.check || run.folder === undefined || run.draining.aborted)
    return undefined
  const places: string[] = []
  // Packing is work for a node: of those that serve together, one at a time.
  for (const { target, task } of listNodes(run, on, failed)) {
    const known = run.diagnosed.get(target.name) ?? bringHome(run, on, { ...failed, target, task })
    run.diagnosed.set(target.name, known)
    const file = await known
    if (file !== undefined) places.push(`the diagnostics of ${target.name} are in ${file}`)
  }
  return places.join('; ') || undefined
}

interface Patient {
  readonly target: Target
  readonly task: Task<{ readonly file: string }>
}

/** The nodes of this run that a failure is about, as far as asking them can help. */
function listNodes({ diagnosis, targets }: Run, on: TargetRun, failed: FailedStep): readonly Patient[] {
  const { error, task } = failed
  // Who is not reached, or not let in, hears no more from us; what a person has stopped is no fault of a node.
  const isTelling =
    error instanceof CommandError || error instanceof ModuleError || error instanceof TimeoutError
  if (!isTelling || diagnosis === undefined) return []
  const others = error instanceof ModuleError ? error.nodes : []
  const names = on.target.level === 'node' ? [on.target.name] : others
  return names.flatMap((name): readonly Patient[] => {
    // Nodes that the run is not limited to are nobody's to be asked to pack something.
    const target = targets.get(name)
    if (target === undefined || !('node' in target.scope)) return []
    const asking = diagnosis(target.scope)
    const isOurs = others.includes(name) || asking.uses.connection === task.uses.connection
    return isOurs ? [{ target, task: asking }] : []
  })
}

async function bringHome(
  run: Run,
  on: TargetRun,
  { planned, target, task, error: failure }: Patient & Pick<FailedStep, 'planned' | 'error'>,
): Promise<string | undefined> {
  const step = { ...refOf(planned), target: on.target.name }
  const { uses } = task
  const reason = `the diagnostics of ${target.name} to be fetched, after this failure: ${messageOf(failure)}`
  run.emit({ type: 'step.waiting', ...step, kind: 'diagnosis', reason })
  const late = (): TimeoutError => new TimeoutError(`they were not fetched in ${SECONDS / 60} minutes`)
  try {
    if (uses.kind !== 'action') throw new TypeError(`${uses.name} is no action`)
    const params = parseParams(task)
    const work = async (signal: AbortSignal): Promise<string> => {
      const attempt = { run, on, planned, task, params, signal, begun: [] }
      const connection = await run.connections.writer(uses.connection, target, useOf(attempt))
      const { file } = await uses.run({ ...contextOf(attempt), target: target.name, connection })
      return file
    }
    return await run.limits.within([{ name: 'forks', max: run.forks }], () =>
      withDeadline(work, { signal: run.draining, seconds: SECONDS, late }),
    )
  } catch (error) {
    // One that is not reached any more has told so already, or the next step will.
    if (run.draining.aborted || error instanceof ConnectError || error instanceof AuthError) return undefined
    const message = `the diagnostics of ${target.name} could not be fetched: ${messageOf(error)}`
    run.emit({ type: 'step.warned', ...step, message })
    return undefined
  }
}
