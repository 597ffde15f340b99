import { expect } from 'vitest'

import type { Behaviour } from './behaviour.ts'
import type { Kit } from './kit.ts'

const EVERYTHING = { type: 'Folder', path: 'childEntity', recursive: true } as const

/** What a watcher is told while a VM of this name is powered on, after something else has happened. */
async function watchPowerOn(
  kit: Kit,
  name: string,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly unknown[]> {
  const self = await kit.importVm(name)
  const states: unknown[] = []
  const starting: Promise<unknown>[] = []
  await kit.watcher.watch({
    type: 'VirtualMachine',
    ref: self,
    paths: ['runtime.powerState'],
    signal: kit.signal,
    until(seen) {
      states.push(seen.get('runtime.powerState'))
      if (states.length === 1) starting.push(before().then(() => kit.run('PowerOnVM_Task', self, {})))
      return states.at(-1) === 'poweredOn'
    },
  })
  await Promise.all(starting)
  await kit.run('PowerOffVM_Task', self, {})
  return states
}

/** Everything below a folder, in pages of one. */
async function pageThrough(kit: Kit): Promise<readonly string[]> {
  const { session } = kit
  const self = session.content.propertyCollector
  const folder = await kit.finder.require('Folder', kit.path('network'))
  const options = { maxObjects: 1 }
  const selectSet = [
    { $type: 'TraversalSpec' as const, type: 'Folder', path: 'childEntity', skip: false, selectSet: [] },
  ]
  const specSet = [
    {
      propSet: [{ type: 'ManagedEntity', all: false, pathSet: ['name'] }],
      objectSet: [{ obj: folder, skip: true, selectSet }],
    },
  ]
  const names: string[] = []
  let page = await kit.call('RetrievePropertiesEx', self, { specSet, options })
  for (;;) {
    expect(page?.objects).toHaveLength(1)
    names.push(...(page?.objects ?? []).flatMap(({ propSet }) => propSet.map(({ val }) => val as string)))
    const token = page?.token
    if (token === undefined) return names
    page = await kit.call('ContinueRetrievePropertiesEx', self, { token })
  }
}

/** The property collector: reading once, page by page, and whenever something changes. */
export const propertyBehaviours: readonly Behaviour[] = [
  {
    title: 'reads a property inside another, and lists as arrays',
    async run(kit) {
      const [{ ref, name }] = await kit.hosts()
      const values = await kit.properties.get('HostSystem', ref, [
        'name',
        'hardware.memorySize',
        'config.network.pnic',
      ])
      expect(values.name).toBe(name)
      expect(values['hardware.memorySize']).toBe(256n * 1024n ** 3n)
      expect(values['config.network.pnic']?.map(({ device }) => device)).toEqual(
        expect.arrayContaining(['vmnic0', 'vmnic1']),
      )
    },
  },
  {
    title: 'walks from object to object on the way that it is told',
    async run(kit) {
      const from = await kit.finder.require('Datacenter', kit.path())
      const via = [{ type: 'Datacenter', path: 'networkFolder' } as const, EVERYTHING]
      const found = await kit.properties.list('Network', { from, via }, ['name'])
      expect(found.map(({ values }) => values.name)).toContain(kit.server.places.network)
    },
  },
  {
    title: 'gives long lists in pages, and each object once',
    async run(kit) {
      const folder = await kit.finder.require('Folder', kit.path('network'))
      const whole = await kit.properties.list(
        'ManagedEntity',
        { from: folder, via: [{ type: 'Folder', path: 'childEntity' }] },
        ['name'],
      )
      const names = await pageThrough(kit)
      expect(names.toSorted()).toEqual(whole.map(({ values }) => values.name).toSorted())
    },
  },
  {
    title: 'refuses a property that the type does not have',
    async run(kit) {
      const [{ ref }] = await kit.hosts()
      const specSet = [
        {
          propSet: [{ type: 'HostSystem', all: false, pathSet: ['config.colour'] }],
          objectSet: [{ obj: ref, skip: false }],
        },
      ]
      const self = kit.session.content.propertyCollector
      await expect(kit.call('RetrievePropertiesEx', self, { specSet, options: {} })).rejects.toMatchObject({
        fault: { type: 'InvalidProperty' },
      })
    },
  },
  {
    title: 'says of an object that is gone that it is gone',
    async run(kit) {
      const self = await kit.importVm('gone')
      await kit.run('Destroy_Task', self, {})
      await expect(kit.properties.get('VirtualMachine', self, ['name'])).rejects.toMatchObject({
        fault: { type: 'ManagedObjectNotFound' },
      })
      expect(await kit.finder.find('VirtualMachine', kit.path('vm', 'gone'))).toBeUndefined()
    },
  },
  {
    title: 'tells a watcher the state at once, and each change when it happens',
    async run(kit) {
      expect(await watchPowerOn(kit, 'watched')).toEqual(['poweredOff', 'poweredOn'])
    },
  },
  {
    title: 'goes on telling a watcher whose session has ended meanwhile',
    async run(kit) {
      const states = await watchPowerOn(kit, 'watched-on', () => kit.server.endSessions())
      expect(states.at(-1)).toBe('poweredOn')
    },
  },
  {
    title: 'answers nothing to who asks for updates when there are none',
    async run(kit) {
      const [{ ref }] = await kit.hosts()
      const collector = await kit.call('CreatePropertyCollector', kit.session.content.propertyCollector, {})
      const spec = {
        propSet: [{ type: 'HostSystem', all: false, pathSet: ['name'] }],
        objectSet: [{ obj: ref, skip: false }],
      }
      await kit.call('CreateFilter', collector, { spec, partialUpdates: false })
      const first = await kit.call('WaitForUpdatesEx', collector, { version: '' })
      expect(first?.filterSet[0]?.objectSet[0]?.kind).toBe('enter')
      const version = first?.version
      const options = { maxWaitSeconds: 0 }
      expect(await kit.call('WaitForUpdatesEx', collector, { version, options })).toBeUndefined()
      await kit.call('DestroyPropertyCollector', collector, {})
      await expect(kit.call('WaitForUpdatesEx', collector, { version, options })).rejects.toMatchObject({
        fault: { type: 'ManagedObjectNotFound' },
      })
    },
  },
  {
    title: 'keeps a view until it is destroyed',
    async run(kit) {
      const { rootFolder: container, viewManager } = kit.session.content
      if (viewManager === undefined) throw new Error('no view manager')
      const view = await kit.call('CreateContainerView', viewManager, {
        container,
        type: ['HostSystem'],
        recursive: true,
      })
      const way = { from: view, via: [{ type: 'ContainerView', path: 'view' }] } as const
      const hosts = await kit.properties.list('HostSystem', way, ['name'])
      expect(hosts.map(({ values }) => values.name)).toEqual(
        expect.arrayContaining([...kit.server.places.hosts]),
      )
      await kit.call('DestroyView', view, {})
      await expect(kit.properties.get('ContainerView', view, ['view'])).rejects.toMatchObject({
        fault: { type: 'ManagedObjectNotFound' },
      })
    },
  },
  {
    title: 'finds by inventory path, and nothing where there is nothing',
    async run(kit) {
      const { places } = kit.server
      const compute = places.computeCluster ?? places.hosts[0] ?? ''
      expect(
        await kit.finder.find('HostSystem', kit.path('host', compute, places.hosts[0] ?? '')),
      ).toMatchObject({
        type: 'HostSystem',
      })
      expect(await kit.finder.find('Datastore', kit.path('datastore', places.datastore))).toMatchObject({
        type: 'Datastore',
      })
      expect(await kit.finder.find('Network', kit.path('network', places.network))).toMatchObject({
        type: 'Network',
      })
      expect(await kit.finder.find('VirtualMachine', kit.path('vm', 'nobody'))).toBeUndefined()
      await expect(
        kit.finder.require('Datastore', kit.path('datastore', `${places.datastore}x`)),
      ).rejects.toMatchObject({
        hint: `did you mean ${places.datastore}?`,
      })
    },
  },
]
