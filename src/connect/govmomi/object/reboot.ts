import { isFault, VimError } from '../error.ts'
import type { MoRef } from '../schema/values.ts'
import { waitForTask } from '../task.ts'
import type { Host } from './host.ts'
import type { PowerSwitch } from './power.ts'

/** Seconds that the machines of a host are given to leave it, by whoever moves them. */
const EVACUATION = 30 * 60

/** Seconds that a host is given to leave maintenance mode. */
const RETURN = 10 * 60

/** Milliseconds. A host of a data centre tests its memory first: a quarter of an hour is nothing. */
const BOOT = { longest: 60 * 60_000, pause: 10_000 }

/** Milliseconds for tidying up when nobody waits any more. */
const TIDYING = 60_000

async function listRunning({ properties }: PowerSwitch, host: MoRef): Promise<readonly string[]> {
  const way = { from: host, via: [{ type: 'HostSystem', path: 'vm' }] } as const
  const machines = await properties.list('VirtualMachine', way, ['name', 'runtime.powerState'])
  return machines.flatMap(({ values }) => (values['runtime.powerState'] === 'poweredOn' ? [values.name] : []))
}

async function enter(power: PowerSwitch, { ref, name }: Host): Promise<void> {
  const { session, signal } = power
  const args = { timeout: EVACUATION, evacuatePoweredOffVms: false }
  try {
    const task = await session.call('EnterMaintenanceMode_Task', { self: ref, args, signal })
    await waitForTask(power, task, { signal, what: `putting ${name} into maintenance mode` })
  } catch (cause) {
    if (signal.aborted) throw cause
    const running = await listRunning(power, ref).catch(() => [])
    const who = running.length === 0 ? '' : `: ${running.join(', ')} still run there`
    throw new VimError('decision', `${name} could not be put into maintenance mode${who}`, {
      hint:
        running.length === 0
          ? 'look at the recent tasks of the host in the vSphere client'
          : 'move them to another host, or shut them down; a cluster moves only what it may',
      cause,
    })
  }
}

async function leave(power: Omit<PowerSwitch, 'properties'>, { ref, name }: Host): Promise<void> {
  const { session, signal } = power
  const task = await session.call('ExitMaintenanceMode_Task', {
    self: ref,
    args: { timeout: RETURN },
    signal,
  })
  await waitForTask(power, task, { signal, what: `taking ${name} out of maintenance mode` })
}

/** Whether a host has been started since: it was away, or says so. Undefined where it cannot be asked now. */
async function look(
  { properties, signal }: PowerSwitch,
  host: MoRef,
): Promise<{ readonly connected: boolean; readonly bootTime: string | undefined } | undefined> {
  try {
    const values = await properties.get('HostSystem', host, ['runtime.connectionState', 'runtime.bootTime'])
    return {
      connected: values['runtime.connectionState'] === 'connected',
      bootTime: values['runtime.bootTime'],
    }
  } catch (error) {
    signal.throwIfAborted()
    // A host that is its own server does not answer while it starts, nor knows anybody who was logged in before.
    if (error instanceof VimError) return undefined
    throw error
  }
}

async function waitForReturn(power: PowerSwitch, { ref, name, bootTime }: Host): Promise<void> {
  const { session, signal } = power
  const over = new AbortController()
  const late = new AbortController()
  // A look takes a minute where nobody answers, and a moment where somebody refuses: not to be counted.
  const patience = session.sleep(BOOT.longest, { signal: AbortSignal.any([signal, over.signal]) }).then(
    () => late.abort(),
    () => undefined,
  )
  try {
    for (let wasAway = false; !late.signal.aborted;) {
      await session.sleep(BOOT.pause, { signal })
      const seen = await look(power, ref)
      if (seen?.connected !== true) wasAway = true
      else if (wasAway || seen.bootTime !== bootTime) return
    }
  } finally {
    over.abort()
    await patience
  }
  throw new VimError('stalled', `${name} did not come back within an hour of its reboot`, {
    hint: 'look at its own console, or at its management controller',
  })
}

async function reboot(power: PowerSwitch, host: Host): Promise<void> {
  const { session, signal } = power
  const { ref, name } = host
  try {
    const task = await session.call('RebootHost_Task', { self: ref, args: { force: false }, signal })
    await waitForTask(power, task, { signal, what: `rebooting ${name}` }).catch((error: unknown) => {
      // One that starts quickly is back already, and has forgotten what it was told before.
      if (!isFault(error, 'ManagedObjectNotFound')) throw error
    })
  } catch (error) {
    // A host that is its own server may go before it has answered; whether it went shows below.
    if (signal.aborted || !(error instanceof VimError) || error.code === 'fault') throw error
  }
  await waitForReturn(power, host)
}

/** How a host is rebooted. */
export interface Reboot {
  /** Told what is under way. */
  readonly tell: (text: string) => void
  /** Whether it is in maintenance mode because of a reboot like this one, which was interrupted. */
  readonly isHeld: boolean
  /**
   * Awaited with true before the host is put into maintenance mode and with false when it is out of it, so that who comes after
   * an interruption knows whose it is.
   */
  readonly hold: (isHeld: boolean) => Promise<void>
}

/**
 * Reboots a host in maintenance mode, waits until it is back, and takes it out of maintenance mode again on every path; where
 * that cannot be had, the error says so. A host that somebody else has put there is refused: they are at work on it.
 */
export async function rebootHost(power: PowerSwitch, host: Host, options: Reboot): Promise<void> {
  const { tell, isHeld, hold } = options
  const { name } = host
  const isInMaintenance = host.connected && !host.ready
  if (isInMaintenance && !isHeld) {
    throw new VimError('decision', `${name} is in maintenance mode, and no run of ours has put it there`, {
      hint: 'ask who works on it; let them reboot it, or take it out of maintenance mode, and run again',
    })
  }
  try {
    if (!isInMaintenance) {
      tell(`${name} is put into maintenance mode`)
      await hold(true)
      await enter(power, host)
    }
    tell(`${name} is rebooted`)
    await reboot(power, host)
    await leave(power, host)
  } catch (cause) {
    await leaveAfter(cause, power, { host, tell })
    await hold(false)
    throw cause
  }
  await hold(false)
}

// An order to enter may have been carried out although it failed for us: out of it in any case, and also when stopped.
async function leaveAfter(
  cause: unknown,
  power: PowerSwitch,
  { host, tell }: { readonly host: Host; readonly tell: (text: string) => void },
): Promise<void> {
  const late = { ...power, signal: AbortSignal.timeout(TIDYING) }
  try {
    await leave(late, host)
  } catch (error) {
    if (isFault(error, 'InvalidState')) return
    const stays = `${host.name} is still in maintenance mode`
    tell(stays)
    throw new VimError('decision', `${cause instanceof Error ? cause.message : String(cause)}; ${stays}`, {
      hint: 'run again when it is well, or take it out of maintenance mode in the vSphere client',
      cause,
    })
  }
}
