import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ESXI, makeFolder, openRig, removeFolder, type Client, type Rig } from './rig.ts'

describe('a standalone host of the lab', () => {
  let rig: Rig
  let client: Client
  beforeEach(async () => {
    rig = await openRig(ESXI, { folder: await makeFolder() })
    client = await rig.login()
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('has the ids that hosts give their own things', async () => {
    expect(client.session.content.rootFolder.value).toBe('ha-folder-root')
    expect(client.session.content.about.apiType).toBe('HostAgent')
    expect(await client.find('/ha-datacenter')).toEqual({ type: 'Datacenter', value: 'ha-datacenter' })
    expect(await client.find('/ha-datacenter/host/esx.lab/esx.lab')).toEqual({
      type: 'HostSystem',
      value: 'ha-host',
    })
    expect(await client.find('/ha-datacenter/network/vse')).toEqual({
      type: 'Network',
      value: 'HaNetwork-vse',
    })
  })

  it('imports and runs a machine, with uploads to the address that was dialled', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    expect(vm.value).toMatch(/^\d+$/)
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    expect(rig.guests.get('edge-1')?.log).toEqual(['on'])
  })

  it('does not clone, and makes no folders', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    const folder = await client.find('/ha-datacenter/vm')
    const spec = { location: {}, template: false, powerOn: false }
    await expect(
      session.call('CloneVM_Task', { self: vm, args: { folder, name: 'edge-2', spec }, signal }),
    ).rejects.toMatchObject({ fault: { type: 'NotSupported' } })
    await expect(
      session.call('CreateFolder', { self: folder, args: { name: 'x' }, signal }),
    ).rejects.toMatchObject({ fault: { type: 'NotSupported' } })
  })
})
