import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Event } from '../../src/model/event.ts'
import { openFreshProject, type FreshProject, type Watched } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'

const grow = (memoryGB: number): readonly string[] => {
  const memory = `sites.lab.clusters.lab-1.memoryGB=${memoryGB}`
  return ['deploy', '--yes', '--tags', 'hardware', '--set', memory]
}

const isGrowing = (event: Event): event is Extract<Event, { type: 'step.finished' }> =>
  event.type === 'step.finished' && event.name.includes('memory')

/** Which nodes were changed, in order. */
const grownIn = ({ events }: Watched): readonly string[] =>
  events.filter(isGrowing).map(({ target, outcome }) => `${target} ${outcome}`)

describe('a cluster of the lab that serves', () => {
  let project: FreshProject
  /** The node that holds the cluster’s address, and the other one. */
  let master: string
  let backup: string
  beforeAll(async () => {
    project = await openFreshProject()
    const deployed = await project.watch(['deploy'], () => undefined)
    expect(deployed.code).toBe(0)
    // Nothing served before, so that both nodes went together.
    const batches = deployed.events.filter((event) => event.type === 'batch.started' && event.phase === '7')
    expect(batches).toMatchObject([{ of: 1, targets: ['lab-1-a', 'lab-1-b'] }])
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('gets its new hardware node by node, the CARP master last, when the one before serves again', async () => {
    const grown = await project.watch(grow(56), () => undefined)
    expect(grown.code).toBe(0)
    const order = grownIn(grown)
    expect(order.toSorted()).toEqual(['lab-1-a changed', 'lab-1-b changed'])
    const again = grown.events.flatMap((event) =>
      event.type === 'step.finished' && event.name.includes('serves again') ? [event.outcome] : [],
    )
    expect(again).toEqual(['ok', 'ok'])
    backup = order[0]?.split(' ')[0] ?? ''
    master = order[1]?.split(' ')[0] ?? ''
    const looked = grown.events.flatMap((event) =>
      event.type === 'step.waiting' && event.kind === 'hold' && event.target === master ? [event.reason] : [],
    )
    expect(looked).toContain('the others to stay healthy (2 of 3 looks)')
  })

  it('keeps a node that its neighbour cannot stand in for, and says why', async () => {
    await project.run('lab', 'fault', 'wrong-certificate', backup)
    const stopped = await project.watch([...grow(64), '--limit', master], () => undefined)
    expect(stopped.code).toBe(2)
    const [failed] = stopped.events.filter(isGrowing)
    expect(failed).toMatchObject({ target: master, outcome: 'failed', changes: [] })
    expect(failed?.error?.message).toMatch(
      new RegExp(`^${master} is not interrupted \\(.*\\): ${backup} is not healthy \\(.+\\)$`),
    )
    const reasons = stopped.events.flatMap((event) => (event.type === 'lane.stopped' ? [event.reason] : []))
    expect(reasons).toEqual([failed?.error?.message])
    await project.run('lab', 'fault', 'wrong-certificate', backup, '--clear')
  })

  it('is finished by the same command when the run was killed with a node down, that node first', async () => {
    const killed = await project.watch(grow(64), (event) =>
      event.type === 'step.warned' && / is off/.test(event.message) ? 'SIGKILL' : undefined,
    )
    expect(killed.code).toBe(null)
    const [down] = killed.events.flatMap((event) => (event.type === 'step.warned' ? [event.target] : []))
    const finished = await project.watch(grow(64), () => undefined)
    expect(finished.code).toBe(0)
    const order = grownIn(finished)
    expect(order[0]).toContain(down)
    expect(order).toHaveLength(2)
    expect((await project.run('verify')).code).toBe(0)
  })

  it.runIf(IS_THOROUGH)(
    'is plugged into another port group node by node, and not while one is unwell',
    async () => {
      const network = 'sites.lab.clusters.lab-1.network.portGroup'
      const plug = [
        '--tags',
        'port-group,ova',
        '--set',
        `${network}.name=VSE-NEW`,
        '--set',
        `${network}.vlan=84`,
      ]
      const isPlugging = (event: Event): event is Extract<Event, { type: 'step.finished' }> =>
        event.type === 'step.finished' && event.name.includes('deployed from the image')
      const pluggedIn = ({ events }: Watched) => events.filter(isPlugging)
      await project.run('lab', 'fault', 'wrong-certificate', 'lab-1-b')
      const stopped = await project.watch(['deploy', '--yes', ...plug, '--limit', 'lab-1-a'], () => undefined)
      expect(stopped.code).toBe(2)
      expect(pluggedIn(stopped)).toMatchObject([
        { outcome: 'failed', error: { message: expect.stringContaining('lab-1-b is not healthy') } },
      ])
      await project.run('lab', 'fault', 'wrong-certificate', 'lab-1-b', '--clear')
      const moved = await project.watch(['deploy', '--yes', ...plug], () => undefined)
      expect(moved.code).toBe(0)
      expect(pluggedIn(moved).map(({ outcome }) => outcome)).toEqual(['changed', 'changed'])
      const batches = moved.events.filter((event) => event.type === 'batch.started')
      expect(batches).toHaveLength(2)
    },
  )
})
