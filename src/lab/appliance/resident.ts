import type { Clock } from '../../model/clock.ts'
import { AbortError, CommandError } from '../../model/error.ts'
import type { SeedSubnet } from '../../model/lab-seed.ts'
import type { Document } from '../../state/document-store.ts'
import type { CloudView } from '../cloud.ts'
import type { Guest, Machine } from '../guest.ts'
import type { LabNetwork } from '../network.ts'
import type { Appliance } from './appliance.ts'
import { planRole, type CarpMember } from './cloud/carp.ts'
import { describeMember } from './cloud/describe-member.ts'
import { planHealth } from './cloud/health.ts'
import { planReach } from './cloud/reach.ts'
import { planUplink } from './cloud/uplink.ts'
import type { Dialect } from './dialect.ts'
import { createDisk } from './disk/disk.ts'
import { RC_CONF, parseSetting } from './disk/rc-conf.ts'
import { parseNetwork } from './network-settings.ts'
import { createPrograms } from './programs/programs.ts'
import { renderDate } from './programs/system.ts'
import type { Programs } from './shell/program.ts'
import type { ShellHost } from './shell/state.ts'
import type { ApplianceState } from './state.ts'
import { startSystem, type System } from './system.ts'
import { keyBytes } from './terminal/keyboard.ts'
import { renderScreen } from './terminal/screen.ts'
import { createVt } from './terminal/vt.ts'
import { createWording, WORDING } from './wording.ts'

const LOG_LIMIT = 64 * 1024

/** A machine of the yard with what runs on it. */
export interface Resident {
  readonly machine: Machine
  readonly appliance: Appliance
  readonly guest: Guest
  readonly isOn: () => boolean
  /** Address that it answers at. */
  readonly address: () => string | undefined
  /** What it puts on the wire for its virtual address; none while its load balancer does not run. */
  carpMember(): CarpMember | undefined
  /** Where its SNMP agent listens on this computer. */
  readonly snmp: () => string | undefined
  /** Tries again to take its address. */
  readonly openDoor: (options?: { readonly renew?: boolean }) => Promise<void>
  /** What the screen shows, as text. */
  screenText(): string
}

/** What a resident shares with the others. */
export interface ResidentParts {
  readonly machine: Machine
  readonly dialect: Dialect
  readonly document: Document<ApplianceState>
  readonly network: LabNetwork
  readonly clock: Clock
  readonly clouds: readonly CloudView[]
  readonly subnets: readonly SeedSubnet[]
  /** All machines of the yard, this one among them. */
  readonly residents: () => Iterable<Resident>
  /** Called after an address was given back. */
  readonly released: (address: string) => void
  readonly forget: () => Promise<void>
}

/** Moves times that an earlier process, whose clock ran ahead, has left in the future. */
function settleTimes(state: ApplianceState, now: number): void {
  for (const name of ['sme', 'cdsc', 'smlb'] as const) {
    const running = state.processes[name]
    if (running !== undefined && running.since > now) state.processes[name] = { ...running, since: 0 }
  }
  state.bootedAt = Math.min(state.bootedAt, now)
}

/** Makes a machine of the yard, powered off. */
export function createResident(parts: ResidentParts): Resident {
  const { machine, dialect, document, network, clock, clouds, subnets, residents } = parts
  const state = document.value
  const vt = createVt()
  let system: System | undefined
  let isOn = false
  let isHalted = false
  let isDirty = false
  let picture: { readonly version: number; readonly png: Buffer } | undefined
  /** Power changes happen one after the other. */
  let transition: Promise<void> = Promise.resolve()

  const save = (): Promise<void> => {
    isDirty = false
    return document.save()
  }
  const disk = createDisk({
    files: state.files,
    now: () => appliance.now(),
    isFull: () => state.faults['disk-full'] !== undefined,
    changed: () => {
      isDirty = true
    },
  })

  function isContested(): boolean {
    if (state.faults['wrong-certificate'] !== undefined) return true
    const serial = state.certificate?.serial
    for (const other of residents()) {
      const { state: theirs, machine: rival, reach } = other.appliance
      if (rival.uuid === machine.uuid || !other.isOn() || theirs.certificate?.serial !== serial) continue
      if (theirs.processes.sme !== undefined && reach().gateway) return true
    }
    return false
  }

  const appliance: Appliance = {
    machine,
    dialect,
    updater: { job: undefined },
    wording: createWording(dialect),
    state,
    disk,
    clock,
    save,
    now: () => clock.now() + state.driftMs,
    hostname: () =>
      state.network?.hostname ?? parseSetting(state.files[RC_CONF]?.data ?? '', 'hostname') ?? '',
    strikes(fault) {
      const left = state.faults[fault]
      if (left === undefined) return false
      if (left > 1) state.faults[fault] = left - 1
      else delete state.faults[fault]
      isDirty = true
      return true
    },
    reach: () => planReach(state.network, subnets),
    uplink: () =>
      planUplink({ state, reach: appliance.reach(), clouds, now: clock.now(), contested: isContested() }),
    service: () => appliance.uplink().settings ?? state.service,
    carp() {
      const own = resident.carpMember()
      if (own === undefined) return undefined
      const members = [...residents()].flatMap((other) => other.carpMember() ?? [])
      return planRole(own, members)
    },
    members() {
      const candidates = [...residents()]
        .filter((other) => other.isOn())
        .map(({ appliance: { service, uplink } }) => ({ settings: service(), uplink: uplink() }))
      return planHealth({ serial: state.certificate?.serial ?? '', clouds, candidates })
    },
    kernelLog: () => system?.kernelLog() ?? [],
    log(path, line) {
      const before = disk.stat(path)?.data ?? ''
      const entry = `${renderDate(appliance.now(), '+%b %e %T')} ${appliance.hostname()} ${line}\n`
      try {
        disk.write(path, { data: (before + entry).slice(-LOG_LIMIT), as: 'root' })
      } catch (error) {
        // A full disk loses log lines, here as anywhere.
        if (!(error instanceof CommandError)) throw error
      }
    },
    restartNetwork: async () => system?.openDoor(),
    restartSnmp: async () => system?.moveSnmp({ renew: true }),
    background: async (work) => {
      if (system === undefined) throw new AbortError('the system is down')
      return system.background(work)
    },
    restartNow: () => change(restart),
    halt: () => change(halt),
  }

  let programs: Programs | undefined
  const host: ShellHost = {
    disk,
    programs: () => (programs ??= createPrograms(appliance)),
    hostname: () => appliance.hostname(),
    settle: () => (isDirty ? save() : Promise.resolve()),
  }

  function enqueue(work: () => Promise<void>): Promise<void> {
    transition = transition.catch(() => undefined).then(work)
    return transition
  }

  /** A change that the guest itself asks for: nobody waits for it, so the screen has to tell what went wrong. */
  function change(work: () => Promise<void>): void {
    enqueue(work).catch((error: unknown) => vt.write(`panic: ${String(error)}\r\n`))
  }

  async function halt(): Promise<void> {
    await system?.stop('the system was halted')
    system = undefined
    isHalted = true
    vt.write(WORDING.halted.replaceAll('\n', '\r\n'))
  }

  const start = async (resumed: boolean): Promise<void> => {
    isHalted = false
    if (!resumed) state.network = parseNetwork(state.files) ?? state.network
    settleTimes(state, clock.now())
    system = await startSystem(
      {
        appliance,
        host,
        network,
        vt,
        released: parts.released,
        ownerOf: (address) => [...residents()].find((other) => other.address() === address)?.machine,
      },
      { resumed },
    )
  }

  async function restart(): Promise<void> {
    await system?.stop('the system is going down')
    system = undefined
    if (!isOn) return
    vt.write('\r\nRebooting...\r\n\x1b[H\x1b[2J')
    await start(false)
  }

  const guest: Guest = {
    powerOn: ({ resumed }) =>
      enqueue(async () => {
        if (isOn) return
        isOn = true
        vt.write('\x1b[H\x1b[2J')
        await start(resumed)
      }),
    powerOff: () =>
      enqueue(async () => {
        isOn = false
        await system?.stop('the power was switched off')
        system = undefined
        isHalted = false
        vt.write('\x1b[H\x1b[2J')
        await host.settle()
      }),
    type(keys) {
      if (!isOn) return 0
      if (isHalted) appliance.restartNow()
      else for (const key of keys) system?.tty.input(keyBytes(key))
      return keys.length
    },
    screen() {
      if (picture?.version !== vt.version())
        picture = { version: vt.version(), png: renderScreen(vt.cells()) }
      return picture.png
    },
    async destroy() {
      await guest.powerOff()
      await parts.forget()
    },
  }

  const resident: Resident = {
    machine,
    appliance,
    guest,
    isOn: () => isOn && system !== undefined,
    address: () => system?.address(),
    snmp: () => system?.snmp(),
    openDoor: async (options) => system?.openDoor(options),
    screenText: () => vt.text(),
    carpMember: () => (resident.isOn() ? describeMember(appliance) : undefined),
  }
  return resident
}
