import { expect } from 'vitest'

import type { Behaviour } from './behaviour.ts'
import type { Kit } from './kit.ts'

const GB = 1024n ** 2n

async function reconfigure(kit: Kit, name: string, spec: object): Promise<void> {
  const { ref } = await kit.machine(name)
  await kit.run('ReconfigVM_Task', ref, { spec })
}

async function resize(kit: Kit, name: string, capacityGB: bigint): Promise<void> {
  const { devices, disks } = await kit.machine(name)
  const disk = devices.find(({ key }) => key === disks[0]?.key)
  if (disk === undefined) throw new Error('no disk')
  const capacityInKB = capacityGB * GB
  const device = { ...disk, capacityInKB, capacityInBytes: capacityInKB * 1024n }
  await reconfigure(kit, name, { deviceChange: [{ operation: 'edit', device }] })
}

/** A NITROX card as a machine is given one. */
const CARD = {
  operation: 'add',
  device: {
    $type: 'VirtualPCIPassthrough',
    key: -100,
    backing: {
      $type: 'VirtualPCIPassthroughDeviceBackingInfo',
      deviceName: 'Nitrox',
      id: '0000:3b:00.0',
      deviceId: '11',
      systemId: 'none',
      vendorId: 0x177d,
    },
  },
} as const

/** Virtual machines: hardware, settings, templates, keyboard and screen. */
export const machineBehaviours: readonly Behaviour[] = [
  {
    title: 'changes processors, memory and its reservation, and keeps the rest',
    async run(kit) {
      await kit.importVm('resized')
      const before = await kit.machine('resized')
      await reconfigure(kit, 'resized', {
        numCPUs: 8,
        memoryMB: 49_152n,
        memoryAllocation: { reservation: 49_152n },
        memoryReservationLockedToMax: true,
      })
      const after = await kit.machine('resized')
      expect(after).toMatchObject({ cpus: 8, memoryMB: 49_152, memoryLocked: true, annotation: 'ours' })
      expect(after.nics).toEqual(before.nics)
      expect(after.instanceUuid).toBe(before.instanceUuid)
    },
  },
  {
    title: 'grows a disk, and shrinks none',
    async run(kit) {
      await kit.importVm('grown')
      await resize(kit, 'grown', 600n)
      expect((await kit.machine('grown')).disks).toMatchObject([{ capacityGB: 600, thin: true }])
      await expect(resize(kit, 'grown', 500n)).rejects.toThrow(/./)
      expect((await kit.machine('grown')).disks).toMatchObject([{ capacityGB: 600 }])
    },
  },
  {
    title: 'adds settings to those that are there, and forgets one that is set to nothing',
    async run(kit) {
      await kit.importVm('settings')
      await reconfigure(kit, 'settings', { extraConfig: [{ key: 'runbook.more', value: 'yes' }] })
      expect((await kit.machine('settings')).settings).toMatchObject({
        'runbook.import': 'importing',
        'runbook.more': 'yes',
      })
      await reconfigure(kit, 'settings', { extraConfig: [{ key: 'runbook.more', value: '' }] })
      expect((await kit.machine('settings')).settings['runbook.more']).toBeUndefined()
    },
  },
  {
    title: 'plugs its cards into a distributed port group, and keeps their addresses',
    only: 'vcenter',
    async run(kit) {
      await kit.importVm('plugged')
      const before = await kit.machine('plugged')
      const { distributed, network } = kit.server.places
      const wanted = [distributed?.portGroup ?? '', network, distributed?.portGroup ?? '']
      await kit.writer.plugNics(before, wanted)
      const after = await kit.machine('plugged')
      expect(after.nics.map((nic) => nic.network)).toEqual(wanted)
      expect(after.nics.map(({ mac }) => mac)).toEqual(before.nics.map(({ mac }) => mac))
    },
  },
  {
    title: 'lists on a network the machines that are plugged into it',
    async run(kit) {
      const ref = await kit.importVm('listed')
      const network = await kit.finder.require('Network', kit.path('network', kit.server.places.network))
      const { vm } = await kit.properties.get('Network', network, ['vm'])
      expect(vm).toContainEqual(ref)
    },
  },
  {
    title: 'changes no processors while the machine is on',
    async run(kit) {
      const ref = await kit.importVm('running')
      await kit.run('PowerOnVM_Task', ref, {})
      await reconfigure(kit, 'running', { numCPUs: 8 }).catch(() => undefined)
      const { cpus } = await kit.machine('running')
      await kit.run('PowerOffVM_Task', ref, {})
      expect(cpus).toBe(4)
    },
  },
  {
    title: 'adds no PCI card while the machine is on',
    async run(kit) {
      const ref = await kit.importVm('no-card')
      await kit.run('PowerOnVM_Task', ref, {})
      await reconfigure(kit, 'no-card', { deviceChange: [CARD] }).catch(() => undefined)
      const { cards } = await kit.machine('no-card')
      await kit.run('PowerOffVM_Task', ref, {})
      expect(cards).toEqual([])
    },
  },
  {
    title: 'renames a machine, but not to a name that is taken',
    async run(kit) {
      const ref = await kit.importVm('name-a')
      await kit.importVm('name-b')
      await expect(kit.run('Rename_Task', ref, { newName: 'name-b' })).rejects.toThrow(/DuplicateName/)
      await kit.run('Rename_Task', ref, { newName: 'name-c' })
      expect(await kit.finder.find('VirtualMachine', kit.path('vm', 'name-c'))).toEqual(ref)
      expect(await kit.finder.find('VirtualMachine', kit.path('vm', 'name-a'))).toBeUndefined()
    },
  },
  {
    title: 'clones a machine: the same hardware, another identity',
    only: 'vcenter',
    async run(kit) {
      const self = await kit.importVm('original')
      const folder = await kit.finder.require('Folder', kit.path('vm'))
      const result = await kit.run('CloneVM_Task', self, {
        folder,
        name: 'copy',
        spec: {
          location: {},
          template: false,
          powerOn: false,
          config: { annotation: 'a copy', extraConfig: [{ key: 'runbook.import', value: 'done' }] },
        },
      })
      const original = await kit.machine('original')
      const copy = await kit.machine('copy')
      expect(result).toEqual(copy.ref)
      expect(copy).toMatchObject({
        annotation: 'a copy',
        settings: { 'runbook.import': 'done' },
        cpus: original.cpus,
        memoryMB: original.memoryMB,
        power: 'poweredOff',
      })
      expect(copy.disks.map(({ capacityGB, thin }) => ({ capacityGB, thin }))).toEqual(
        original.disks.map(({ capacityGB, thin }) => ({ capacityGB, thin })),
      )
      expect(copy.nics.map(({ network }) => network)).toEqual(original.nics.map(({ network }) => network))
      expect(copy.instanceUuid).not.toBe(original.instanceUuid)
    },
  },
  {
    title: 'gives the cards of a clone addresses of their own',
    only: 'vcenter',
    async run(kit) {
      const self = await kit.importVm('addressed')
      const folder = await kit.finder.require('Folder', kit.path('vm'))
      const spec = { location: {}, template: false, powerOn: false }
      await kit.run('CloneVM_Task', self, { folder, name: 'addressed-2', spec })
      const machines = [await kit.machine('addressed'), await kit.machine('addressed-2')]
      const addresses = machines.flatMap(({ nics }) => nics.map(({ mac }) => mac))
      expect(new Set(addresses).size).toBe(6)
    },
  },
  {
    title: 'switches no template on, and clones it only into a resource pool',
    only: 'vcenter',
    async run(kit) {
      const self = await kit.importVm('mould')
      await kit.call('MarkAsTemplate', self, {})
      const { 'config.template': isTemplate } = await kit.properties.get('VirtualMachine', self, [
        'config.template',
      ])
      expect(isTemplate).toBe(true)
      await expect(kit.run('PowerOnVM_Task', self, {})).rejects.toThrow(
        /NotSupported|InvalidState|not supported/,
      )
      const folder = await kit.finder.require('Folder', kit.path('vm'))
      const clone = (name: string, location: object): Promise<unknown> =>
        kit.run('CloneVM_Task', self, { folder, name, spec: { location, template: false, powerOn: false } })
      await expect(clone('cast-0', {})).rejects.toThrow(/InvalidArgument/)
      const { computeCluster = '' } = kit.server.places
      const pool = await kit.finder.require('ResourcePool', kit.path('host', computeCluster, 'Resources'))
      await clone('cast-1', { pool })
      await kit.run('PowerOnVM_Task', (await kit.machine('cast-1')).ref, {})
      await kit.run('PowerOffVM_Task', (await kit.machine('cast-1')).ref, {})
    },
  },
  {
    title: 'clones nothing on a host that stands alone',
    only: 'esxi',
    async run(kit) {
      const self = await kit.importVm('alone')
      const folder = await kit.finder.require('Folder', kit.path('vm'))
      const spec = { location: {}, template: false, powerOn: false }
      const cloning = kit.run('CloneVM_Task', self, { folder, name: 'alone-2', spec })
      await expect(cloning).rejects.toMatchObject({
        message: expect.stringMatching(/NotSupported|not supported/),
      })
    },
  },
  {
    title: 'takes keys while the machine is on, and only then',
    async run(kit) {
      const self = await kit.importVm('typed')
      const keyEvents = [0x04, 0x05, 0x28].map((usage) => ({ usbHidCode: (usage << 16) | 7 }))
      await expect(kit.call('PutUsbScanCodes', self, { spec: { keyEvents } })).rejects.toMatchObject({
        fault: { type: 'InvalidPowerState' },
      })
      await kit.run('PowerOnVM_Task', self, {})
      expect(await kit.call('PutUsbScanCodes', self, { spec: { keyEvents } })).toBe(3)
      await kit.run('PowerOffVM_Task', self, {})
    },
  },
  {
    title: 'keeps a snapshot of a machine, and says that it does',
    async run(kit) {
      const self = await kit.importVm('kept')
      expect(await kit.machine('kept')).toMatchObject({ hasSnapshots: false })
      const snapshot = await kit.run('CreateSnapshot_Task', self, {
        name: 'before',
        memory: false,
        quiesce: false,
      })
      expect(snapshot).toMatchObject({ type: 'VirtualMachineSnapshot' })
      expect(await kit.machine('kept')).toMatchObject({ hasSnapshots: true })
    },
  },
  {
    title: 'moves a machine that is off to another host, where there is one',
    async run(kit) {
      const self = await kit.importVm('moved')
      const { host: from } = await kit.machine('moved')
      const to = (await kit.hosts()).find(({ ref }) => ref.value !== from?.value)
      if (to === undefined) return
      await kit.run('RelocateVM_Task', self, { spec: { host: to.ref } })
      expect(await kit.machine('moved')).toMatchObject({ host: to.ref, power: 'poweredOff' })
    },
  },
  {
    title: 'shows the screen of a machine that is on, to whoever has logged in',
    async run(kit) {
      const { signal, session } = kit
      const self = await kit.importVm('shown')
      const screen = () => session.fetch(`/screen?id=${self.value}`, { signal })
      expect((await screen()).status).not.toBe(200)
      await kit.run('PowerOnVM_Task', self, {})
      const { status, body } = await screen()
      expect(status).toBe(200)
      expect(body.toString('latin1', 0, 4)).toBe('\u0089PNG')
      await kit.run('PowerOffVM_Task', self, {})
    },
  },
  {
    title: 'puts a screenshot on the datastore, from where it can be fetched',
    async run(kit) {
      const { signal, session } = kit
      const { datacenter, datastore } = kit.server.places
      const self = await kit.importVm('pictured')
      await kit.run('PowerOnVM_Task', self, {})
      const file = String(await kit.run('CreateScreenshot_Task', self, {}))
      const [, store, path] = /^\[(.+)\] (.+\.png)$/.exec(file) ?? []
      expect(store).toBe(datastore)
      const query = new URLSearchParams({ dcPath: datacenter, dsName: datastore })
      const { status, body } = await session.fetch(`/folder/${path ?? ''}?${query.toString()}`, { signal })
      expect(status).toBe(200)
      expect(body.toString('latin1', 0, 4)).toBe('\u0089PNG')
      await kit.run('PowerOffVM_Task', self, {})
    },
  },
]
