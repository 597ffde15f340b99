import type { Change } from '../model/change.ts'
import { ConnectError, InternalError, ModuleError } from '../model/error.ts'
import type { Module, NoReadBack } from '../model/module.ts'
import {
  asFork,
  contextOf,
  diffFacts,
  notedOf,
  readFacts,
  refOf,
  useOf,
  type Attempt,
  type AttemptResult,
} from './attempt.ts'
import { allowDisruption, foretellDisruption } from './disruption.ts'
import { findingsOf } from './findings.ts'
import { waitForPerson } from './human-task.ts'
import { beginChange } from './intent.ts'

/**
 * Makes the world as the module wants it, and proves it: read → diff → (check mode stops here) → apply → read again →
 * diff must be empty.
 */
export async function converge(attempt: Attempt, module: Module): Promise<AttemptResult> {
  const { run, params } = attempt
  const read = await readFacts(attempt, module)
  if (read === undefined) return { changes: [], changed: false, facts: undefined, unpredictable: true }

  const { facts } = read
  const changes = isRecorded(attempt, module, facts) ? [] : diffFacts(module, facts, params)
  if (changes.length === 0) return { changes, changed: false, facts }
  if (module.apply === undefined) return refuseOrWait(attempt, module, { facts, changes })

  tellChanges(attempt, changes)
  const interrupted = module.disruptive?.(changes, params, facts)
  if (run.check) {
    foretellDisruption(attempt, interrupted)
    return predict(attempt, { facts, changes })
  }

  await allowDisruption(attempt, interrupted)
  await applyChanges(attempt, module, { facts, changes })
  if (module.readBack !== undefined) return record(attempt, module, { changes, readBack: module.readBack })
  return { changes, changed: true, facts: await proveEffect(attempt, module), proof: 'proven' }
}

interface Found {
  readonly facts: unknown
  readonly changes: readonly Change[]
}

function tellChanges({ run, on, planned }: Attempt, changes: readonly Change[]): void {
  run.emit({ type: 'step.diffed', ...refOf(planned), target: on.target.name, changes })
}

function predict({ run, on, task }: Attempt, { facts, changes }: Found): AttemptResult {
  run.predictions.add(on.target, task.uses.connection)
  return { changes, changed: true, facts, proof: 'predicted' }
}

async function applyChanges(attempt: Attempt, module: Module, { facts, changes }: Found): Promise<void> {
  const { run, on, params, begun } = attempt
  const apply = async (): Promise<void> => {
    const connection = await run.connections.writer(module.connection, on.target, useOf(attempt))
    await beginChange(attempt, changes)
    await forget(attempt, module, facts)
    if (begun.length === 0) begun.push(...changes)
    if (module.creates?.(changes) === true) await run.connections.forget(on.target)
    const remember = (identity: string, note: string): Promise<void> =>
      run.ledger.remember({ module: module.name, target: notedOf(attempt), identity }, note)
    await module.apply?.({ ...contextOf(attempt), connection, facts, changes, remember })
  }
  await asFork(attempt, apply, module.limits?.(params))
}

/** Reads again until nothing differs any more, for as long as the module's effect may take to show. */
async function proveEffect(attempt: Attempt, module: Module): Promise<unknown> {
  const { run, on, planned, signal } = attempt
  const { within, every } = module.settle ?? { within: 0, every: 0 }
  const deadline = run.clock.now() + within * 1000
  for (;;) {
    const left = await readAgain(attempt, module, { tolerant: within > 0 && run.clock.now() < deadline })
    if (left !== undefined && left.changes.length === 0) return left.facts
    if (run.clock.now() >= deadline) throw notTaken(module, left?.changes ?? [])
    const reason = left === undefined ? 'it to answer again' : `${pathsOf(left.changes)} to take effect`
    run.emit({ type: 'step.waiting', ...refOf(planned), target: on.target.name, kind: 'settle', reason })
    await run.clock.sleep(every * 1000, { signal: AbortSignal.any([signal, run.draining]) })
  }
}

/** What still differs; `undefined` where the system does not answer yet and may be given time. */
async function readAgain(
  attempt: Attempt,
  module: Module,
  { tolerant }: { readonly tolerant: boolean },
): Promise<Found | undefined> {
  try {
    const read = await readFacts(attempt, module)
    if (read === undefined) throw new InternalError(`${module.name} could not be read after it was applied`)
    return { facts: read.facts, changes: diffFacts(module, read.facts, attempt.params) }
  } catch (error) {
    if (tolerant && error instanceof ConnectError) return undefined
    throw error
  }
}

function notTaken(module: Module, left: readonly Change[]): ModuleError {
  const what = left.map(
    ({ path, from, to }) => `${path} is ${JSON.stringify(from)}, not ${JSON.stringify(to)}`,
  )
  return new ModuleError(`applied, but it did not take: ${what.join('; ') || 'it no longer answers'}`, {
    hint: `something else may be setting it back; ${module.name} read it again after applying`,
  })
}

const pathsOf = (changes: readonly Change[]): string => changes.map(({ path }) => path).join(', ')

/** Whether the engine's own ledger says that exactly this was applied to exactly this thing. */
function isRecorded({ run, on, params }: Attempt, { name, readBack }: Module, facts: unknown): boolean {
  if (readBack === undefined) return false
  return run.ledger.holds({
    module: name,
    target: on.target.name,
    identity: readBack.identity(facts),
    params,
  })
}

/** What was applied before is no longer what the thing has, from the moment on that something else is being applied. */
async function forget({ run, on }: Attempt, { name, readBack }: Module, facts: unknown): Promise<void> {
  if (readBack === undefined) return
  await run.ledger.forget({ module: name, target: on.target.name, identity: readBack.identity(facts) })
}

async function record(
  attempt: Attempt,
  module: Module,
  { changes, readBack }: { readonly changes: readonly Change[]; readonly readBack: NoReadBack<unknown> },
): Promise<AttemptResult> {
  const { run, on, params } = attempt
  // The identity may have come into being with the apply: a fresh key, a new UUID.
  const read = await readFacts(attempt, module)
  const identity = readBack.identity(read?.facts)
  await run.ledger.keep({ module: module.name, target: on.target.name, identity, params })
  return { changes, changed: true, facts: read?.facts, proof: 'recorded' }
}

/** A check that found something: a person may mend it, a predicted change may explain it, or the step has failed. */
async function refuseOrWait(attempt: Attempt, module: Module, found: Found): Promise<AttemptResult> {
  const { run, planned } = attempt
  const human = planned.step.confirm
  if (human !== undefined) {
    tellChanges(attempt, found.changes)
    if (run.check) return predict(attempt, found)
    return waitForPerson(attempt, { module, request: human(attempt.on.target.scope), changes: found.changes })
  }
  if (run.check && run.predictions.mayExplain(attempt.on.target))
    return { changes: [], changed: false, facts: found.facts, unpredictable: true }
  throw findingsOf(module, { changes: found.changes, params: attempt.params })
}
