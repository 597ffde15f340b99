import { z } from 'zod'

import { AuthError, ConnectError, ModuleError } from '../../src/model/error.ts'
import type { Event, Unstamped } from '../../src/model/event.ts'
import type { Estate } from '../../src/model/inventory.ts'
import type { HumanTask, Operator } from '../../src/model/operator.ts'
import type { Recap } from '../../src/model/outcome.ts'
import type { Selection } from '../../src/model/plan.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { executePlan, type Execution } from '../../src/run/execute-plan.ts'
import { noJournal } from '../../src/run/journal.ts'
import { emptyLedger, openLedger } from '../../src/run/ledger.ts'
import { defineAction, defineModule, defineRunbook, defineSchema, type RunbookSpec } from '../../src/sdk.ts'

/** Levels with hardly any variables: engine tests need the tree, not what is in it. */
export const plain = defineSchema({
  name: 'plain',
  levels: {
    estate: z.strictObject({}),
    site: z.strictObject({}),
    cluster: z.strictObject({}),
    node: z.strictObject({ color: z.string().default('grey') }),
  },
  rules: [],
  endpoints: () => ({}),
  lab: () => ({ vcenters: [], tenants: [], subnets: [], downloads: [] }),
})

/** An estate with one site a line: `{ fra: { 'fra-1': ['a', 'b'] } }`. */
export function estateOf(sites: Record<string, Record<string, readonly string[]>>): Estate {
  return {
    name: 'estate',
    sites: Object.entries(sites).map(([name, clusters]) => ({
      name,
      clusters: Object.entries(clusters).map(([cluster, nodes]) => ({
        name: cluster,
        nodes: nodes.map((node) => ({ name: node, color: 'grey' })),
      })),
    })),
  }
}

/** A world of named values that modules read and write; faults are set by name. */
export interface SmallWorld {
  readonly values: Map<string, string>
  /** Every effect, in order: `key=value`. */
  readonly writes: string[]
  readonly reads: string[]
  /** What goes wrong with a key: consumed one by one, the last one stays. */
  readonly faults: Map<string, Fault[]>
}

export type Fault = 'none' | 'fail' | 'unreachable' | 'refused-on-the-way' | 'does-not-take' | 'fail-read'

export function createWorld(): SmallWorld & {
  readonly value: ReturnType<typeof valueModule>
  readonly poke: ReturnType<typeof pokeAction>
} {
  const world: SmallWorld = { values: new Map(), writes: [], reads: [], faults: new Map() }
  return { ...world, value: valueModule(world), poke: pokeAction(world) }
}

function takeFault({ faults }: SmallWorld, key: string): Fault {
  const list = faults.get(key) ?? []
  return (list.length > 1 ? list.shift() : list[0]) ?? 'none'
}

function valueModule(world: SmallWorld) {
  return defineModule({
    name: 'test/value',
    summary: 'A named value.',
    connection: 'none',
    params: z.strictObject({ key: z.string(), value: z.string() }),
    async read({ params, signal }) {
      signal.throwIfAborted()
      world.reads.push(params.key)
      const fault = takeFault(world, `read ${params.key}`)
      if (fault === 'unreachable') throw new ConnectError('timeout', `${params.key} does not answer`)
      if (fault === 'refused-on-the-way') {
        const cause = new AuthError('the jump host refused the password')
        throw new ConnectError('closed', `${params.key} cannot be reached: ${cause.message}`, { cause })
      }
      if (fault === 'fail-read') throw new ModuleError(`${params.key} cannot be read`)
      return { value: world.values.get(params.key) ?? null }
    },
    diff: ({ value }, wanted) =>
      value === wanted.value ? [] : [{ path: 'value', from: value, to: wanted.value }],
    async apply({ params }) {
      const fault = takeFault(world, params.key)
      if (fault === 'fail') throw new ModuleError(`${params.key} refused`)
      if (fault === 'unreachable') throw new ConnectError('reset', `${params.key} was lost`)
      world.writes.push(`${params.key}=${params.value}`)
      if (fault !== 'does-not-take') world.values.set(params.key, params.value)
    },
  })
}

function pokeAction(world: SmallWorld) {
  return defineAction({
    name: 'test/poke',
    summary: 'Pokes.',
    connection: 'none',
    params: z.strictObject({ key: z.string() }),
    changes: 'always',
    async run({ params }) {
      if (takeFault(world, params.key) === 'fail') throw new ModuleError(`${params.key} refused`)
      world.writes.push(`poke ${params.key}`)
    },
  })
}

/** What a test may say about how a small run is to go. */
export interface SmallRun extends Partial<
  Pick<
    Execution,
    | 'check'
    | 'step'
    | 'yes'
    | 'forks'
    | 'folder'
    | 'journal'
    | 'ledger'
    | 'draining'
    | 'aborting'
    | 'operator'
    | 'connections'
  >
> {
  readonly estate?: Estate
  readonly selection?: Selection
  readonly diagnosis?: RunbookSpec<(typeof plain)['levels']>['diagnosis']
  /** Sees each event as it happens. */
  readonly onEvent?: (event: Unstamped) => void
}

export type SmallPhases = RunbookSpec<(typeof plain)['levels']>['phases']

/** Nobody at the keyboard. */
export const nobody: Operator = {
  isAsked: false,
  perform: () => Promise.resolve(false),
  confirm: () => Promise.resolve('nobody'),
}

/** Somebody who does what is asked by a function. */
export function somebody(does: (task: HumanTask) => void): Operator {
  return {
    isAsked: true,
    perform: (task) => {
      does(task)
      return Promise.resolve(true)
    },
    confirm: () => Promise.resolve('yes'),
  }
}

/** Plans and runs phases against a small estate; time passes by itself. */
export async function runSmall(
  phases: SmallPhases,
  {
    estate = estateOf({ fra: { 'fra-1': ['a', 'b'] } }),
    selection = {},
    diagnosis,
    onEvent,
    ...rest
  }: SmallRun = {},
): Promise<{ readonly events: readonly Unstamped[]; readonly recap: Recap; readonly pairs: number }> {
  const runbook = defineRunbook(plain, {
    name: 'small',
    summary: 'A small runbook.',
    phases,
    ...(diagnosis === undefined ? {} : { diagnosis }),
  })
  const plan = planRun({ runbook, file: 'small.ts', inventory: 'test', estate, selection })
  const events: Unstamped[] = []
  let now = 0
  const recap = await executePlan(plan, {
    id: 'r1',
    check: false,
    step: false,
    yes: false,
    forks: 10,
    operator: nobody,
    journal: noJournal,
    ledger: openLedger({ value: emptyLedger(), save: () => Promise.resolve() }),
    draining: new AbortController().signal,
    aborting: new AbortController().signal,
    connections: {
      systemOf: () => 'world',
      forget: () => Promise.resolve(),
      reader: () => Promise.resolve(undefined),
      writer: () => Promise.resolve(undefined),
      leftovers: () => [],
      close: () => Promise.resolve(),
    },
    clock: {
      now: () => now,
      sleep: (ms, { signal } = {}) => {
        // Time-outs listen to a signal and must not fire by themselves; every other wait is over at once.
        if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
        now += ms
        return Promise.resolve()
      },
    },
    emit: (event) => {
      events.push(event)
      onEvent?.(event)
    },
    ...rest,
  })
  return { events, recap, pairs: plan.pairs }
}

/** The outcomes of a run, as `step target outcome`. */
export function outcomesOf(events: readonly Unstamped[]): readonly string[] {
  return events
    .filter((event): event is Extract<Event, { type: 'step.finished' }> => event.type === 'step.finished')
    .map(({ name, target, outcome, reason }) => [name, target, outcome, reason].filter(Boolean).join(' '))
}
