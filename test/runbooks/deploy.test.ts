import { describe, expect, it } from 'vitest'

import deploy from '../../runbooks/deploy.ts'
import { loadInventory } from '../../src/load/load-inventory.ts'
import type { Selection } from '../../src/model/plan.ts'
import { planRun } from '../../src/plan/plan-run.ts'
import { listSteps } from '../../src/plan/walk-items.ts'
import { createTestProject } from '../load/support/project.ts'
import { writeEstate } from '../load/support/written.ts'

const project = await createTestProject()
const machines = deploy.phases.find(({ number }) => number === 7)
const steps = (machines?.steps ?? []).flatMap((item) => (item.kind === 'step' ? [item] : item.steps))

describe('the machines of a cluster that serves', () => {
  it('are interrupted one by one, with the guard asked: only what all of them share is done once', () => {
    const shared = steps.flatMap((step) => (step.kind === 'step' && step.once === true ? [step.name] : []))
    expect(shared).toEqual([
      'Hosts with several uplinks do not hear their own multicast',
      'The port group accepts promiscuous mode, forged transmits and MAC address changes',
    ])
  })

  it('are waited for after whatever may have interrupted them', () => {
    const awaited = steps.flatMap((step) =>
      step.kind === 'step' && step.notify !== undefined ? [[step.name, ...step.notify]] : [],
    )
    expect(awaited).toEqual([
      ['The VM is deployed from the image', 'The node serves again with its adapters in other networks'],
      ['The VM has the processors, memory and disk it needs', 'The node serves again with its new hardware'],
      ['The VM has a NITROX card', 'The node serves again with its card'],
    ])
    expect(machines?.handlers.map(({ name }) => name)).toEqual(awaited.map(([, handler]) => handler))
  })
})

describe('a cluster that an earlier run has left half written in ZIA', () => {
  it.each<[Selection, readonly string[] | undefined]>([
    [{}, undefined],
    [{ tags: ['portal'] }, undefined],
    [{ skipTags: ['downloads', 'vm'] }, undefined],
    [{ limit: 'fra-1' }, undefined],
    [{ tags: ['activate'] }, ['fra-1']],
    [{ tags: ['location', 'activate'] }, ['fra-1']],
    [{ startAt: 'Every change is active' }, ['fra-1']],
    [{ limit: 'fra-1-a' }, ['fra-1']],
  ])('is not finished by what leaves out an edit of it: %j', async (selection, left) => {
    const file = await project.write('estate.json', JSON.stringify(writeEstate()))
    const { estate } = await loadInventory([file], { project, lab: false })
    const { leftOut } = planRun({ runbook: deploy, file: 'deploy.ts', estate, inventory: file, selection })
    expect(leftOut.zia).toEqual(left)
  })
})

describe('the image', () => {
  const MADE = 'The VM is deployed from the image'
  const LOOKED_AT = 'The VM image was downloaded, and is whole'

  /** Which of the two steps a selection does, in order, each with the targets that do it. */
  async function select(selection: Selection): Promise<readonly (readonly [string, ...string[]])[]> {
    const file = await project.write('estate.json', JSON.stringify(writeEstate()))
    const { estate } = await loadInventory([file], { project, lab: false })
    const plan = planRun({ runbook: deploy, file: 'deploy.ts', estate, inventory: file, selection })
    return plan.phases.flatMap((phase) => {
      const targets = phase.lanes.flatMap(({ batches }) => batches.flatMap((batch) => batch.targets))
      return listSteps(phase.items)
        .filter(({ name }) => name === MADE || name === LOOKED_AT)
        .map(({ name }) => [name, ...targets.map((target) => target.name)] as const)
    })
  }

  it('is looked at before anything is made of it, also where a run is limited to one node', async () => {
    expect(await select({ limit: 'fra-1-a' })).toEqual([
      [LOOKED_AT, 'fra-1-a'],
      [MADE, 'fra-1-a'],
    ])
  })

  it.each(['vm', 'ova'])(
    'is looked at where only what is made of it is asked for: --tags %s',
    async (tag) => {
      const steps = await select({ tags: [tag] })
      expect(steps.map(([name]) => name)).toEqual([LOOKED_AT, MADE])
    },
  )
})
