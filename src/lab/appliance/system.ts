import type { Clock } from '../../model/clock.ts'
import { AbortError, ConnectError } from '../../model/error.ts'
import type { Machine } from '../guest.ts'
import type { LabNetwork, Listener } from '../network.ts'
import type { Appliance } from './appliance.ts'
import { BOOT_MS, planBoot } from './boot.ts'
import { RC_CONF, isEnabled } from './disk/rc-conf.ts'
import { runGetty } from './getty.ts'
import { applyStart, selectProcesses } from './processes.ts'
import { renderDate } from './programs/system.ts'
import type { ShellHost } from './shell/state.ts'
import { openSnmpAgent, type SnmpAgent } from './snmp/agent.ts'
import { applyHostKey } from './ssh/host-key.ts'
import { createSshServer } from './ssh/server.ts'
import { createTty, type Tty } from './terminal/tty.ts'
import type { Vt } from './terminal/vt.ts'
import { WORDING } from './wording.ts'

const SSH_PORT = 22
const KERNEL_LINES = 400

/** Everything an operating system runs on. */
export interface SystemParts {
  readonly appliance: Appliance
  readonly host: ShellHost
  readonly network: LabNetwork
  readonly vt: Vt
  /** The machine that answers at an address of the lab, for the message about a conflict. */
  readonly ownerOf: (address: string) => Machine | undefined
  /** Called after an address was given back. */
  readonly released: (address: string) => void
}

/** A running operating system, from the start of its boot to loss of power. */
export interface System {
  readonly tty: Tty
  /** Address that it listens at. */
  address(): string | undefined
  kernelLog(): readonly string[]
  /** Where the SNMP agent listens. */
  snmp(): string | undefined
  /** Starts or stops the SNMP agent as the state says. */
  moveSnmp(options?: { readonly renew?: boolean }): Promise<void>
  /** Takes the configured address, unless another machine has it; gives the former one back first. */
  openDoor(options?: { readonly renew?: boolean }): Promise<void>
  /** Does something that ends with the system at the latest. */
  background<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Stops everything; resolves when nothing runs any more. */
  stop(reason: string): Promise<void>
}

/** Brings a machine's configured services up, as the last part of its boot. */
async function startServices({ state, disk, save }: Appliance, start: () => void): Promise<void> {
  const settings = disk.read(RC_CONF, 'root')
  state.snmp.running = isEnabled(settings, 'snmpd_enable')
  if (isEnabled(settings, 'vzen_enable') && state.build !== undefined && state.certificate !== undefined)
    start()
  await save()
}

/** Starts an operating system: through a boot, or, when resumed, as if it had never stopped. */
export async function startSystem(
  parts: SystemParts,
  { resumed }: { readonly resumed: boolean },
): Promise<System> {
  const { appliance, host, network, vt, ownerOf, released } = parts
  const { state, machine } = appliance
  const clock: Clock = appliance.clock
  const life = new AbortController()
  const { signal } = life
  const tasks = new Set<Promise<void>>()
  const kernel: string[] = []
  const tty = createTty({ name: 'ttyv0', send: (text) => vt.write(text), waits: interject })
  let prompts = 0
  let door: { readonly address: string; readonly listener: Listener } | undefined

  let agent: SnmpAgent | undefined
  let moving: Promise<void> = Promise.resolve()
  let movingSnmp: Promise<void> = Promise.resolve()

  function log(line: string): void {
    kernel.push(line)
    if (kernel.length > KERNEL_LINES) kernel.shift()
    vt.write(`${line}\r\n`)
  }

  /** Writes behind every other prompt, as syslogd does at any time: the questions between have to be answered, too. */
  function interject(): void {
    prompts += 1
    if (prompts % 2 === 0 && appliance.strikes('console-messages'))
      vt.write(`${renderDate(appliance.now(), '+%b %e %T')} ${WORDING.unqualified(appliance.hostname())}\r\n`)
  }

  function track(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        if (!signal.aborted) log(`kernel: ${String(error)}`)
      })
      .then(() => void tasks.delete(settled))
    tasks.add(settled)
  }

  async function closeDoor(): Promise<void> {
    const open = door
    door = undefined
    if (open === undefined) return
    await open.listener.close()
    released(open.address)
  }

  /** Changes of the door happen one after the other. */
  function openDoor(options: { readonly renew?: boolean } = {}): Promise<void> {
    moving = moving.catch(() => undefined).then(() => moveDoor(options))
    return moving
  }

  async function moveDoor({ renew = false }: { readonly renew?: boolean }): Promise<void> {
    const address = state.network?.address
    if (door?.address === address && !renew) return
    await closeDoor()
    // Nobody can reach an address that no subnet of the lab leads to.
    if (address === undefined || signal.aborted || appliance.reach().subnet === undefined) return
    const at = { host: address, port: SSH_PORT }
    const server = createSshServer({ appliance, host, signal, track, hostKey: applyHostKey(appliance) })
    await host.settle()
    if (network.isTaken(at)) {
      log(WORDING.conflict(ownerOf(address)?.nics()[0]?.mac.toLowerCase() ?? '00:00:00:00:00:00', address))
      return
    }
    try {
      const listener = await network.listen(at, (socket) => server.accept(socket))
      door = { address, listener }
      if (signal.aborted) await closeDoor()
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      log(WORDING.conflict('00:00:00:00:00:00', address))
    }
  }

  /** Changes of the agent happen one after the other, too. */
  function moveSnmp(options: { readonly renew?: boolean } = {}): Promise<void> {
    movingSnmp = movingSnmp.catch(() => undefined).then(() => changeSnmp(options))
    return movingSnmp
  }

  async function changeSnmp({ renew = false }: { readonly renew?: boolean }): Promise<void> {
    const wanted = state.snmp.running && !signal.aborted
    if (agent !== undefined && (!wanted || renew)) {
      const before = agent
      agent = undefined
      await before.close()
    }
    if (!wanted || agent !== undefined) return
    state.snmp.boots = (state.snmp.boots ?? 0) + 1
    agent = await openSnmpAgent(appliance)
    await appliance.save()
  }

  async function boot(): Promise<void> {
    const started = clock.now()
    const until = (at: number): Promise<void> =>
      clock.sleep(Math.max(0, started + at - clock.now()), { signal })
    let last = 0
    for (const { at, text } of planBoot(machine)) {
      if (at !== last) await until(at)
      last = at
      log(text)
    }
    await until(BOOT_MS)
    await startServices(appliance, () => applyStart(appliance, selectProcesses(appliance)))
    await openDoor()
    await moveSnmp()
    await serveConsole()
  }

  async function serveConsole(): Promise<void> {
    await runGetty({ tty, appliance, host, signal })
  }

  if (resumed) {
    await openDoor()
    await moveSnmp()
    track(serveConsole())
  } else {
    state.processes = {}
    state.snmp.running = false
    state.bootedAt = clock.now()
    await appliance.save()
    track(boot())
  }

  return {
    tty,
    openDoor,
    moveSnmp,
    snmp: () => agent?.address,
    background(work) {
      const result = work(signal)
      track(
        result.then(
          () => undefined,
          () => undefined,
        ),
      )
      return result
    },
    address: () => door?.address,
    kernelLog: () => {
      const balancer = machine.nics()[2]
      const loops = balancer !== undefined && machine.policy(balancer.network).loops
      return loops && state.processes.smlb !== undefined ? [...kernel, WORDING.coalesced] : kernel
    },
    async stop(reason) {
      life.abort(new AbortError(reason))
      await moving.catch(() => undefined)
      await closeDoor()
      await moveSnmp()
      while (tasks.size > 0) await Promise.all(tasks)
    },
  }
}
