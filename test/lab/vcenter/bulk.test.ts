import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeFolder, openRig, removeFolder, SEED, type Rig } from './rig.ts'

const COUNT = 32

describe('dozens of machines in one vCenter of the lab', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder(), scale: 200 })
  })
  afterEach(async () => {
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('are imported and switched on side by side, each with ids and addresses of its own', async () => {
    const client = await rig.login()
    const { session, signal } = client
    const names = Array.from({ length: COUNT }, (_, index) => `edge-${index + 1}`)
    await Promise.all(
      names.map(async (name) => {
        const vm = await client.importVm(name)
        await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
      }),
    )
    const { vms } = rig.vcenter.status()
    expect(vms.map(({ name }) => name).sort()).toEqual([...names].sort())
    expect(vms.every(({ power, importing }) => power === 'poweredOn' && !importing)).toBe(true)
    expect(new Set(vms.map(({ instanceUuid }) => instanceUuid)).size).toBe(COUNT)
    const macs = [...rig.guests.values()].flatMap(({ machine }) => machine.nics().map(({ mac }) => mac))
    expect(new Set(macs).size).toBe(3 * COUNT)
    expect(vms.filter(({ host }) => host === 'esx-1.lab')).toHaveLength(COUNT / 2)
    await client.close()
  })
})
