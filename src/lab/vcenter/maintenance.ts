import { findObstacle, pciIdsOf } from './admission.ts'
import { clusterOf, findBrokenRule } from './cluster.ts'
import type { Host } from './model/host.ts'
import { faults } from './model/method-fault.ts'
import type { TaskWork } from './model/tasks.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { waitUntil } from './wait-until.ts'

/** Milliseconds of the lab's time that moving a running machine takes. */
const MOVING = 5000

/** How long a host waits for its machines to be gone, and whether those that are off go, too. */
export interface Evacuation {
  /** Seconds; 0 for as long as it takes. */
  readonly timeout: number
  readonly evacuatePoweredOffVms?: boolean | undefined
}

/**
 * Puts a host into maintenance mode: the resource scheduler moves the machines that it can move, and the host waits until
 * no machine runs on it. Throws `Timedout` where that takes too long.
 */
export async function enterMaintenance(
  world: World,
  { host, evacuation }: { readonly host: Host; readonly evacuation: Evacuation },
  { signal, report }: TaskWork,
): Promise<void> {
  const { timeout, evacuatePoweredOffVms = false } = evacuation
  const here = (): readonly Vm[] =>
    world.vms.all().filter(({ state }) => state.host === host.state.moid && !state.template)
  const running = (): readonly Vm[] => here().filter(({ state }) => state.power === 'poweredOn')

  if (mayMove(world)) {
    const movable = here().filter(({ state }) => evacuatePoweredOffVms || state.power === 'poweredOn')
    for (const [index, vm] of movable.entries()) {
      await moveAway(world, { vm, host }, signal)
      report(Math.floor(((index + 1) / movable.length) * 90))
    }
  }
  const late = new AbortController()
  if (timeout > 0) void giveUp(world, { late, ms: timeout * 1000 })
  try {
    await waitUntil(world, () => running().length === 0, AbortSignal.any([signal, late.signal]))
  } catch (error) {
    throw late.signal.aborted && !signal.aborted ? faults.timedOut() : error
  } finally {
    late.abort()
  }
  host.state.maintenance = true
}

async function giveUp(
  world: World,
  { late, ms }: { readonly late: AbortController; readonly ms: number },
): Promise<void> {
  try {
    await world.clock.sleep(ms, { signal: AbortSignal.any([late.signal, world.signal]) })
    late.abort()
  } catch {
    // The host was free in time, or the lab ends.
  }
}

function mayMove(world: World): boolean {
  const { drs, automation } = clusterOf(world)
  return world.seed.computeCluster !== undefined && drs && automation === 'fullyAutomated'
}

// A machine with a card of its host's stays: what it has cannot move with it.
async function moveAway(
  world: World,
  { vm, host }: { readonly vm: Vm; readonly host: Host },
  signal: AbortSignal,
): Promise<void> {
  if (pciIdsOf(vm.state).length > 0) return
  const others = world.inventory.hosts.filter((each) => each !== host)
  const target = others.find(
    (each) =>
      findObstacle(world, vm, each) === undefined &&
      findBrokenRule(world, { vm: vm.ref.value, host: each.state.moid }, () => true) === undefined,
  )
  if (target === undefined) return
  await world.clock.sleep(MOVING, { signal })
  if (world.vms.find(vm.ref.value) !== vm) return
  vm.update({ host: target.state.moid })
  world.changes.touch(host.state.moid, target.state.moid)
}
