import { AbortError, ModuleError, StateError } from '../model/error.ts'
import type { Results } from '../model/handle.ts'
import type { Task } from '../model/module.ts'
import type { Outcome, SkipReason } from '../model/outcome.ts'
import type { PlannedStep } from '../model/plan.ts'
import { parseParams, refOf, type AttemptResult } from './attempt.ts'
import { finishStep, skipStep } from './finish-step.ts'
import { retry } from './retry.ts'
import type { Run } from './run.ts'
import { resultsOf, type TargetRun } from './target-run.ts'
import { fingerprint } from './twins.ts'

/** Brings one step to its one outcome for one target. Never throws for what happens to the target. */
export async function runStep(run: Run, on: TargetRun, planned: PlannedStep): Promise<Outcome> {
  const reason = whyNot(run, on, planned)
  if (reason !== undefined) return skipStep(run, on, { planned, reason })

  const target = on.target.name
  const started = run.clock.now()
  let task: Task | undefined
  try {
    const unwanted = run.step ? await whyUnwanted(run, on, planned) : undefined
    if (unwanted !== undefined) return skipStep(run, on, { planned, reason: unwanted })
    run.emit({ type: 'step.started', ...refOf(planned), target })
    task = workOutTask(on, planned)
    if (task === undefined) return await finishStep(run, on, { planned, started, result: UNFORESEEN })
    const { result, leader } = await shareOrRun(run, on, { planned, task })
    const sharedWith = leader === target ? undefined : leader
    return await finishStep(run, on, { planned, started, result, sharedWith })
  } catch (thrown) {
    const error = causeOf(run, thrown)
    // What was interrupted before it began to change anything has not failed.
    const isUntouched = run.draining.aborted && error instanceof AbortError && on.begun !== planned.id
    if (isUntouched) return skipStep(run, on, { planned, reason: 'interrupted' })
    return finishStep(run, on, { planned, started, task, error })
  }
}

function whyNot(run: Run, on: TargetRun, { applies }: PlannedStep): SkipReason | undefined {
  if (on.halted !== undefined) return on.halted
  if (run.draining.aborted) return 'interrupted'
  return applies.has(on.target.name) ? undefined : 'condition'
}

async function whyUnwanted(run: Run, on: TargetRun, { name }: PlannedStep): Promise<SkipReason | undefined> {
  const target = on.target.name
  try {
    const asking = { target, signal: run.draining, topic: 'step' } as const
    const answer = await run.desk.confirm(`(${target}) ${name}?`, asking)
    if (answer === 'nobody') {
      throw new ModuleError('nobody is there to say whether it is to run', {
        hint: 'leave out --step, or run it at a terminal',
      })
    }
    return answer === 'no' ? 'declined' : undefined
  } catch (error) {
    if (run.draining.aborted) return 'interrupted'
    throw error
  }
}

const UNFORESEEN: AttemptResult = { changes: [], changed: false, facts: undefined, unpredictable: true }

/** The task, from what earlier steps found out; nothing where check mode cannot know what they will. */
function workOutTask(on: TargetRun, { step }: PlannedStep): Task | undefined {
  const read = resultsOf(on)
  let isForeseen = true
  const results: Results = (from) => {
    if (on.unforeseen.has(from)) isForeseen = false
    return read(from)
  }
  try {
    return step.task(on.target.scope, results)
  } catch (error) {
    if (!isForeseen) return undefined
    throw error
  }
}

/** An abort that the user asked for is reported as that, whatever the code that noticed it threw. */
function causeOf(run: Run, error: unknown): unknown {
  if (!run.draining.aborted || error instanceof AbortError || error instanceof StateError) return error
  const isAbort = error === run.draining.reason || (error instanceof Error && error.name === 'AbortError')
  return isAbort || run.aborting.aborted
    ? new AbortError('interrupted before it was finished', { cause: error })
    : error
}

interface Work {
  readonly planned: PlannedStep
  readonly task: Task
}

/** With `once`, equal work is done by the first target that asks, and shared. */
async function shareOrRun(
  run: Run,
  on: TargetRun,
  { planned, task }: Work,
): Promise<{ readonly result: AttemptResult; readonly leader: string }> {
  const params = parseParams(task)
  const target = on.target.name
  const work = (): Promise<AttemptResult> => retry(run, on, { planned, task, params })
  if (planned.step.once !== true) return { result: await work(), leader: target }

  const system = run.connections.systemOf(task.uses.connection, on.target)
  const key = `${planned.id} ${task.uses.name} ${system} ${fingerprint(params)}`
  const { leader, result } = run.twins.share(key, { target, work })
  if (leader !== target) {
    const reason = `${leader}, which does the same`
    run.emit({ type: 'step.waiting', ...refOf(planned), target, kind: 'twin', reason })
  }
  return { result: await result, leader }
}
