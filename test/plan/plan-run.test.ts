import { describe, expect, it } from 'vitest'

import { ConfigError } from '../../src/model/error.ts'
import type { Plan, Selection } from '../../src/model/plan.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { listSteps } from '../../src/plan/walk-items.ts'
import { defineRunbook } from '../../src/sdk.ts'
import { createWorld, estateOf, plain, type SmallPhases } from '../support/small-world.ts'

const world = createWorld()
const estate = estateOf({
  fra: { 'fra-1': ['fra-1-a', 'fra-1-b'], 'fra-2': ['fra-2-a'] },
  ams: { 'ams-1': ['ams-1-a'] },
})

const phases: SmallPhases = ({ phase }) => [
  phase({
    number: 1,
    name: 'Add the instances',
    per: 'node',
    tags: ['portal'],
    steps: ({ step, block }) => [
      step('The instance exists', ({ node }) => world.value({ key: node.name, value: '1' }), {
        tags: ['instance'],
      }),
      block(
        'Extras',
        {
          steps: [
            step('An extra', ({ node }) => world.value({ key: node.name, value: '2' }), {
              tags: ['never', 'extra'],
            }),
          ],
        },
        { tags: ['extras'] },
      ),
    ],
  }),
  phase({
    number: 4,
    name: 'Add the cluster',
    per: 'cluster',
    steps: ({ step }) => [
      step('The cluster exists', ({ cluster }) => world.value({ key: cluster.name, value: '1' }), {
        tags: ['cluster'],
        notify: ['Tell'],
      }),
      step('It is looked at', ({ cluster }) => world.value({ key: cluster.name, value: '1' }), {
        tags: ['always'],
      }),
    ],
    handlers: ({ step }) => [step('Tell', ({ cluster }) => world.poke({ key: cluster.name }))],
  }),
  phase({
    name: 'Activate',
    per: 'estate',
    steps: ({ step }) => [
      step('It is active', () => world.value({ key: 'active', value: '1' }), { tags: ['activate'] }),
    ],
  }),
]

function plan(selection: Selection = {}, from: SmallPhases = phases): Plan {
  const runbook = defineRunbook(plain, { name: 'deploy', summary: 'Deploys.', phases: from })
  return planRun({ runbook, file: 'runbooks/deploy.ts', inventory: 'test', estate, selection })
}

const idsOf = ({ phases: planned }: Plan): readonly string[] =>
  planned.flatMap(({ items }) => listSteps(items).map(({ id }) => id))
const namesOf = ({ targets }: Plan): readonly string[] => targets.map(({ name }) => name)

describe('planning a run', () => {
  it('expands every step with an id that stays the same, and counts every pair', () => {
    const planned = plan()
    expect(idsOf(planned)).toEqual([
      '1/the-instance-exists',
      '4/the-cluster-exists',
      '4/it-is-looked-at',
      'activate/it-is-active',
    ])
    expect(planned.pairs).toBe(4 * 1 + 3 * 3 + 1)
  })

  it('gives gates ids that do not depend on what else is selected', () => {
    const rolling: SmallPhases = ({ phase }) => [
      phase({
        name: 'Roll',
        per: 'node',
        rolling: { batch: 1 },
        gate: ({ step }) => [
          step('It holds', ({ cluster }) => world.value({ key: cluster.name, value: '1' })),
        ],
        steps: ({ step }) => [step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }))],
      }),
    ]
    const gatesOf = (limit?: string) =>
      plan(limit === undefined ? {} : { limit }, rolling).phases.flatMap(({ lanes }) =>
        lanes.map(({ name, batches }) => [name, batches.flatMap(({ gate }) => gate.map(({ id }) => id))]),
      )
    expect(gatesOf()).toEqual([
      ['fra-1', ['roll/it-holds']],
      ['fra-2', []],
      ['ams-1', []],
    ])
    const wide = estateOf({ fra: { 'fra-1': ['a', 'b', 'c'], 'fra-2': ['d', 'e', 'f'] } })
    const runbook = defineRunbook(plain, { name: 'deploy', summary: 'Deploys.', phases: rolling })
    const common = { runbook, file: 'runbooks/deploy.ts', inventory: 'test', estate: wide }
    const idsIn = (selection: Selection) =>
      planRun({ ...common, selection }).phases.flatMap(({ lanes }) =>
        lanes
          .filter(({ name }) => name === 'fra-2')
          .flatMap(({ batches }) => batches.flatMap(({ gate }) => gate.map(({ id }) => id))),
      )
    expect(idsIn({})).toEqual(['roll/it-holds', 'roll/it-holds-2'])
    expect(idsIn({ limit: 'fra-2' })).toEqual(idsIn({}))
  })

  it('does not offer what it has just refused to start at', () => {
    expect(() => plan({ startAt: 'Tell' })).toThrowError(
      expect.objectContaining({ hint: expect.not.stringContaining('“Tell”') as string }) as Error,
    )
  })

  it('refuses two handlers of one name in a phase, of which a notification could mean either', () => {
    const twice: SmallPhases = ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
            notify: ['Restart'],
          }),
        ],
        handlers: ({ step }) =>
          ['1', '2'].map((value) => step('Restart', ({ node }) => world.value({ key: node.name, value }))),
      }),
    ]
    expect(failureOf(() => plan({}, twice)).issues).toEqual([
      expect.objectContaining({ message: 'there are 2 handlers “Restart” in this phase' }),
    ])
  })

  it('is a value: the same input gives the same plan', () => {
    expect(JSON.stringify(plan())).toBe(JSON.stringify(plan()))
  })

  it('gives steps the tags of their blocks and phases', () => {
    const extra = plan({ tags: ['extra'] }).phases.flatMap(({ items }) => listSteps(items))
    expect(extra.map(({ tags }) => tags)).toEqual([['portal', 'extras', 'never', 'extra'], ['always']])
  })

  it('keeps steps tagged `always` with any tags, and drops phases that are left empty', () => {
    expect(idsOf(plan({ tags: ['activate'] }))).toEqual(['4/it-is-looked-at', 'activate/it-is-active'])
  })

  it('limits to one node without touching what its cluster shares, and keeps the estate', () => {
    expect(namesOf(plan({ limit: 'fra-1-b' }))).toEqual(['estate', 'fra-1-b'])
  })

  it('tells one selection from another by what it selects, not by how that is written', () => {
    const digestOf = (selection: Selection): string => plan(selection).selectionDigest
    expect(digestOf({ limit: 'fra-1', tags: ['cluster', 'activate'] })).toBe(
      digestOf({ limit: 'fra-1-b,fra-1-a', tags: ['activate', 'cluster'] }),
    )
    expect(digestOf({ limit: 'all', tags: [] })).toBe(digestOf({}))
    const others: readonly Selection[] = [
      {},
      { limit: 'fra-1-a' },
      { limit: 'fra-1-b' },
      { tags: ['activate'] },
      { skipTags: ['activate'] },
      { startAt: 'The cluster exists' },
    ]
    expect(new Set(others.map(digestOf)).size).toBe(others.length)
  })

  it('takes a cluster in when all its nodes are', () => {
    expect(namesOf(plan({ limit: 'fra-1-a,fra-1-b' }))).toEqual(['estate', 'fra-1', 'fra-1-a', 'fra-1-b'])
    expect(namesOf(plan({ limit: 'fra:!fra-1-b' }))).toEqual(['estate', 'fra-1-a', 'fra-2', 'fra-2-a'])
  })

  it('starts at a step by name or id, and keeps what is tagged `always` before it', () => {
    expect(idsOf(plan({ startAt: 'It is active' }))).toEqual(['4/it-is-looked-at', 'activate/it-is-active'])
    expect(idsOf(plan({ startAt: '4/the-cluster-exists' }))[0]).toBe('4/the-cluster-exists')
  })

  it.each([
    [{ tags: ['clutser'] }, 'no step has the tag "clutser"', 'did you mean cluster?'],
    [{ skipTags: ['portl'] }, 'no step has the tag "portl"', 'did you mean portal?'],
    [{ startAt: 'It is actve' }, 'no step "It is actve" to start at', 'did you mean “It is active”?'],
    [{ limit: 'fra-l' }, 'nothing in the inventory is called fra-l', 'did you mean'],
    [
      { tags: ['extra'], skipTags: ['extra', 'always'] },
      'nothing is left to run in deploy',
      'runbook list deploy',
    ],
  ])('refuses the selection %j', (selection, message, hint) => {
    expect(() => plan(selection)).toThrowError(
      expect.objectContaining({
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      }) as Error,
    )
  })

  it('refuses a wrong key with file, phase, step and key, once for all targets', () => {
    const wrong: SmallPhases = ({ phase }) => [
      phase({
        number: 7,
        name: 'Configure',
        per: 'node',
        steps: ({ step }) => [
          // @ts-expect-error a wrong key is a type error, too
          step('It is set', ({ node }) => world.value({ key: node.name, vlaue: '1' })),
        ],
      }),
    ]
    const error = failureOf(() => plan({}, wrong))
    expect(error.issues).toEqual([
      expect.objectContaining({
        file: 'runbooks/deploy.ts',
        path: '7 Configure › It is set (fra-1-a) › value',
      }),
      {
        file: 'runbooks/deploy.ts',
        path: '7 Configure › It is set (fra-1-a) › vlaue',
        message: 'test/value takes no “vlaue”',
        hint: 'did you mean value?',
      },
    ])
  })

  it('refuses a notification that nobody hears', () => {
    const wrong: SmallPhases = ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is set', ({ node }) => world.value({ key: node.name, value: '1' }), {
            notify: ['Restrat'],
          }),
        ],
        handlers: ({ step }) => [step('Restart', ({ node }) => world.poke({ key: node.name }))],
      }),
    ]
    expect(failureOf(() => plan({}, wrong)).issues[0]).toMatchObject({
      message: 'there is no handler “Restrat” in this phase',
    })
  })

  it('refuses params that throw, with the step that does', () => {
    const wrong: SmallPhases = ({ phase }) => [
      phase({
        name: 'One',
        per: 'node',
        steps: ({ step }) => [
          step('It is set', () => {
            throw new TypeError('no such variable')
          }),
        ],
      }),
    ]
    expect(failureOf(() => plan({}, wrong)).issues[0]?.message).toContain('no such variable')
  })
})

function failureOf(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new TypeError('nothing was thrown')
}
