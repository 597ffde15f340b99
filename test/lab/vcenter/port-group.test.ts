import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Arguments, MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

const REJECTING = { promiscuous: false, macChanges: false, forgedTransmits: false }
const ACCEPTING = { promiscuous: true, macChanges: true, forgedTransmits: true }

describe('port groups of the lab', () => {
  let rig: Rig
  let client: Client
  let host: MoRef
  let networkSystem: MoRef
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    host = await client.find('/FRA/host/edge/esx-1.lab')
    const { configManager } = await client.properties.get('HostSystem', host, ['configManager'])
    if (configManager.networkSystem === undefined) throw new Error('no network system')
    networkSystem = configManager.networkSystem
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const policyOf = (name: string, on?: string) =>
    rig.vcenter.status().portGroups.find((group) => group.name === name && group.host === on)?.policy

  const update = (portgrp: Arguments<'UpdatePortGroup'>['portgrp'], pgName = portgrp.name) =>
    client.session.call('UpdatePortGroup', {
      self: networkSystem,
      args: { pgName, portgrp },
      signal: client.signal,
    })

  async function groupsOf(of = host) {
    const { 'config.network': network } = await client.properties.get('HostSystem', of, ['config.network'])
    return network?.portgroup ?? []
  }

  it('inherit from their switch what they do not say', async () => {
    const [group] = await groupsOf()
    expect(group?.spec.policy.security).toBeUndefined()
    expect(group?.computedPolicy?.security).toEqual({
      allowPromiscuous: false,
      macChanges: true,
      forgedTransmits: true,
    })
    expect(policyOf('vse', 'esx-1.lab')).toEqual({ ...ACCEPTING, promiscuous: false })
  })

  it('are replaced by an update: what it leaves out is inherited from then on', async () => {
    const base = { name: 'vse', vlanId: 84, vswitchName: 'vSwitch0' }
    await update({
      ...base,
      policy: {
        security: { allowPromiscuous: true, macChanges: false },
        nicTeaming: { policy: 'failover_explicit', nicOrder: { activeNic: ['vmnic1'] } },
      },
    })
    const [first] = await groupsOf()
    expect(first?.spec.policy.nicTeaming?.policy).toBe('failover_explicit')
    expect(policyOf('vse', 'esx-1.lab')).toEqual({ ...ACCEPTING, macChanges: false })
    expect(policyOf('vse', 'esx-2.lab')).toEqual({ ...ACCEPTING, promiscuous: false })
    await update({ ...base, policy: { security: { allowPromiscuous: true } } })
    const [second] = await groupsOf()
    expect(second?.spec.policy.nicTeaming).toBeUndefined()
    expect(second?.computedPolicy?.nicTeaming?.policy).toBe('loadbalance_srcid')
    expect(policyOf('vse', 'esx-1.lab')).toEqual(ACCEPTING)
  })

  it('are added to one host each, and are one network where the name is the same', async () => {
    const { session, signal } = client
    const portgrp = { name: 'later', vlanId: 85, vswitchName: 'vSwitch0', policy: {} }
    const add = () => session.call('AddPortGroup', { self: networkSystem, args: { portgrp }, signal })
    await add()
    await expect(add()).rejects.toMatchObject({ fault: { type: 'AlreadyExists' } })
    const network = await client.find('/FRA/network/later')
    const { host: hosts } = await client.properties.get('Network', network, ['host'])
    expect(hosts).toEqual([host])
    await expect(
      session.call('AddPortGroup', {
        self: networkSystem,
        args: { portgrp: { ...portgrp, name: 'x', vswitchName: 'vSwitch9' } },
        signal,
      }),
    ).rejects.toMatchObject({ fault: { type: 'NotFound' } })
    await session.call('RemovePortGroup', { self: networkSystem, args: { pgName: 'later' }, signal })
    await expect(client.find('/FRA/network/later')).rejects.toThrow('nothing at')
    await expect(update(portgrp)).rejects.toMatchObject({ fault: { type: 'NotFound' } })
  })

  it('cannot be removed from under a machine', async () => {
    await client.importVm('edge-1')
    await expect(
      client.session.call('RemovePortGroup', {
        self: networkSystem,
        args: { pgName: 'vse' },
        signal: client.signal,
      }),
    ).rejects.toMatchObject({ fault: { type: 'ResourceInUse' } })
  })

  it('of a distributed switch merge what a change says, and insist on the version last read', async () => {
    const { session, properties, signal } = client
    const group = await client.find('/FRA/network/dvs-vse')
    const read = async () => {
      const { config } = await properties.get('DistributedVirtualPortgroup', group, ['config'])
      return config
    }
    const before = await read()
    const change = (spec: Arguments<'ReconfigureDVPortgroup_Task'>['spec']) =>
      client.done(session.call('ReconfigureDVPortgroup_Task', { self: group, args: { spec }, signal }))
    await change({
      configVersion: before.configVersion,
      defaultPortConfig: {
        $type: 'VMwareDVSPortSetting',
        securityPolicy: { inherited: false, allowPromiscuous: { inherited: false, value: true } },
      } as never,
    })
    // The switch enforces the newer place; the older one alone changes nothing.
    expect(policyOf('dvs-vse')).toEqual(REJECTING)
    await expect(change({ configVersion: before.configVersion, description: 'late' })).rejects.toMatchObject({
      fault: { type: 'ConcurrentAccess' },
    })
    const between = await read()
    await change({
      configVersion: between.configVersion,
      defaultPortConfig: {
        $type: 'VMwareDVSPortSetting',
        macManagementPolicy: {
          inherited: false,
          allowPromiscuous: true,
          macChanges: true,
          forgedTransmits: true,
        },
      } as never,
    })
    expect(policyOf('dvs-vse')).toEqual(ACCEPTING)
    const after = (await read()) as unknown as {
      name: string
      numPorts: number
      defaultPortConfig: Record<string, Record<string, unknown>>
    }
    expect(after).toMatchObject({ name: 'dvs-vse', numPorts: before.numPorts })
    expect(after.defaultPortConfig['vlan']).toMatchObject({ vlanId: 86 })
    expect(after.defaultPortConfig['securityPolicy']).toMatchObject({
      allowPromiscuous: { value: true },
      macChanges: { value: false },
    })
  })

  it('of a distributed switch keep a trunk and how they learn addresses, until that is changed', async () => {
    const { session, properties, signal } = client
    const group = await client.find('/FRA/network/dvs-vse')
    const read = async () => {
      const { config } = await properties.get('DistributedVirtualPortgroup', group, ['config'])
      return config as unknown as {
        configVersion: string
        defaultPortConfig: Record<'vlan' | 'macManagementPolicy', object>
      }
    }
    const change = async (setting: object) => {
      const { configVersion } = await read()
      const spec = {
        configVersion,
        defaultPortConfig: { $type: 'VMwareDVSPortSetting', ...setting } as never,
      }
      await client.done(session.call('ReconfigureDVPortgroup_Task', { self: group, args: { spec }, signal }))
      return (await read()).defaultPortConfig
    }
    const trunk = (vlanId: readonly object[]) => ({
      vlan: { $type: 'VmwareDistributedVirtualSwitchTrunkVlanSpec', inherited: false, vlanId },
    })
    const macLearningPolicy = { inherited: false, enabled: true, allowUnicastFlooding: true, limit: 4096 }
    await change(trunk([{ start: 100, end: 110 }]))
    await change({ macManagementPolicy: { inherited: false, macLearningPolicy } })
    const kept = await change({ macManagementPolicy: { inherited: false, allowPromiscuous: true } })
    expect(kept.vlan).toEqual(trunk([{ start: 100, end: 110 }]).vlan)
    expect(kept.macManagementPolicy).toMatchObject({ allowPromiscuous: true, macLearningPolicy })
    await expect(change(trunk([{ start: 110, end: 100 }]))).rejects.toMatchObject({
      fault: { type: 'InvalidArgument' },
    })
    const plain = { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', inherited: false, vlanId: 86 }
    expect((await change({ vlan: plain })).vlan).toEqual(plain)
  })

  it('are added to a distributed switch by a task that refuses a name twice', async () => {
    const { session, signal } = client
    const dvs = await client.find('/FRA/network/dvs')
    const add = () =>
      client.done(
        session.call('AddDVPortgroup_Task', {
          self: dvs,
          args: {
            spec: [
              {
                name: 'new',
                type: 'earlyBinding',
                numPorts: 16,
                defaultPortConfig: {
                  $type: 'VMwareDVSPortSetting',
                  vlan: { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', inherited: false, vlanId: 90 },
                } as never,
              },
            ],
          },
          signal,
        }),
      )
    await add()
    await expect(add()).rejects.toMatchObject({ fault: { type: 'DuplicateName' } })
    expect(rig.vcenter.status().portGroups).toContainEqual({
      name: 'new',
      kind: 'distributed',
      vlan: 90,
      policy: REJECTING,
    })
  })

  it('are changed by somebody else too, and the guest feels it at once', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1', ['vse', 'dvs-vse', 'vse'])
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    const machine = rig.guests.get('edge-1')?.machine
    await rig.vcenter.setPolicy('vse', { promiscuous: true })
    expect(machine?.policy('vse')).toEqual({ ...ACCEPTING, loops: true, vlan: 84 })
    await rig.vcenter.setPolicy('dvs-vse', ACCEPTING)
    expect(machine?.policy('dvs-vse')).toMatchObject(ACCEPTING)
    await rig.vcenter.setPolicy('vse', { promiscuous: false })
    expect(machine?.policy('vse')).toMatchObject({ promiscuous: false })
    await expect(rig.vcenter.setPolicy('nowhere', ACCEPTING)).rejects.toThrow('could not be found')
  })

  it('bring frames back over teamed uplinks until the host is told to check, with a long integer', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    const machine = rig.guests.get('edge-1')?.machine
    expect(machine?.policy('vse').loops).toBe(true)
    const { configManager } = await client.properties.get('HostSystem', host, ['configManager'])
    const self = configManager.advancedOption
    if (self === undefined) throw new Error('no options')
    const key = 'Net.ReversePathFwdCheckPromisc'
    const read = () => session.call('QueryOptions', { self, args: { name: key }, signal })
    const set = (value: bigint | number | string, name = key) =>
      session.call('UpdateOptions', { self, args: { changedValue: [{ key: name, value }] }, signal })
    expect(await read()).toEqual([{ key, value: 0n }])
    await expect(set(1)).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    await expect(set('1')).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    await expect(set(2n)).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    await expect(set(1n, 'Net.Nonsense')).rejects.toMatchObject({ fault: { type: 'InvalidName' } })
    await set(1n)
    expect(await read()).toEqual([{ key, value: 1n }])
    expect(machine?.policy('vse').loops).toBe(false)
    await expect(
      session.call('QueryOptions', { self, args: { name: 'Net.Nonsense' }, signal }),
    ).rejects.toMatchObject({ fault: { type: 'InvalidName' } })
  })
})

describe('the switches of the lab’s hosts', () => {
  let rig: Rig
  let client: Client
  beforeEach(async () => {
    const far = { name: 'far', kind: 'standard', vlan: 87, switch: 'vSwitch1', exists: true } as const
    const soon = { name: 'soon', kind: 'standard', vlan: 88, switch: 'vSwitch2', exists: false } as const
    const distributed = SEED.networks.filter(({ kind }) => kind === 'distributed')
    rig = await openRig({ ...SEED, networks: [far, soon, ...distributed] }, { folder: await makeFolder() })
    client = await rig.login()
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  async function networkOf(name: string) {
    const host = await client.find(`/FRA/host/edge/${name}`)
    const { 'config.network': network, configManager } = await client.properties.get('HostSystem', host, [
      'config.network',
      'configManager',
    ])
    if (network === undefined) throw new Error('no network')
    return { network, self: configManager.networkSystem ?? host }
  }

  it('are vSwitch0 and every one that a network of the inventory is on, each with uplinks of its own', async () => {
    for (const [name, team] of [
      ['esx-1.lab', 2],
      ['esx-2.lab', 1],
    ] as const) {
      const { network } = await networkOf(name)
      expect(network.vswitch.map((each) => each.name)).toEqual(['vSwitch0', 'vSwitch1', 'vSwitch2'])
      expect(network.proxySwitch.map(({ dvsName }) => dvsName)).toEqual(['dvs'])
      const teams = [...network.vswitch, ...network.proxySwitch].map(({ pnic }) => pnic)
      expect(teams.map((keys) => keys.length)).toEqual([team, team, team, team])
      expect(new Set(teams.flat())).toEqual(new Set(network.pnic.map(({ key }) => key)))
      expect(network.pnic).toHaveLength(4 * team)
      expect(new Set(network.pnic.map(({ mac }) => mac)).size).toBe(4 * team)
    }
  })

  it('carry their own port groups, and take new ones', async () => {
    const { session, signal } = client
    const { self } = await networkOf('esx-1.lab')
    const portgrp = { name: 'soon', vlanId: 88, vswitchName: 'vSwitch2', policy: {} }
    await session.call('AddPortGroup', { self, args: { portgrp }, signal })
    const { network } = await networkOf('esx-1.lab')
    expect(network.vswitch.map(({ portgroup }) => portgroup)).toEqual([
      [],
      ['key-vim.host.PortGroup-far'],
      ['key-vim.host.PortGroup-soon'],
    ])
    const [far, soon] = network.portgroup
    expect(far?.spec.vswitchName).toBe('vSwitch1')
    expect(far?.computedPolicy?.nicTeaming?.nicOrder?.activeNic).toEqual(['vmnic2', 'vmnic3'])
    expect(soon?.computedPolicy?.nicTeaming?.nicOrder?.activeNic).toEqual(['vmnic4', 'vmnic5'])
  })
})

// esx-1 has a team of two uplinks, which brings a machine's own multicast back to it.
describe.each(['vse', 'dvs-vse'])('the reverse path check of a host, behind %s', (network) => {
  let rig: Rig
  let client: Client
  let vm: MoRef
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    vm = await client.importVm('edge-1', [network, network, network])
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const power = (operation: 'PowerOnVM_Task' | 'PowerOffVM_Task') =>
    client.done(client.session.call(operation, { self: vm, args: {}, signal: client.signal }))
  const loops = () => rig.guests.get('edge-1')?.machine.policy(network).loops

  async function setCheck(value: bigint): Promise<void> {
    const host = await client.find('/FRA/host/edge/esx-1.lab')
    const { configManager } = await client.properties.get('HostSystem', host, ['configManager'])
    await client.session.call('UpdateOptions', {
      self: configManager.advancedOption ?? host,
      args: { changedValue: [{ key: 'Net.ReversePathFwdCheckPromisc', value }] },
      signal: client.signal,
    })
  }

  it('holds for promiscuous ports only after promiscuous mode was switched off and on', async () => {
    await rig.vcenter.setPolicy(network, { promiscuous: true })
    await power('PowerOnVM_Task')
    expect(loops()).toBe(true)
    await setCheck(1n)
    expect(loops()).toBe(true)
    await rig.vcenter.setPolicy(network, { forgedTransmits: true })
    expect(loops()).toBe(true)
    await rig.vcenter.setPolicy(network, { promiscuous: false })
    await rig.vcenter.setPolicy(network, { promiscuous: true })
    expect(loops()).toBe(false)
    // Back again without a toggle: what the ports have is what they keep, until they are made anew.
    await setCheck(0n)
    expect(loops()).toBe(false)
    await power('PowerOffVM_Task')
    await power('PowerOnVM_Task')
    expect(loops()).toBe(true)
  })

  it('holds at once where nothing is promiscuous yet, and is remembered over the end of the process', async () => {
    await power('PowerOnVM_Task')
    await setCheck(1n)
    await rig.vcenter.setPolicy(network, { promiscuous: true })
    expect(loops()).toBe(false)
    await setCheck(0n)
    expect(loops()).toBe(false)
    await client.close()
    await rig.close()
    rig = await openRig(SEED, { folder: rig.folder })
    client = await rig.login()
    expect(loops()).toBe(false)
  })
})
