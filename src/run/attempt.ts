import type { z } from 'zod'

import type { Change } from '../model/change.ts'
import type { ConnectionUse } from '../model/connections.ts'
import { AbortError, ConfigError, ConnectError, InternalError } from '../model/error.ts'
import type { StepRef } from '../model/event.ts'
import type { Limit, Module, ModuleContext, Task } from '../model/module.ts'
import type { Proof } from '../model/outcome.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { Run } from './run.ts'
import type { TargetRun } from './target-run.ts'

/** One execution of one step against one target. */
export interface Attempt {
  readonly run: Run
  readonly on: TargetRun
  readonly planned: PlannedStep
  readonly task: Task
  /** The params, checked. */
  readonly params: Record<string, unknown>
  /** Ends the work: the run is being aborted, or the step's time is up. */
  readonly signal: AbortSignal
  /** What this step has begun to change, in this attempt or an earlier one; empty before. */
  readonly begun: Change[]
}

/** What came of an attempt that did not fail. */
export interface AttemptResult {
  readonly changes: readonly Change[]
  readonly changed: boolean
  readonly facts: unknown
  readonly proof?: Proof
  /** Check mode cannot tell what this step would do. */
  readonly unpredictable?: boolean
}

/** The step as events name it. */
export function refOf({ id, name, phase }: PlannedStep): StepRef {
  return { step: id, name, phase }
}

/** Checks a task's params at the last moment; a plan has checked those that were known when it was made. */
export function parseParams({ uses, input }: Task): Record<string, unknown> {
  const parsed = uses.params.safeParse(input)
  if (parsed.success) return parsed.data
  throw new ConfigError(`${uses.name} was given params it does not take`, {
    issues: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  })
}

/** Of whom a module notes something: the target; for a step that is done once, the system, whichever target asks first. */
export function notedOf({ run, on, planned, task }: Attempt): string {
  return planned.step.once === true
    ? run.connections.systemOf(task.uses.connection, on.target)
    : on.target.name
}

/** What every function of a module is given, but for its connection. */
export function contextOf(
  attempt: Attempt,
): Omit<ModuleContext<never, Record<string, unknown>>, 'connection'> {
  const { run, on, planned, task, params, signal } = attempt
  const target = on.target.name
  const step = { ...refOf(planned), target }
  return {
    params,
    target,
    signal,
    clock: run.clock,
    progress: (progress) => run.emit({ type: 'step.progressed', ...step, progress }),
    warn: (message) => run.emit({ type: 'step.warned', ...step, message }),
    folder: run.folder,
    failed: domainsOf(run.failed),
    domains: run.whole(task.uses.connection),
    recall: (identity) => run.ledger.recall({ module: task.uses.name, target: notedOf(attempt), identity }),
  }
}

/** The failure domains in which something has failed that no rescue has made up for. */
function domainsOf(failed: ReadonlySet<TargetRun>): readonly string[] {
  const targets = [...failed].flatMap(({ failure, target }) => (failure === undefined ? [] : [target]))
  return [...new Set(targets.map(({ cluster, name }) => cluster ?? name))]
}

/** On whose behalf a client works: when it has to stop, and who is told what it waits for. */
export function useOf({ run, on, planned, signal }: Attempt): ConnectionUse {
  const step = { ...refOf(planned), target: on.target.name }
  return {
    signal,
    waiting: (reason) => run.emit({ type: 'step.waiting', ...step, kind: 'limit', reason }),
    warn: (message) => run.emit({ type: 'step.warned', ...step, message }),
  }
}

/** Does a piece of work within the limits of what it uses, as one of the targets that may be worked on at once. */
export function asFork<T>(
  attempt: Attempt,
  work: () => Promise<T>,
  limits: readonly Limit[] = [],
): Promise<T> {
  const { run, on, planned } = attempt
  const tell = (reason: string): void =>
    run.emit({ type: 'step.waiting', ...refOf(planned), target: on.target.name, kind: 'limit', reason })
  const inTurn = (): Promise<T> =>
    run.limits.within(
      [{ name: 'forks', max: run.forks }],
      async () => {
        stopWhereEnded(attempt)
        return work()
      },
      () => tell(`one of the ${run.forks} targets worked on to finish (--forks)`),
    )
  return run.limits.within(limits, inTurn, ({ name, max }) => tell(`${name}: ${max} at once`))
}

/** Asked again after every wait: nothing new begins in a run that is ending; what has begun is finished and proven. */
function stopWhereEnded({ run, signal, begun }: Attempt): void {
  signal.throwIfAborted()
  if (run.draining.aborted && begun.length === 0) throw new AbortError('interrupted before it was begun')
}

/** Reads the facts. In check mode, a thing that does not exist yet because of a change above has the facts of an absent one. */
export async function readFacts(
  attempt: Attempt,
  module: Module,
): Promise<{ readonly facts: unknown } | undefined> {
  const { run, on } = attempt
  if (module.follows === true && run.check && run.predictions.hasOver(module.connection)) {
    return { facts: module.absent }
  }
  try {
    const facts = await asFork(attempt, async () => {
      const connection = await run.connections.reader(module.connection, on.target, useOf(attempt))
      return module.read({ ...contextOf(attempt), connection })
    })
    await dropNotes(attempt, module, facts)
    return { facts }
  } catch (error) {
    if (!run.check || !(error instanceof ConnectError) || !run.predictions.mayExplain(on.target)) throw error
    return module.absent === undefined ? undefined : { facts: module.absent }
  }
}

/** Takes back the notes that no longer hold, by what was read. Check mode leaves them, as it leaves everything. */
async function dropNotes(attempt: Attempt, module: Module, facts: unknown): Promise<void> {
  const { run } = attempt
  if (run.check) return
  for (const identity of module.refutes?.(facts) ?? []) {
    await run.ledger.takeBack({ module: module.name, target: notedOf(attempt), identity })
  }
}

/** The changes, from a `diff` that must be pure; one that throws is a bug of the module. */
export function diffFacts(module: Module, facts: unknown, params: z.output<z.ZodObject>): readonly Change[] {
  try {
    return module.diff(facts, params)
  } catch (cause) {
    throw new InternalError(`${module.name} cannot compare what it read: ${String(cause)}`, { cause })
  }
}
