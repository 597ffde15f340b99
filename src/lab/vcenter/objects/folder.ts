import type { Arguments, MoRef } from '../../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject, type Ref } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { FolderState } from '../model/state.ts'
import type { World } from '../model/world.ts'
import { childrenOf } from '../structure.ts'
import { entityProperties } from './entity.ts'

/** Makes the folders of a path such as `vse/fra`: one in the other. */
export function createVmFolders(world: World, path: string): readonly ManagedObject[] {
  let parent: Ref<'Folder'> = world.inventory.places.vmFolder
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((name) => {
      const ref = world.inventory.idOf('Folder', `${parent.value}/${name}`)
      const folder = createFolder(world, { ref, name, parent })
      parent = ref
      return folder
    })
}

/** Makes a folder that somebody made by hand. */
export function createMadeFolder(world: World, { moid, name, parent }: FolderState): ManagedObject {
  return createFolder(world, {
    ref: { type: 'Folder', value: moid },
    name,
    parent: { type: 'Folder', value: parent },
  })
}

/** Makes a folder; other folders can be made in it. */
export function createFolder(
  world: World,
  {
    ref,
    name,
    parent,
  }: { readonly ref: Ref<'Folder'>; readonly name: string; readonly parent: MoRef | undefined },
): ManagedObject {
  return {
    ref,
    properties: {
      ...entityProperties(
        () => name,
        () => parent,
      ),
      childType: () => ['Folder', 'VirtualMachine', 'Datacenter'],
      childEntity: () => childrenOf(world, ref).map((child) => child.ref),
    },
    methods: {
      CreateFolder: method(({ name: wanted }: Arguments<'CreateFolder'>) => {
        if (world.seed.kind === 'esxi') throw faults.notSupported()
        if (wanted === '') throw faults.invalidName(wanted)
        const other = childrenOf(world, ref).find(({ properties }) => properties['name']?.() === wanted)
        if (other !== undefined) throw faults.duplicateName(wanted, other.ref)
        const own = world.inventory.idOf('Folder', `${ref.value}/${wanted}`)
        const made: FolderState = { moid: own.value, name: wanted, parent: ref.value }
        world.inventory.state.folders.push(made)
        world.inventory.save()
        world.objects.set(own.value, createMadeFolder(world, made))
        world.changes.restructure()
        return own
      }),
    },
  }
}
