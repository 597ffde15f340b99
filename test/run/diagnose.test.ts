import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { AuthError, CommandError, ConnectError, InternalError } from '../../src/model/error.ts'
import type { ReportedError, Unstamped } from '../../src/model/event.ts'
import { defineAction, defineModule, type Task } from '../../src/sdk.ts'
import {
  createWorld,
  estateOf,
  nobody,
  outcomesOf,
  runSmall,
  type SmallPhases,
  type SmallRun,
} from '../support/small-world.ts'

const world = createWorld()

/** What is asked of nodes, in order; it fails as it is told to. */
function createDiagnosis(fail?: () => Error) {
  const asked: string[] = []
  const action = defineAction({
    name: 'test/diagnostics',
    summary: 'What a node says is in a file.',
    connection: 'appliance',
    params: z.strictObject({}),
    changes: 'always',
    async run({ target, folder }) {
      asked.push(target)
      await Promise.resolve()
      if (fail !== undefined) throw fail()
      return { file: `${folder}/${target}.tgz` }
    },
  })
  return { asked, diagnosis: () => action({}) }
}

/** A check of a node that fails. */
const failing = (fail: () => Error, connection: 'appliance' | 'vsphere' = 'appliance') =>
  defineModule({
    name: 'test/failing',
    summary: 'It fails.',
    connection,
    params: z.strictObject({}),
    async read() {
      await Promise.resolve()
      throw fail()
    },
    diff: () => [],
  })({})

/** A check over all nodes of a cluster that finds something about some of them. */
const finding = (...nodes: readonly string[]) =>
  defineModule({
    name: 'test/finding',
    summary: 'All are well.',
    connection: 'members',
    params: z.strictObject({}),
    read: () => Promise.resolve(undefined),
    diff: () => nodes.map((node) => ({ path: node, from: 'sick', to: 'well', nodes: [node] })),
  })({})

const no = (): Error => new CommandError('it said no', { hint: 'look' })

const phases =
  (task: () => Task): SmallPhases =>
  (kit) => [perNode(task)(kit)]

function perNode(task: () => Task) {
  return ({ phase }: Parameters<SmallPhases>[0]) =>
    phase({ name: 'First', per: 'node', steps: ({ step }) => [step('It works', task)] })
}

const perCluster =
  (task: () => Task): SmallPhases =>
  ({ phase }) => [
    phase({
      name: 'Set',
      per: 'node',
      steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
    }),
    phase({ name: 'Test', per: 'cluster', steps: ({ step }) => [step('All are well', task)] }),
  ]

const errorsOf = (events: readonly Unstamped[]): readonly ReportedError[] =>
  events.flatMap((event) =>
    event.type === 'step.finished' && event.error !== undefined ? [event.error] : [],
  )

const run = (what: SmallPhases, rest: SmallRun) => runSmall(what, { folder: '/runs/1', ...rest })

describe('the diagnostics of a node', () => {
  it('are fetched where a step of it has failed, and the error says where they are', async () => {
    const { asked, diagnosis } = createDiagnosis()
    const { events, recap, pairs } = await run(
      phases(() => failing(no)),
      { diagnosis },
    )
    expect(errorsOf(events)).toMatchObject([
      { message: 'it said no', hint: 'look; the diagnostics of a are in /runs/1/a.tgz' },
      { message: 'it said no', hint: 'look; the diagnostics of b are in /runs/1/b.tgz' },
    ])
    expect(asked.toSorted()).toEqual(['a', 'b'])
    // What has failed is told before that, for it may take long.
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.waiting',
        kind: 'diagnosis',
        reason: 'the diagnostics of a to be fetched, after this failure: it said no',
      }),
    )
    // No step more than there is: what failed is what is counted.
    expect([outcomesOf(events), pairs, recap.exitCode]).toEqual([
      ['It works a failed', 'It works b failed'],
      2,
      2,
    ])
  })

  it('are those of the nodes that a check of their cluster is about, as far as the run is limited to them', async () => {
    const { asked, diagnosis } = createDiagnosis()
    const estate = estateOf({ fra: { 'fra-1': ['a', 'b', 'c'] } })
    const { events } = await run(
      perCluster(() => finding('b', 'c')),
      { diagnosis, estate },
    )
    expect(asked).toEqual(['b', 'c'])
    expect(errorsOf(events)[0]?.hint).toMatch(
      /the diagnostics of b are in \/runs\/1\/b.tgz; the diagnostics of c are in/,
    )
    const gate: SmallPhases = ({ phase }) => [
      phase({
        name: 'Set',
        per: 'node',
        rolling: { batch: 1 },
        gate: ({ step }) => [step('All are well', () => finding('b', 'c'))],
        steps: ({ step }) => [step('It is set', ({ node }) => world.poke({ key: node.name }))],
      }),
    ]
    const limited = createDiagnosis()
    await run(gate, { diagnosis: limited.diagnosis, estate, selection: { limit: 'a:b' } })
    expect(limited.asked).toEqual(['b'])
  })

  it('are fetched once in a run', async () => {
    const { asked, diagnosis } = createDiagnosis()
    const twice: SmallPhases = ({ phase }) => [
      phase({
        name: 'First',
        per: 'node',
        steps: ({ step, block }) => [
          block('Both', {
            steps: [step('It works', () => failing(no))],
            rescue: [step('It is mended', () => failing(no))],
          }),
        ],
      }),
    ]
    const { events } = await run(twice, { diagnosis, selection: { limit: 'a' } })
    expect(asked).toEqual(['a'])
    expect(errorsOf(events).map(({ hint }) => hint)).toEqual(
      Array(2).fill('look; the diagnostics of a are in /runs/1/a.tgz'),
    )
  })

  it.each([
    ['it was not reached', () => new ConnectError('timeout', 'gone')],
    ['it let nobody in', () => new AuthError('no')],
    ['the fault is ours', () => new InternalError('oh')],
  ])('are left where %s', async (_why, error) => {
    const { asked, diagnosis } = createDiagnosis()
    await run(
      phases(() => failing(error)),
      { diagnosis },
    )
    expect(asked).toEqual([])
  })

  it.each([
    ['the step asks another system', () => failing(no, 'vsphere'), {}],
    ['mode is check', () => failing(no), { check: true }],
    ['the run has no folder', () => failing(no), { folder: undefined }],
    [
      'the run is being interrupted',
      () => failing(no),
      { draining: AbortSignal.abort('SIGINT'), operator: nobody },
    ],
  ] satisfies [string, () => Task, SmallRun | { folder: undefined }][])(
    'are left where %s',
    async (_why, task, rest) => {
      const { asked, diagnosis } = createDiagnosis()
      await run(phases(task), { diagnosis, ...(rest as SmallRun) })
      expect(asked).toEqual([])
    },
  )

  it('are left where somebody said no, or the failure does not matter', async () => {
    const { asked, diagnosis } = createDiagnosis()
    const restart = defineAction({
      name: 'test/restart',
      summary: 'It restarts.',
      connection: 'appliance',
      params: z.strictObject({}),
      changes: 'always',
      run: () => Promise.resolve({ file: '' }),
      disruptive: () => 'it restarts',
    })
    const refused: SmallPhases = ({ phase }) => [
      phase({
        name: 'First',
        per: 'node',
        steps: ({ step }) => [
          step('It may fail', () => failing(no), { ignoreFailure: true }),
          step('It restarts', () => restart({})),
        ],
      }),
    ]
    const { events } = await run(refused, { diagnosis, selection: { limit: 'a' } })
    expect(outcomesOf(events)).toEqual(['It may fail a failed', 'It restarts a failed'])
    expect(asked).toEqual([])
  })

  it('never hide the first error, whatever they fail with', async () => {
    const { asked, diagnosis } = createDiagnosis(() => new CommandError('the disk is full'))
    const { events } = await run(
      phases(() => failing(no)),
      { diagnosis, selection: { limit: 'a' } },
    )
    expect(asked).toEqual(['a'])
    expect(errorsOf(events)).toMatchObject([{ message: 'it said no', hint: 'look' }])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step.warned',
        message: 'the diagnostics of a could not be fetched: the disk is full',
      }),
    )
  })
})
