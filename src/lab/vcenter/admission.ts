import { clusterOf, describeRule, findBrokenRule } from './cluster.ts'
import { objectAt, textAt } from './json.ts'
import { networkNameOf, isNic } from './machine.ts'
import { hasNetwork } from './membership.ts'
import type { Host } from './model/host.ts'
import { faults, type MethodFault } from './model/method-fault.ts'
import type { DeviceState, RuleState, VmState } from './model/state.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { cardIdsOf } from './nitrox.ts'

/** Megabytes that a host keeps for itself. */
const HYPERVISOR_MB = 4096

/** The ids of the host's devices that a machine has for itself. */
export function pciIdsOf({ devices }: VmState): readonly string[] {
  return devices
    .filter(({ $type }) => $type === 'VirtualPCIPassthrough')
    .map((device) => textAt(objectAt(device, 'backing'), 'id'))
}

const runningOn = (world: World, host: Host, except: Vm): readonly Vm[] =>
  world.vms
    .all()
    .filter(
      (each) => each !== except && each.state.host === host.state.moid && each.state.power === 'poweredOn',
    )

/** Why a host cannot run a machine; nothing where it can. */
export function findObstacle(world: World, vm: Vm, host: Host): MethodFault | undefined {
  if (host.state.reboot === 'away') return faults.hostNotConnected()
  if (host.state.maintenance) return faults.hostState({ type: 'HostSystem', value: host.state.moid })
  return (
    findMemoryObstacle(world, vm, host) ??
    findNetworkObstacle(world, vm.state.devices, host) ??
    findCardObstacle(world, vm, host)
  )
}

function findMemoryObstacle(world: World, vm: Vm, host: Host): MethodFault | undefined {
  const reserved = runningOn(world, host, vm).reduce((sum, { state }) => sum + state.memoryReservationMB, 0)
  const free = Math.max(0, host.seed.memoryGB * 1024 - HYPERVISOR_MB - reserved)
  const wanted = vm.state.memoryReservationMB
  return wanted > free ? faults.insufficientMemory(BigInt(free) << 20n, BigInt(wanted) << 20n) : undefined
}

const isConnected = (device: DeviceState): boolean =>
  objectAt(device, 'connectable')['startConnected'] !== false

/** Why a machine's cards cannot be plugged in on a host. */
export function findNetworkObstacle(
  world: World,
  devices: readonly DeviceState[],
  host: Host,
): MethodFault | undefined {
  for (const card of devices.filter((device) => isNic(device) && isConnected(device))) {
    const network = networkNameOf(card, world.inventory)
    if (!hasNetwork(world, host, network))
      return faults.cannotAccessNetwork(textAt(objectAt(card, 'deviceInfo'), 'label'), network)
  }
  return undefined
}

function findCardObstacle(world: World, vm: Vm, host: Host): MethodFault | undefined {
  const { memoryMB, memoryReservationMB } = vm.state
  for (const id of pciIdsOf(vm.state)) {
    if (!cardIdsOf(host.seed).includes(id) || host.state.passthrough[id]?.active !== true)
      return faults.vmConfig(`Device ${id} is not available for passthrough on ${host.seed.name}.`)
    if (memoryReservationMB < memoryMB)
      return faults.vmConfig(
        `Invalid memory setting: memory reservation (sched.mem.min) should be equal to memsize(${memoryMB}).`,
      )
    const holder = runningOn(world, host, vm).find((each) => pciIdsOf(each.state).includes(id))
    if (holder !== undefined)
      return faults.vmConfig(`Device ${id} is already in use by ${holder.state.name}.`)
  }
  return undefined
}

/**
 * Chooses the host that a machine is switched on at: its own, or another one where the resource scheduler may choose and
 * the own one cannot run it or a rule speaks against it. Throws why its own host cannot where none can.
 */
export function chooseHost(world: World, vm: Vm, asked?: string): Host {
  const { hosts } = world.inventory
  const own = hosts.find(({ state }) => state.moid === (asked ?? vm.state.host))
  if (own === undefined) throw faults.hostNotConnected()
  const { drs, automation } = clusterOf(world)
  const isFree = asked === undefined && world.seed.computeCluster !== undefined && drs
  const mayMove = isFree && automation !== 'manual' && pciIdsOf(vm.state).length === 0
  const usable = [own, ...(mayMove ? hosts.filter((each) => each !== own) : [])].filter(
    (host) => findObstacle(world, vm, host) === undefined,
  )
  const isBroken = (host: Host, isMeant: (rule: RuleState) => boolean): boolean =>
    findBrokenRule(world, { vm: vm.ref.value, host: host.state.moid }, isMeant) !== undefined
  const chosen =
    usable.find((host) => !isBroken(host, () => true)) ??
    usable.find((host) => !isBroken(host, ({ mandatory }) => mandatory))
  if (chosen !== undefined) return chosen
  const obstacle = findObstacle(world, vm, own)
  if (obstacle !== undefined) throw obstacle
  const rule = findBrokenRule(world, { vm: vm.ref.value, host: own.state.moid }, ({ mandatory }) => mandatory)
  const ref = { type: 'HostSystem', value: own.state.moid } as const
  throw rule === undefined ? faults.hostState(ref) : faults.ruleViolation(describeRule(world, rule), ref)
}
