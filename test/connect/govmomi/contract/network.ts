import { expect } from 'vitest'

import type { Behaviour } from './behaviour.ts'
import type { Kit } from './kit.ts'

const ACCEPT = { promiscuous: true, macChanges: true, forgedTransmits: true } as const
const REJECT = { promiscuous: false, macChanges: false, forgedTransmits: false } as const

async function networkSystem(kit: Kit, index = 0) {
  const self = (await kit.hosts())[index]?.networkSystem
  if (self === undefined) throw new Error('no network system')
  return self
}

/** Where the distributed switch is, and how to read a port group of it. */
function distributed(kit: Kit) {
  const { distributed: places, datacenter } = kit.server.places
  if (places === undefined) throw new Error('no distributed switch')
  return {
    datacenter,
    switch: places.switch,
    read: (name: string) => kit.writer.distributedPortGroup({ datacenter, name }),
  }
}

const groupOf = async (kit: Kit, name: string, index = 0) =>
  (await kit.hosts())[index]?.portGroups.find((group) => group.name === name)

/** Port groups of both kinds, and the policy that virtual addresses depend on. */
export const networkBehaviours: readonly Behaviour[] = [
  {
    title: 'adds a standard port group with its policy and VLAN, as a network of that name',
    async run(kit) {
      const [host] = await kit.hosts()
      const { switch: vswitch } = kit.server.places
      await kit.writer.putStandardPortGroup(host, {
        name: 'std-new',
        switch: vswitch,
        vlan: 84,
        security: ACCEPT,
      })
      const group = await groupOf(kit, 'std-new')
      expect(group).toMatchObject({ spec: { vlanId: 84, vswitchName: vswitch }, security: ACCEPT })
      const network = await kit.finder.require('Network', kit.path('network', 'std-new'))
      const { host: hosts, vm } = await kit.properties.get('Network', network, ['host', 'vm'])
      expect(hosts).toEqual([host.ref])
      expect(vm).toEqual([])
    },
  },
  {
    title: 'lets a port group inherit from its switch what it does not say itself',
    async run(kit) {
      const self = await networkSystem(kit)
      const { switch: vswitchName } = kit.server.places
      const policy = { security: { allowPromiscuous: true } }
      await kit.call('AddPortGroup', self, { portgrp: { name: 'std-some', vlanId: 0, vswitchName, policy } })
      const [host] = await kit.hosts()
      const above = host.switches.find(({ name }) => name === vswitchName)?.security
      const { networkInfo } = await kit.properties.get('HostNetworkSystem', self, ['networkInfo'])
      const group = networkInfo?.portgroup.find(({ spec }) => spec.name === 'std-some')
      expect(group?.spec.policy.security?.macChanges).toBeUndefined()
      expect(group?.computedPolicy?.security).toMatchObject({
        allowPromiscuous: true,
        macChanges: above?.macChanges,
        forgedTransmits: above?.forgedTransmits,
      })
    },
  },
  {
    title: 'replaces the whole specification of a standard port group',
    async run(kit) {
      const self = await networkSystem(kit)
      const { switch: vswitchName } = kit.server.places
      const nicTeaming = { policy: 'failover_explicit', nicOrder: { activeNic: ['vmnic0'], standbyNic: [] } }
      const before = { name: 'std-change', vlanId: 7, vswitchName, policy: { nicTeaming } }
      await kit.call('AddPortGroup', self, { portgrp: before })
      expect((await groupOf(kit, 'std-change'))?.spec.policy.nicTeaming).toMatchObject({
        policy: 'failover_explicit',
      })
      const portgrp = { ...before, policy: { security: { allowPromiscuous: true } } }
      await kit.call('UpdatePortGroup', self, { pgName: 'std-change', portgrp })
      const { spec, security } = (await groupOf(kit, 'std-change')) ?? {}
      expect(security?.promiscuous).toBe(true)
      expect(spec?.policy.nicTeaming?.policy).toBeUndefined()
    },
  },
  {
    title: 'refuses a standard port group that is there, and one on a switch that is not',
    async run(kit) {
      const self = await networkSystem(kit)
      const { switch: vswitchName } = kit.server.places
      const portgrp = { name: 'std-twice', vlanId: 0, vswitchName, policy: {} }
      await kit.call('AddPortGroup', self, { portgrp })
      await expect(kit.call('AddPortGroup', self, { portgrp })).rejects.toMatchObject({
        fault: { type: 'AlreadyExists' },
      })
      const elsewhere = { ...portgrp, name: 'std-nowhere', vswitchName: 'vSwitch9' }
      await expect(kit.call('AddPortGroup', self, { portgrp: elsewhere })).rejects.toMatchObject({
        fault: { type: 'NotFound' },
      })
      await expect(
        kit.call('UpdatePortGroup', self, {
          pgName: 'std-nobody',
          portgrp: { ...portgrp, name: 'std-nobody' },
        }),
      ).rejects.toMatchObject({ fault: { type: 'NotFound' } })
    },
  },
  {
    title: 'has port groups of one name on several hosts as one network',
    only: 'vcenter',
    async run(kit) {
      const hosts = await kit.hosts()
      const { switch: vswitchName } = kit.server.places
      for (const index of hosts.keys()) {
        const portgrp = { name: 'std-both', vlanId: 0, vswitchName, policy: {} }
        await kit.call('AddPortGroup', await networkSystem(kit, index), { portgrp })
      }
      const network = await kit.finder.require('Network', kit.path('network', 'std-both'))
      const { host } = await kit.properties.get('Network', network, ['host'])
      expect(host.map(({ value }) => value).toSorted()).toEqual(hosts.map(({ ref }) => ref.value).toSorted())
    },
  },
  {
    title: 'removes a standard port group',
    async run(kit) {
      const self = await networkSystem(kit)
      const portgrp = { name: 'std-gone', vlanId: 0, vswitchName: kit.server.places.switch, policy: {} }
      await kit.call('AddPortGroup', self, { portgrp })
      await kit.call('RemovePortGroup', self, { pgName: 'std-gone' })
      expect(await groupOf(kit, 'std-gone')).toBeUndefined()
      await expect(kit.call('RemovePortGroup', self, { pgName: 'std-gone' })).rejects.toMatchObject({
        fault: { type: 'NotFound' },
      })
    },
  },
  {
    title: 'adds a distributed port group that holds its policy in both places',
    only: 'vcenter',
    async run(kit) {
      const { switch: dvs, datacenter, read } = distributed(kit)
      await kit.writer.putDistributedPortGroup(datacenter, {
        name: 'dv-new',
        switch: dvs,
        vlan: 7,
        security: ACCEPT,
      })
      expect(await read('dv-new')).toMatchObject({
        switch: dvs,
        vlan: 7,
        policies: { security: ACCEPT, macManagement: ACCEPT },
      })
      expect(
        await kit.finder.find('DistributedVirtualPortgroup', kit.path('network', 'dv-new')),
      ).toBeDefined()
    },
  },
  {
    title: 'accepts nothing on a new distributed port group of which nothing is said',
    only: 'vcenter',
    async run(kit) {
      const { switch: dvs, read } = distributed(kit)
      const self = await kit.finder.require('DistributedVirtualSwitch', kit.path('network', dvs))
      await kit.run('AddDVPortgroup_Task', self, {
        spec: [{ name: 'dv-bare', numPorts: 8, type: 'earlyBinding' }],
      })
      expect(await read('dv-bare')).toMatchObject({
        vlan: 0,
        policies: { security: REJECT, macManagement: REJECT },
      })
    },
  },
  {
    title: 'keeps of a distributed port group what a change does not mention',
    only: 'vcenter',
    async run(kit) {
      const { switch: dvs, datacenter, read } = distributed(kit)
      const wanted = { name: 'dv-keep', switch: dvs, vlan: 9, security: REJECT }
      await kit.writer.putDistributedPortGroup(datacenter, wanted)
      const before = await read('dv-keep')
      if (before === undefined) throw new Error('no port group')
      await kit.writer.putDistributedPortGroup(datacenter, { ...wanted, security: ACCEPT })
      const after = await read('dv-keep')
      expect(after).toMatchObject({ vlan: 9, policies: { security: ACCEPT, macManagement: ACCEPT } })
      expect(after?.configVersion).not.toBe(before.configVersion)
      const { config, name } = await kit.properties.get('DistributedVirtualPortgroup', before.ref, [
        'config',
        'name',
      ])
      expect(name).toBe('dv-keep')
      expect(config).toMatchObject({ name: 'dv-keep', numPorts: 8, type: 'earlyBinding', autoExpand: true })
    },
  },
  {
    title: 'refuses a change of a distributed port group that somebody else has changed',
    only: 'vcenter',
    async run(kit) {
      const { switch: dvs, datacenter, read } = distributed(kit)
      const wanted = { name: 'dv-race', switch: dvs, vlan: 9, security: REJECT }
      await kit.writer.putDistributedPortGroup(datacenter, wanted)
      const before = await read('dv-race')
      if (before === undefined) throw new Error('no port group')
      const spec = { configVersion: before.configVersion, description: 'first' }
      await kit.run('ReconfigureDVPortgroup_Task', before.ref, { spec })
      await expect(
        kit.run('ReconfigureDVPortgroup_Task', before.ref, { spec: { ...spec, description: 'second' } }),
      ).rejects.toThrow(/ConcurrentAccess/)
    },
  },
  {
    title: 'refuses a second distributed port group of the same name',
    only: 'vcenter',
    async run(kit) {
      const { switch: dvs } = distributed(kit)
      const self = await kit.finder.require('DistributedVirtualSwitch', kit.path('network', dvs))
      const args = { spec: [{ name: 'dv-twice', numPorts: 8, type: 'earlyBinding' }] }
      await kit.run('AddDVPortgroup_Task', self, args)
      await expect(kit.run('AddDVPortgroup_Task', self, args)).rejects.toThrow(/DuplicateName/)
    },
  },
]
