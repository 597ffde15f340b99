import type { Host } from './model/host.ts'
import { faults } from './model/method-fault.ts'
import type { World } from './model/world.ts'

/** Milliseconds of the lab's time: a host answers for a while before it goes down, and is away for some minutes. */
const DURATIONS = { goodbye: 10_000, away: 240_000 }

/** Throws where a host does not answer, because it restarts. */
export function demandConnected({ state }: Host): void {
  if (state.reboot === 'away') throw faults.hostNotConnected()
}

/**
 * Begins to restart a host. Nobody waits for it: on a real server, too, the task is over before the host has gone down.
 * What only a restart makes so is so when it is back.
 */
export function reboot(world: World, host: Host): void {
  host.state.reboot = 'asked'
  tell(world, host)
  // Where the lab is closed meanwhile, the host is up again when it is opened.
  restart(world, host).catch(() => {})
}

async function restart(world: World, host: Host): Promise<void> {
  const { clock, signal, seed, door } = world
  await clock.sleep(DURATIONS.goodbye, { signal })
  host.state.reboot = 'away'
  for (const vm of world.vms.all()) {
    if (vm.state.host === host.state.moid && vm.state.power === 'poweredOn') await vm.powerOff()
  }
  tell(world, host)
  // A host that is alone takes its API with it.
  if (seed.kind === 'esxi') await door.shut()
  await clock.sleep(DURATIONS.away, { signal })
  comeUp(world, host)
  signal.throwIfAborted()
  if (seed.kind === 'esxi') await door.open()
}

/** Finishes a restart. */
export function comeUp(world: World, host: Host): void {
  const { state } = host
  for (const device of Object.values(state.passthrough)) device.active = device.enabled
  delete state.reboot
  delete state.keptChecks
  state.bootedAt = world.clock.now()
  tell(world, host)
}

function tell(world: World, { state }: Host): void {
  world.inventory.save()
  world.changes.touch(state.moid, `pciPassthruSystem-${state.moid}`)
}
