import { expect } from 'vitest'

import type { Behaviour } from './behaviour.ts'
import type { Kit } from './kit.ts'

const PROMISC = 'Net.ReversePathFwdCheckPromisc'
const CAVIUM = 0x177d

async function advancedOption(kit: Kit) {
  const [host] = await kit.hosts()
  if (host.advancedOption === undefined) throw new Error('no advanced options')
  return host.advancedOption
}

/** Hosts: what they say of themselves, their options, their cards. */
export const hostBehaviours: readonly Behaviour[] = [
  {
    title: 'shows its hosts with their memory and the uplinks of their switches',
    async run(kit) {
      const hosts = await kit.hosts()
      expect(hosts.map(({ name }) => name)).toEqual(kit.server.places.hosts)
      for (const host of hosts) {
        expect(host).toMatchObject({ ready: true, memoryGB: 256 })
        expect(host.version).toMatch(/^\d+\.\d+\.\d+$/)
        expect(host.memoryFreeGB).toBeLessThan(256)
        const uplinks = host.switches.find(({ name }) => name === kit.server.places.switch)?.uplinks
        expect(uplinks).toEqual(['vmnic0', 'vmnic1'])
      }
    },
  },
  {
    title: 'shows the distributed switch of a host with its own uplinks',
    only: 'vcenter',
    async run(kit) {
      const [host] = await kit.hosts()
      const { distributed, switch: standard } = kit.server.places
      const uplinksOf = (wanted = '') => host.switches.find(({ name }) => name === wanted)?.uplinks ?? []
      expect(uplinksOf(distributed?.switch)).toHaveLength(2)
      expect(uplinksOf(distributed?.switch)).not.toEqual(expect.arrayContaining([...uplinksOf(standard)]))
    },
  },
  {
    title: 'has integers of 64 bits for numeric options, and takes a new value',
    async run(kit) {
      const [host] = await kit.hosts()
      expect(await kit.writer.hostOption(host, PROMISC)).toBe(0n)
      await kit.writer.setHostOption(host, { name: PROMISC, value: 1 })
      expect(await kit.writer.hostOption(host, PROMISC)).toBe(1n)
      const self = await advancedOption(kit)
      const { supportedOption } = await kit.properties.get('OptionManager', self, ['supportedOption'])
      expect(supportedOption.find(({ key }) => key === PROMISC)?.optionType).toMatchObject({
        $type: 'LongOption',
        min: 0n,
        max: 1n,
      })
    },
  },
  {
    title: 'refuses a value of another type, and one out of range',
    async run(kit) {
      const self = await advancedOption(kit)
      for (const value of [1, '1', true, 2n, -1n]) {
        await expect(
          kit.call('UpdateOptions', self, { changedValue: [{ key: PROMISC, value }] }),
          `${value} is refused`,
        ).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
      }
    },
  },
  {
    title: 'does not know an option that is not there',
    async run(kit) {
      const [host] = await kit.hosts()
      const self = await advancedOption(kit)
      const key = 'Net.ReversePathFwdCheckPromiscuous'
      expect(await kit.writer.hostOption(host, key)).toBeUndefined()
      await expect(kit.call('QueryOptions', self, { name: key })).rejects.toMatchObject({
        fault: { type: 'InvalidName' },
      })
      await expect(
        kit.call('UpdateOptions', self, { changedValue: [{ key, value: 1n }] }),
      ).rejects.toMatchObject({ fault: { type: 'InvalidName' } })
    },
  },
  {
    title: 'marks a card for passthrough, and offers it to machines from then on',
    async run(kit) {
      const vm = await kit.importVm('with-card')
      const { environmentBrowser, 'runtime.host': on } = await kit.properties.get('VirtualMachine', vm, [
        'environmentBrowser',
        'runtime.host',
      ])
      const cardOf = async () => (await kit.hosts())[0].cards.find(({ vendorId }) => vendorId === CAVIUM)
      const [host] = await kit.hosts()
      const offered = async () =>
        (await kit.call('QueryConfigTarget', environmentBrowser, { host: host.ref }))?.pciPassthrough ?? []
      const card = await cardOf()
      expect(card).toMatchObject({ capable: true, enabled: false, active: false })
      expect(await offered()).toEqual([])
      if (card === undefined || host.passthroughSystem === undefined) throw new Error('no card')
      const config = [{ id: card.id, passthruEnabled: true }]
      await kit.call('UpdatePassthruConfig', host.passthroughSystem, { config })
      expect(await cardOf()).toMatchObject({ enabled: true, active: true })
      const [target] = await offered()
      expect(target).toMatchObject({ pciDevice: { id: card.id, vendorId: CAVIUM } })
      expect(target?.systemId).not.toBe('')
      expect(on).toBeDefined()
      const unknown = [{ id: '0000:ff:1f.7', passthruEnabled: true }]
      await expect(
        kit.call('UpdatePassthruConfig', host.passthroughSystem, { config: unknown }),
      ).rejects.toMatchObject({
        fault: { type: 'NotFound' },
      })
    },
  },
]
