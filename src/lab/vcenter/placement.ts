import type { MoRef } from '../../connect/govmomi/schema/values.ts'
import { findNetworkObstacle } from './admission.ts'
import { clusterOf } from './cluster.ts'
import { chooseNumber } from './identity.ts'
import type { Host } from './model/host.ts'
import { faults, type MethodFault } from './model/method-fault.ts'
import type { DeviceState } from './model/state.ts'
import type { World } from './model/world.ts'

/** What is to be placed. */
interface Placed {
  readonly name: string
  readonly pool: MoRef
  readonly host?: MoRef | undefined
  /** What has to be plugged in there. */
  readonly devices: readonly DeviceState[]
}

/**
 * Chooses the host that a new machine goes to: the one asked for, or one that follows from the name alone, so that a lab
 * is the same whatever order its machines are made in. Machines that are counted (`-a`, `-b`, `01`, `02`) go to hosts in turn.
 */
export function choosePlacement(
  world: World,
  { name, pool, host: asked, devices }: Placed,
): { readonly pool: string; readonly host: string } {
  if (world.objects.get(pool.value)?.ref.type !== 'ResourcePool') throw faults.objectNotFound(pool)
  const { hosts } = world.inventory
  if (asked !== undefined) {
    const host = hosts.find(({ state }) => state.moid === asked.value)
    if (host === undefined) throw faults.objectNotFound(asked)
    const obstacle = findPlaceObstacle(world, host, devices)
    if (obstacle !== undefined) throw obstacle
    return { pool: pool.value, host: host.state.moid }
  }
  // Without the scheduler nobody chooses: the client has to.
  if (hosts.length > 1 && !clusterOf(world).drs) throw faults.invalidArgument('host')
  const obstacles = hosts.map((host) => findPlaceObstacle(world, host, devices))
  const usable = hosts.filter((_, index) => obstacles[index] === undefined)
  const chosen = usable[ordinalOf(name) % usable.length]
  if (chosen === undefined) throw obstacles.find((each) => each !== undefined) ?? faults.invalidState()
  return { pool: pool.value, host: chosen.state.moid }
}

function findPlaceObstacle(
  world: World,
  host: Host,
  devices: readonly DeviceState[],
): MethodFault | undefined {
  if (host.state.reboot === 'away') return faults.hostNotConnected()
  if (host.state.maintenance) return faults.hostState({ type: 'HostSystem', value: host.state.moid })
  return findNetworkObstacle(world, devices, host)
}

/** Which of its kind a machine is, counted from 0. */
function ordinalOf(name: string): number {
  const [, digits, letter] = /(?:(\d+)|[^a-z]([a-z]))$/i.exec(name) ?? []
  if (digits !== undefined) return Math.max(0, Number(digits.slice(-6)) - 1)
  if (letter !== undefined) return letter.toLowerCase().charCodeAt(0) - 'a'.charCodeAt(0)
  return chooseNumber(name, () => false)
}
