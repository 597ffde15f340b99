import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeFolder, openRig, removeFolder, SEED, type Rig } from './rig.ts'

describe('the lab’s vCenter', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
  })
  afterEach(async () => {
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('imports the portal’s image, runs it, takes keys, shows the screen, and destroys it', async () => {
    const client = await rig.login()
    const { session, signal } = client
    const vm = await client.importVm('edge-1', ['vse', 'dvs-vse', 'vse'])
    expect(await client.find('/FRA/vm/edge-1')).toEqual(vm)
    const before = await client.properties.get('VirtualMachine', vm, [
      'name',
      'config.annotation',
      'config.hardware',
      'config.instanceUuid',
      'runtime.powerState',
      'network',
    ])
    expect(before).toMatchObject({
      name: 'edge-1',
      'config.annotation': 'importing',
      'runtime.powerState': 'poweredOff',
    })
    expect(before['config.hardware']).toMatchObject({ numCPU: 4, memoryMB: 32768 })
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    const guest = rig.guests.get('edge-1')
    expect(guest?.log).toEqual(['on'])
    expect(guest?.machine.nics().map(({ network }) => network)).toEqual(['vse', 'dvs-vse', 'vse'])
    const taken = await session.call('PutUsbScanCodes', {
      self: vm,
      args: { spec: { keyEvents: [{ usbHidCode: (0x04 << 16) | 7, modifiers: { leftShift: true } }] } },
      signal,
    })
    expect(taken).toBe(1)
    expect(guest?.keys).toEqual([{ usage: 4, shift: true, control: false, alt: false }])
    const screen = await session.fetch(`/screen?id=${vm.value}`, { signal })
    expect(screen.body.toString('latin1')).toBe('\u0089PNG edge-1')
    await client.done(session.call('PowerOffVM_Task', { self: vm, args: {}, signal }))
    await client.done(session.call('Destroy_Task', { self: vm, args: {}, signal }))
    expect(guest?.log).toEqual(['on', 'off', 'destroyed'])
    expect(rig.vcenter.status().vms).toEqual([])
    await client.close()
  })

  it('says of itself that it is a vCenter, and of its hosts that they run ESXi', async () => {
    const client = await rig.login()
    const host = await client.find('/FRA/host/edge/esx-1.lab')
    const { 'config.product': product, summary } = await client.properties.get('HostSystem', host, [
      'config.product',
      'summary',
    ])
    expect(client.session.content.about).toMatchObject({ productLineId: 'vpx', apiType: 'VirtualCenter' })
    expect(product).toMatchObject({ productLineId: 'embeddedEsx', apiType: 'HostAgent' })
    expect(summary.config.product).toMatchObject({ productLineId: 'embeddedEsx' })
    await client.close()
  })
})
