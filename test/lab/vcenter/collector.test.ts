import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { objects } from '../../../src/connect/govmomi/schema/objects.ts'
import { createWatcher } from '../../../src/connect/govmomi/watch.ts'
import { ESXI, makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

describe.each([SEED, ESXI])('the property collector of a $kind', (seed) => {
  let rig: Rig
  let client: Client
  beforeEach(async () => {
    rig = await openRig(seed, { folder: await makeFolder() })
    client = await rig.login()
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const everything = Object.keys(objects).map((type) => ({ type, all: true }))

  async function readAll(container = client.session.content.rootFolder) {
    const { session, signal } = client
    const self = session.content.viewManager
    if (self === undefined) throw new Error('no view manager')
    const view = await session.call('CreateContainerView', {
      self,
      args: { container, recursive: true, type: [] },
      signal,
    })
    const result = await session.call('RetrievePropertiesEx', {
      self: session.content.propertyCollector,
      args: {
        specSet: [
          {
            propSet: everything,
            objectSet: [
              {
                obj: view,
                skip: true,
                selectSet: [
                  { $type: 'TraversalSpec', name: 'v', type: 'ContainerView', path: 'view' } as never,
                ],
              },
            ],
          },
        ],
        options: {},
      },
      signal,
    })
    await session.call('DestroyView', { self: view, args: {}, signal })
    return result?.objects ?? []
  }

  it('gives every property of every entity in a form that its own client decodes', async () => {
    await client.importVm('edge-1')
    const found = await readAll()
    const types = new Set(found.map(({ obj }) => obj.type))
    for (const type of ['Folder', 'Datacenter', 'HostSystem', 'Datastore', 'Network', 'ResourcePool'])
      expect(types).toContain(type)
    const vm = found.find(({ obj }) => obj.type === 'VirtualMachine')
    const names = vm?.propSet.map(({ name }) => name)
    expect(names).toContain('summary')
    expect(names).toContain('environmentBrowser')
    const host = found.find(({ obj }) => obj.type === 'HostSystem')
    expect(host?.propSet.map(({ name }) => name).sort()).toEqual(
      [
        ...Object.keys(objects.HostSystem.properties),
        ...Object.keys(objects.ManagedEntity.properties),
      ].sort(),
    )
  })

  it('pages through many objects without losing or repeating any', async () => {
    const { session, signal } = client
    const folders = await readAll()
    const specSet = [
      {
        propSet: [{ type: 'ManagedEntity', pathSet: ['name'] }],
        objectSet: folders.map(({ obj }) => ({ obj })),
      },
    ]
    const self = session.content.propertyCollector
    const first = await session.call('RetrievePropertiesEx', {
      self,
      args: { specSet, options: { maxObjects: 3 } },
      signal,
    })
    expect(first?.objects).toHaveLength(3)
    // Every page is as large as the first one was asked to be.
    const pages = [first]
    for (let token = first?.token; token !== undefined; token = pages.at(-1)?.token) {
      pages.push(await session.call('ContinueRetrievePropertiesEx', { self, args: { token }, signal }))
    }
    expect(pages).toHaveLength(Math.ceil(folders.length / 3))
    const seen = pages.flatMap((page) => page?.objects ?? []).map(({ obj }) => obj.value)
    expect(seen).toEqual(folders.map(({ obj }) => obj.value))
    await expect(
      session.call('ContinueRetrievePropertiesEx', { self, args: { token: first?.token ?? '' }, signal }),
    ).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
  })

  it('follows traversals that name each other in circles', async () => {
    const { session, signal } = client
    const visit = { $type: 'TraversalSpec', name: 'visit', type: 'Folder', path: 'childEntity', skip: false }
    const result = await session.call('RetrievePropertiesEx', {
      self: session.content.propertyCollector,
      args: {
        specSet: [
          {
            propSet: [{ type: 'Datacenter', pathSet: ['name', 'vmFolder'] }],
            objectSet: [
              {
                obj: session.content.rootFolder,
                selectSet: [{ ...visit, selectSet: [{ name: 'visit' }] } as never],
              },
            ],
          },
        ],
        options: {},
      },
      signal,
    })
    expect(result?.objects).toHaveLength(1)
    expect(result?.objects[0]?.obj.type).toBe('Datacenter')
  })

  it('refuses properties and objects that do not exist', async () => {
    const { properties, session } = client
    const root = session.content.rootFolder
    await expect(properties.get('Folder', root, ['nonsense' as never])).rejects.toMatchObject({
      fault: { type: 'InvalidProperty' },
    })
    await expect(
      properties.get('VirtualMachine', { type: 'VirtualMachine', value: 'vm-0' }, ['name']),
    ).rejects.toMatchObject({ fault: { type: 'ManagedObjectNotFound' } })
  })

  it('answers a wait as soon as something watched changes, and says nothing of the rest', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    const watcher = createWatcher(session)
    const states: unknown[] = []
    const watching = watcher.watch({
      type: 'VirtualMachine',
      ref: vm,
      paths: ['runtime.powerState', 'config.annotation'],
      signal,
      until(seen) {
        states.push(seen.get('runtime.powerState'))
        return seen.get('config.annotation') === 'done'
      },
    })
    await client.done(session.call('PowerOnVM_Task', { self: vm, args: {}, signal }))
    await client.done(
      session.call('ReconfigVM_Task', { self: vm, args: { spec: { annotation: 'done' } }, signal }),
    )
    await watching
    expect(states).toEqual(['poweredOff', 'poweredOn', 'poweredOn'])
  })

  it('tells those who watch a machine that it is gone', async () => {
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    const watching = createWatcher(session).watch({
      type: 'VirtualMachine',
      ref: vm,
      paths: ['name'],
      signal,
      until: () => false,
    })
    watching.catch(() => {})
    await client.done(session.call('Destroy_Task', { self: vm, args: {}, signal }))
    await expect(watching).rejects.toMatchObject({ code: 'not-found' })
  })

  it('gives nothing when a wait is over, and refuses a version it never gave', async () => {
    const { session, signal } = client
    const self = session.content.propertyCollector
    const spec = {
      propSet: [{ type: 'Folder', pathSet: ['name'] }],
      objectSet: [{ obj: session.content.rootFolder }],
    }
    const filter = await session.call('CreateFilter', {
      self,
      args: { spec, partialUpdates: false },
      signal,
    })
    const first = await session.call('WaitForUpdatesEx', {
      self,
      args: { options: { maxWaitSeconds: 1 } },
      signal,
    })
    expect(first?.filterSet[0]?.objectSet[0]).toMatchObject({ kind: 'enter', obj: spec.objectSet[0]?.obj })
    const idle = await session.call('WaitForUpdatesEx', {
      self,
      args: { version: first?.version ?? '', options: { maxWaitSeconds: 1 } },
      signal,
    })
    expect(idle).toBeUndefined()
    await expect(
      session.call('WaitForUpdatesEx', {
        self,
        args: { version: '99', options: { maxWaitSeconds: 0 } },
        signal,
      }),
    ).rejects.toMatchObject({ fault: { type: 'InvalidCollectorVersion' } })
    await session.call('DestroyPropertyFilter', { self: filter, args: {}, signal })
  })
})
