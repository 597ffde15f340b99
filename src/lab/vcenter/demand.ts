import { objectAt, textAt } from './json.ts'
import { faults } from './model/method-fault.ts'
import type { VmState } from './model/state.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { cardIdsOf } from './nitrox.ts'

/** Throws where a machine cannot be switched on: it runs, it is half made, or its host cannot give what it reserves. */
export function demandPower(world: World, vm: Vm): void {
  const { state } = vm
  if (state.template) throw faults.notSupported()
  if (state.importing) throw faults.invalidState()
  if (state.power === 'poweredOn') throw faults.invalidPowerState('poweredOn', 'poweredOn')
  const host = world.inventory.hosts.find((each) => each.state.moid === state.host)
  if (host === undefined || host.state.maintenance) throw faults.invalidState()

  const running = world.vms
    .all()
    .filter((each) => each !== vm && each.state.host === state.host && each.state.power === 'poweredOn')
  const free =
    host.seed.memoryGB * 1024 - running.reduce((sum, { state }) => sum + state.memoryReservationMB, 0)
  if (state.memoryReservationMB > free)
    throw faults.insufficientMemory(BigInt(free) << 20n, BigInt(state.memoryReservationMB) << 20n)

  const cards = cardIdsOf(host.seed)
  for (const id of pciIdsOf(state)) {
    if (!cards.includes(id) || host.state.passthrough[id]?.active !== true)
      throw faults.vmConfig(`Device ${id} is not available for passthrough on ${host.seed.name}.`)
    if (state.memoryReservationMB < state.memoryMB)
      throw faults.vmConfig(
        `Invalid memory setting: memory reservation (sched.mem.min) should be equal to memsize(${state.memoryMB}).`,
      )
    const holder = running.find((each) => pciIdsOf(each.state).includes(id))
    if (holder !== undefined) throw faults.vmConfig(`Device ${id} is already in use by ${holder.state.name}.`)
  }
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

function pciIdsOf({ devices }: VmState): readonly string[] {
  return devices
    .filter(({ $type }) => $type === 'VirtualPCIPassthrough')
    .map((device) => textAt(objectAt(device, 'backing'), 'id'))
}
