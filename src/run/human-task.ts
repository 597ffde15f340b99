import type { Change } from '../model/change.ts'
import { ModuleError } from '../model/error.ts'
import type { Module } from '../model/module.ts'
import type { HumanTask } from '../model/operator.ts'
import { diffFacts, readFacts, refOf, type Attempt, type AttemptResult } from './attempt.ts'
import type { Asking } from './desk.ts'
import { findingsOf } from './findings.ts'
import { writeIntent } from './intent.ts'

/** How often a person may say “done” before the engine believes that it is not. */
const TRIES = 3

/** What a person is asked to do, and the check that tells whether it was done. */
export interface HumanWork {
  readonly module: Module
  readonly request: HumanTask
  /** What is not done yet. */
  readonly changes: readonly Change[]
}

/** Asks a person, then verifies what the person did; fails with the instructions where nobody is there to ask. */
export async function waitForPerson(attempt: Attempt, work: HumanWork): Promise<AttemptResult> {
  const { run, on, signal } = attempt
  const { module, request, changes } = work
  const asking = { target: on.target.name, signal: AbortSignal.any([signal, run.draining]) }
  let left = changes
  await writeIntent(attempt, changes)
  for (let tries = 0; tries < TRIES; tries += 1) {
    const open = left.map(describe)
    if (!(await haveDone(attempt, request, { ...asking, open }))) throw nobodyThere(request, open)
    const read = await readFacts(attempt, module)
    left = diffFacts(module, read?.facts, attempt.params)
    if (left.length === 0) return { changes, changed: true, facts: read?.facts, proof: 'proven' }
  }
  throw findingsOf(module, { changes: left, params: attempt.params })
}

/** Asks the person, and lets whatever can bring it about without one try at the same time: the first to have done it ends both. */
async function haveDone(
  { run, on, planned }: Attempt,
  request: HumanTask,
  asking: Asking & { readonly open: readonly string[] },
): Promise<boolean> {
  const { bring } = request
  if (bring === undefined) return run.desk.perform(request, asking)
  const over = new AbortController()
  const signal = AbortSignal.any([asking.signal, over.signal])
  const tell = (reason: string): void =>
    run.emit({ type: 'step.waiting', ...refOf(planned), target: on.target.name, kind: 'person', reason })
  const tries = [run.desk.perform(request, { ...asking, signal }), bring({ signal, clock: run.clock, tell })]
  try {
    return await firstDone(tries)
  } finally {
    over.abort()
    await Promise.allSettled(tries)
  }
}

/** True as soon as one of them is; false when none of them can be. */
async function firstDone(tries: readonly Promise<boolean>[]): Promise<boolean> {
  const never = new Promise<never>(() => undefined)
  const success = tries.map(async (each) => (await each) || never)
  const end = Promise.all(tries).then((all) => all.includes(true))
  return Promise.race([...success, end])
}

function describe({ path, note }: Change): string {
  return note === undefined ? path : `${path} (${note})`
}

function nobodyThere({ title, instructions }: HumanTask, open: readonly string[]): ModuleError {
  return new ModuleError(`a person has to do this: ${title}. Still open: ${open.join(', ')}`, {
    hint: [...instructions, 'then run the same command again'].join('\n'),
  })
}
