import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Unstamped } from '../../src/model/event.ts'
import { createWorld, estateOf, runSmall, type Fault, type SmallPhases } from '../support/small-world.ts'

const estates = [
  estateOf({ s1: { c1: ['n1', 'n2', 'n3'] } }),
  estateOf({ s1: { c1: ['n1', 'n2', 'n3'], c2: ['n4', 'n5'] }, s2: { c3: ['n6', 'n7', 'n8', 'n9'] } }),
]

const fault = fc.constantFrom<Fault>('none', 'none', 'none', 'fail', 'unreachable', 'does-not-take')

const aPhase = fc.record({
  per: fc.constantFrom('node', 'node', 'cluster', 'site', 'estate'),
  batch: fc.constantFrom(undefined, 1, 2, '50%' as const),
  maxFailed: fc.integer({ min: 0, max: 2 }),
  hasGate: fc.boolean(),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom('plain', 'once', 'notify', 'ignore', 'retry', 'block', 'condition'),
      faults: fc.array(fault, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})

type APhase = typeof aPhase extends fc.Arbitrary<infer T> ? T : never

/** Random phases over the world's values: every key is its step's and its target's own, unless it is shared by `once`. */
function phasesOf(world: ReturnType<typeof createWorld>, shapes: readonly APhase[]): SmallPhases {
  return ({ phase }) =>
    shapes.map((shape, at) => {
      const keyOf = (scope: object, index: number): string => {
        const level = Object.entries(scope).at(-1)?.[1] as { name: string }
        return `${at}.${index}.${level.name}`
      }
      return phase({
        name: `Phase ${at}`,
        per: shape.per as 'node',
        ...(shape.batch === undefined ? {} : { rolling: { batch: shape.batch, maxFailed: shape.maxFailed } }),
        gate: ({ step }) =>
          shape.hasGate && shape.per === 'node'
            ? [step('Gate', ({ cluster }) => world.value({ key: `${at}.gate.${cluster.name}`, value: '1' }))]
            : [],
        handlers: ({ step }) => [
          step('Handler', (scope) => world.poke({ key: `handler ${keyOf(scope, 99)}` })),
        ],
        steps: ({ step, block }) =>
          shape.steps.map(({ kind }, index) => {
            const name = `Step ${index}`
            const task = (scope: object) => world.value({ key: keyOf(scope, index), value: '1' })
            if (kind === 'once')
              return step(name, () => world.value({ key: `${at}.${index}`, value: '1' }), { once: true })
            if (kind === 'notify') return step(name, (scope) => task(scope), { notify: ['Handler'] })
            if (kind === 'ignore') return step(name, (scope) => task(scope), { ignoreFailure: true })
            if (kind === 'retry')
              return step(name, (scope) => task(scope), { retry: { attempts: 2, delay: 1 } })
            if (kind === 'condition')
              return step(name, (scope) => task(scope), { when: () => index % 2 === 0 })
            if (kind === 'block') {
              return block(name, {
                steps: [step(`${name} inside`, (scope) => task(scope))],
                rescue: [
                  step(`${name} rescue`, (scope) =>
                    world.value({ key: `${keyOf(scope, index)}r`, value: '1' }),
                  ),
                ],
                always: [
                  step(`${name} always`, (scope) =>
                    world.value({ key: `${keyOf(scope, index)}a`, value: '1' }),
                  ),
                ],
              })
            }
            return step(name, (scope) => task(scope))
          }),
      })
    })
}

function setFaults(world: ReturnType<typeof createWorld>, shapes: readonly APhase[]): void {
  const names = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9', 'c1', 'c2', 'c3', 's1', 's2', 'estate']
  for (const [at, { steps }] of shapes.entries()) {
    for (const [index, { faults }] of steps.entries()) {
      if (faults.length === 0) continue
      for (const [turn, name] of names.entries()) {
        if ((turn + at) % 4 === 0) world.faults.set(`${at}.${index}.${name}`, [...faults])
      }
    }
  }
}

/** In a rolling phase only the nodes of the batch under way, or its gate, may be at work. */
function checkBatches(events: readonly Unstamped[]): void {
  const current = new Map<string, readonly string[]>()
  for (const event of events) {
    if (event.type === 'batch.started') current.set(event.phase, [...event.targets, event.lane])
    if (event.type !== 'step.started') continue
    const allowed = [...current].filter(([phase]) => phase === event.phase).flatMap(([, names]) => names)
    if (allowed.length > 0 && allowed.at(-1) === 'c1') expect(allowed).toContain(event.target)
  }
}

/** What is applied once is applied once: only a step that tries again may write its value a second time. */
function checkWrites({ writes }: ReturnType<typeof createWorld>, shapes: readonly APhase[]): void {
  const repeated = writes.filter(
    (write, index) => writes.indexOf(write) !== index && !write.startsWith('poke'),
  )
  for (const write of repeated) {
    const [at, index] = write.split('.', 2).map(Number)
    expect(shapes[at ?? -1]?.steps[index ?? -1]?.kind).toBe('retry')
  }
}

describe('outcome accounting', () => {
  it('gives every (step, target) exactly one outcome, whatever fails and whenever it is interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aPhase, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...estates),
        fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
        async (shapes, estate, interruptAt) => {
          const world = createWorld()
          setFaults(world, shapes)
          const draining = new AbortController()
          let finished = 0
          const { events, recap, pairs } = await runSmall(phasesOf(world, shapes), {
            estate,
            draining: draining.signal,
            onEvent: ({ type }) => {
              if (type === 'step.finished' && (finished += 1) === interruptAt) draining.abort('SIGINT')
            },
          })
          const outcomes = events.filter((event) => event.type === 'step.finished')
          const keys = outcomes.map(({ step, target }) => `${step} ${target}`)
          expect(new Set(keys).size).toBe(keys.length)
          expect(keys).toHaveLength(pairs)
          const counted = recap.targets.reduce(
            (sum, { ok, failed, unreachable, skipped, rescued }) =>
              sum + ok + failed + unreachable + skipped + rescued,
            0,
          )
          expect(counted).toBe(pairs)
          checkWrites(world, shapes)
          expect(recap.exitCode === 130).toBe(interruptAt !== undefined && interruptAt <= pairs)
          if (estate === estates[0]) checkBatches(events)
        },
      ),
      { numRuns: 150 },
    )
  })
})
