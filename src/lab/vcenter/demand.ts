import { chooseHost } from './admission.ts'
import { demandSpace, swapOf } from './datastores.ts'
import type { Host } from './model/host.ts'
import { faults } from './model/method-fault.ts'
import type { VmState } from './model/state.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'

/**
 * Gives the host that a machine is to be switched on at. Throws where it cannot be: it runs, it is half made, no host can
 * give what it reserves, or its datastore has no room for its swap file.
 */
export function demandPower(world: World, vm: Vm, asked?: string): Host {
  const { state } = vm
  if (state.template) throw faults.notSupported()
  if (state.importing) throw faults.invalidState()
  if (state.power === 'poweredOn') throw faults.invalidPowerState('poweredOn', 'poweredOn')
  const host = chooseHost(world, vm, asked)
  demandSpace(world, state, swapOf(state))
  return host
}

/** Throws where another machine in the folder has the name. */
export function demandFreeName(world: World, vm: Pick<Vm, 'ref'> & { state: VmState }, name: string): void {
  demandName(world, { name, folder: vm.state.folder, except: vm.ref.value })
}

/** Throws where a name cannot be given to a machine in a folder. */
export function demandName(
  world: World,
  { name, folder, except }: { readonly name: string; readonly folder: string; readonly except?: string },
): void {
  if (name === '' || name.length > 80) throw faults.invalidName(name)
  const other = world.vms
    .all()
    .find(
      ({ state, ref }) =>
        ref.value !== except && state.folder === folder && state.name.toLowerCase() === name.toLowerCase(),
    )
  if (other !== undefined) throw faults.duplicateName(name, other.ref)
}
