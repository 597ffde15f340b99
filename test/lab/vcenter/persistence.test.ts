import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

describe('a vCenter of the lab in its next process', () => {
  let folder: string
  let rig: Rig
  beforeEach(async () => {
    folder = await makeFolder()
    rig = await openRig(SEED, { folder })
  })
  afterEach(async () => {
    await rig.close()
    await removeFolder(folder)
  })

  async function reopen(options: { leaseTimeout?: number } = {}): Promise<void> {
    await rig.close()
    rig = await openRig(SEED, { folder, ...options })
  }

  it('has everything where it was, under the same ids, and what ran runs on', async () => {
    const client = await rig.login()
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    const host = await client.find('/FRA/host/edge/esx-1.lab')
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    const folders = await client.find('/FRA/vm')
    const made = await session.call('CreateFolder', { self: folders, args: { name: 'made' }, signal })
    await rig.vcenter.setPolicy('vse', { promiscuous: true })
    const before = rig.vcenter.status()
    await client.close()

    await reopen()
    expect(rig.guests.get('edge-1')?.log).toEqual(['resumed'])
    const again = await rig.login()
    expect(await again.find('/FRA/vm/edge-1')).toEqual(vm)
    expect(await again.find('/FRA/vm/made')).toEqual(made)
    expect(await again.find('/FRA/host/edge/esx-1.lab')).toEqual(host)
    expect({ ...rig.vcenter.status(), sessions: 0 }).toEqual({ ...before, sessions: 0 })
    await again.close()
  })

  it('admits nothing that is not on disk', async () => {
    const client = await rig.login()
    const vm = await client.importVm('edge-1')
    const path = join(folder, 'state', 'vcenter', SEED.host, 'vm', `${vm.value}.json`)
    const read = async () => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    expect(await read()).toMatchObject({ name: 'edge-1', importing: false })
    await client.done(
      client.session.call('ReconfigVM_Task', {
        self: vm,
        args: { spec: { numCPUs: 6 } },
        signal: client.signal,
      }),
    )
    expect(await read()).toMatchObject({ cpus: 6 })
    await client.done(client.session.call('Destroy_Task', { self: vm, args: {}, signal: client.signal }))
    expect(await readdir(join(folder, 'state', 'vcenter', SEED.host, 'vm'))).toEqual([])
    await client.close()
  })

  it('still has a half-imported machine until its lease would have timed out', async () => {
    const client = await rig.login()
    const importing = client.importVm('edge-1')
    importing.catch(() => {})
    while (!rig.vcenter.status().vms.some(({ importing: half }) => half)) {
      await client.session.call('CurrentTime', {
        self: { type: 'ServiceInstance', value: 'ServiceInstance' },
        args: {},
        signal: client.signal,
      })
    }
    await rig.close()
    await importing.catch(() => {})

    rig = await openRig(SEED, { folder })
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', importing: true }])
    const next = await rig.login()
    const vm = await next.find('/FRA/vm/edge-1')
    await expect(
      next.done(next.session.call('PowerOnVM_Task', { self: vm, args: {}, signal: next.signal })),
    ).rejects.toMatchObject({ fault: { type: 'InvalidState' } })
    await next.close()

    await reopen({ leaseTimeout: 100_000 })
    const last = await rig.login()
    await expect(
      last.watcher.watch({
        type: 'VirtualMachine',
        ref: vm,
        paths: ['name'],
        signal: last.signal,
        until: () => false,
      }),
    ).rejects.toThrow(/gone|deleted/)
    expect(rig.vcenter.status().vms).toEqual([])
    await last.close()
  })

  it('takes over what an inventory has added, and keeps deleted what was deleted', async () => {
    const client = await rig.login()
    const host = await client.find('/FRA/host/edge/esx-1.lab')
    const { configManager } = await client.properties.get('HostSystem', host, ['configManager'])
    if (configManager.networkSystem === undefined) throw new Error('no network system')
    await client.session.call('RemovePortGroup', {
      self: configManager.networkSystem,
      args: { pgName: 'vse' },
      signal: client.signal,
    })
    await client.close()
    await rig.close()
    const more = {
      ...SEED,
      hosts: [...SEED.hosts, { name: 'esx-3.lab', memoryGB: 64, cpus: 8, uplinks: ['vmnic0'], nitrox: 0 }],
      folders: ['edges', 'deep/er'],
    }
    rig = await openRig(more, { folder })
    const groups = rig.vcenter.status().portGroups.filter(({ name }) => name === 'vse')
    expect(groups.map(({ host: on }) => on)).toEqual(['esx-2.lab', 'esx-3.lab'])
    const again = await rig.login()
    expect(await again.find('/FRA/vm/deep/er')).toMatchObject({ type: 'Folder' })
    expect(await again.find('/FRA/host/edge/esx-1.lab')).toEqual(host)
    await again.close()
  })

  it('puts more cards into hosts that it has, and takes some out', async () => {
    const path = '/FRA/host/edge/esx-1.lab'
    async function readCards(client: Client) {
      const { 'config.pciPassthruInfo': states, 'hardware.pciDevice': devices } = await client.properties.get(
        'HostSystem',
        await client.find(path),
        ['config.pciPassthruInfo', 'hardware.pciDevice'],
      )
      expect(states?.map(({ id }) => id)).toEqual(devices?.map(({ id }) => id))
      return states?.map(({ passthruActive }) => passthruActive)
    }
    const first = await rig.login()
    const { configManager } = await first.properties.get('HostSystem', await first.find(path), [
      'configManager',
    ])
    const self = configManager.pciPassthruSystem
    if (self === undefined) throw new Error('no passthrough system')
    const config = [{ id: '0000:3b:00.0', passthruEnabled: true }]
    await first.session.call('UpdatePassthruConfig', { self, args: { config }, signal: first.signal })
    await first.close()
    for (const [nitrox, expected] of [
      [3, [true, false, false]],
      [0, []],
      [1, [true]],
    ] as const) {
      await rig.close()
      rig = await openRig({ ...SEED, hosts: SEED.hosts.map((each) => ({ ...each, nitrox })) }, { folder })
      const client = await rig.login()
      expect(await readCards(client)).toEqual(expected)
      await client.close()
    }
  })
})
