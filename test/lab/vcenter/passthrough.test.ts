import { afterEach, describe, expect, it } from 'vitest'

import type { MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

describe('passing a card of the lab through', () => {
  let rig: Rig
  let client: Client
  let host: MoRef
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  async function open({ needsReboot }: { readonly needsReboot: boolean }): Promise<void> {
    const hosts = SEED.hosts.map((each) => ({ ...each, passthroughNeedsReboot: needsReboot }))
    rig = await openRig({ ...SEED, hosts }, { folder: await makeFolder() })
    client = await rig.login()
    host = await client.find('/FRA/host/edge/esx-1.lab')
  }

  async function read() {
    const values = await client.properties.get('HostSystem', host, [
      'capability',
      'configManager',
      'config.pciPassthruInfo',
      'summary.rebootRequired',
    ])
    const [card] = values['config.pciPassthruInfo'] ?? []
    if (card === undefined) throw new Error('no card')
    return {
      self: values.configManager.pciPassthruSystem ?? host,
      id: card.id,
      enabled: card.passthruEnabled,
      active: card.passthruActive,
      rebinds: values.capability?.deviceRebindWithoutRebootSupported,
      rebootRequired: values['summary.rebootRequired'],
    }
  }

  async function mark(passthruEnabled: boolean, applyNow?: boolean) {
    const { self, id } = await read()
    const config = [{ id, passthruEnabled, ...(applyNow !== undefined && { applyNow }) }]
    await client.session.call('UpdatePassthruConfig', { self, args: { config }, signal: client.signal })
    return read()
  }

  async function reboot() {
    const { session, signal } = client
    await client.done(session.call('EnterMaintenanceMode_Task', { self: host, args: { timeout: 0 }, signal }))
    await client.done(session.call('RebootHost_Task', { self: host, args: { force: false }, signal }))
    const states = new Set<unknown>()
    let isBack = false
    await client.watcher.watch({
      type: 'HostSystem',
      ref: host,
      paths: ['runtime.connectionState'],
      signal,
      until(seen) {
        const state = seen.get('runtime.connectionState')
        isBack = states.has('notResponding') && state === 'connected'
        states.add(state)
        return isBack
      },
    })
    await client.done(session.call('ExitMaintenanceMode_Task', { self: host, args: { timeout: 0 }, signal }))
    return read()
  }

  it('takes effect at once, unless that is refused', async () => {
    await open({ needsReboot: false })
    expect(await read()).toMatchObject({ rebinds: true, enabled: false, active: false })
    expect(await mark(true)).toMatchObject({ enabled: true, active: true, rebootRequired: false })
    expect(await mark(false, true)).toMatchObject({ enabled: false, active: false })
    expect(await mark(true, false)).toMatchObject({ enabled: true, active: false, rebootRequired: true })
    expect(await mark(true)).toMatchObject({ enabled: true, active: true, rebootRequired: false })
  })

  it('takes effect with the next start of a host that cannot do better, whatever is asked', async () => {
    await open({ needsReboot: true })
    expect(await read()).toMatchObject({ rebinds: false })
    expect(await mark(true, true)).toMatchObject({ enabled: true, active: false, rebootRequired: true })
    expect(await reboot()).toMatchObject({ enabled: true, active: true, rebootRequired: false })
    expect(await mark(false)).toMatchObject({ enabled: false, active: true, rebootRequired: true })
    expect(await reboot()).toMatchObject({ enabled: false, active: false })
  })

  it('is refused for a card that is not there', async () => {
    await open({ needsReboot: false })
    const { self } = await read()
    const config = [{ id: '0000:ff:00.0', passthruEnabled: true }]
    await expect(
      client.session.call('UpdatePassthruConfig', { self, args: { config }, signal: client.signal }),
    ).rejects.toMatchObject({ fault: { type: 'NotFound' } })
  })
})
