import type { Json } from '../../model/change.ts'
import type { Clock } from '../../model/clock.ts'
import type { SeedSubnet } from '../../model/lab-seed.ts'
import type { DocumentStore } from '../../state/document-store.ts'
import type { CloudView } from '../cloud.ts'
import type { CreateGuest } from '../guest.ts'
import type { LabNetwork } from '../network.ts'
import { DOCUMENTED, type Dialect } from './dialect.ts'
import { RC_CONF, isEnabled, renderSetting } from './disk/rc-conf.ts'
import { noAppliance, type FaultName, type Faults } from './faults.ts'
import { createInitialState, selectPersonality, type Personality } from './initial-state.ts'
import { createResident, type Resident } from './resident.ts'
import { applyHostKey } from './ssh/host-key.ts'
import type { ApplianceState } from './state.ts'

/** Where the lab's appliances are built and live. */
export interface ApplianceYard {
  /** Makes the guest of a virtual machine; a vCenter calls it. */
  readonly createGuest: CreateGuest
  readonly faults: Faults
  /** The appliances by machine name, for `runbook lab status`. */
  status(): { readonly [name: string]: Json }
  /** Text on a machine's screen; none where there is no such machine. For people; automation has to read the picture. */
  screenText(machine: string): string | undefined
  /** Switches everything off without a trace in what is stored: the machines run on in the next process. */
  close(): Promise<void>
}

/** What a yard is built with. */
export interface YardParts {
  readonly store: DocumentStore
  readonly network: LabNetwork
  readonly clock: Clock
  readonly clouds: readonly CloudView[]
  readonly subnets: readonly SeedSubnet[]
  /** How the first login goes on new machines; each has its own way where it is not given. */
  readonly personality?: Personality | undefined
  /** How a machine of this name speaks; as documented where it is not given. */
  readonly dialectOf?: ((machine: string) => Dialect) | undefined
}

const DRIFT_MS = 5 * 60_000

/** Faults that happen on the next occasion only, unless asked for more. */
const SINGLE: ReadonlySet<FaultName> = new Set(['drop-in-command'])
const UNTIL_CLEARED = Number.MAX_SAFE_INTEGER

async function applyFault(
  resident: Resident,
  { name, times }: { name: FaultName; times: number },
): Promise<void> {
  const { appliance, openDoor } = resident
  const { state, disk, save } = appliance
  switch (name) {
    case 'clock-drift':
      state.driftMs = DRIFT_MS
      break
    case 'host-key-changed':
      applyHostKey(appliance, { renew: true })
      await openDoor({ renew: true })
      break
    case 'no-autostart': {
      const data = renderSetting(disk.read(RC_CONF, 'root'), { name: 'vzen_enable', value: 'NO' })
      disk.write(RC_CONF, { data, as: 'root' })
      if (resident.isOn()) appliance.restartNow()
      break
    }
    case 'drop-in-command':
    case 'unknown-prompt':
    case 'console-messages':
    case 'build-stalls':
    case 'wrong-certificate':
    case 'ports-closed':
    case 'split-brain':
    case 'disk-full':
      state.faults[name] = times
      break
  }
  await save()
}

function describe(resident: Resident): Json {
  const { appliance } = resident
  const { state, disk } = appliance
  const { state: uplink, reason } = appliance.uplink()
  const rcConf = disk.read(RC_CONF, 'root')
  return {
    power: resident.isOn() ? 'on' : 'off',
    address: resident.address() ?? null,
    snmp: resident.snmp() ?? null,
    hostname: appliance.hostname(),
    configured: state.network === undefined ? null : `${state.network.address}/${state.network.prefix}`,
    certificate: state.certificate?.serial ?? null,
    build: state.build?.version ?? null,
    running: Object.keys(state.processes),
    autostart: isEnabled(rcConf, 'vzen_enable'),
    standardPort: [...state.standardPort.effective],
    delayUpgrade: state.delayUpgrade ?? null,
    connection: reason === '' ? uplink : `${uplink}: ${reason}`,
    carp: appliance.carp()?.role ?? null,
    faults: Object.keys(state.faults),
  }
}

/** Builds a yard; its machines come with `createGuest`, with whatever an earlier process left on their disks. */
export function createApplianceYard({
  store,
  personality,
  dialectOf = () => DOCUMENTED,
  ...world
}: YardParts): ApplianceYard {
  const residents = new Map<string, Resident>()

  /** Machines that wanted an address which another one has given back take it now. */
  function released(address: string): void {
    for (const resident of residents.values()) {
      const wants = resident.appliance.state.network?.address === address
      if (wants && resident.isOn() && resident.address() === undefined) {
        void resident.openDoor().catch(() => undefined)
        return
      }
    }
  }

  function selectResidents(name: string | undefined): readonly Resident[] {
    const chosen = [...residents.values()].filter(
      ({ machine }) => name === undefined || machine.name === name || machine.uuid === name,
    )
    if (chosen.length > 0) return chosen
    throw noAppliance(name)
  }

  return {
    async createGuest(machine) {
      const known = residents.get(machine.uuid)
      if (known !== undefined) return known.guest
      const name = `appliance/${machine.uuid}`
      const fresh = await createInitialState(
        personality ?? selectPersonality(machine.uuid),
        world.clock.now(),
      )
      const document = await store.open<ApplianceState>(name, () => fresh)
      const resident = createResident({
        ...world,
        machine,
        dialect: dialectOf(machine.name),
        document,
        released,
        residents: () => residents.values(),
        forget: async () => {
          residents.delete(machine.uuid)
          await store.remove(name)
        },
      })
      residents.set(machine.uuid, resident)
      return resident.guest
    },

    faults: {
      async inject(name, { machine, times = SINGLE.has(name) ? 1 : UNTIL_CLEARED } = {}) {
        await Promise.all(selectResidents(machine).map((resident) => applyFault(resident, { name, times })))
      },
      async clear(name, { machine } = {}) {
        for (const { appliance } of machine === undefined ? residents.values() : selectResidents(machine)) {
          const { state, save } = appliance
          if (name === undefined) state.faults = {}
          else delete state.faults[name]
          if (name === undefined || name === 'clock-drift') state.driftMs = 0
          await save()
        }
      },
    },

    status: () =>
      Object.fromEntries(
        [...residents.values()]
          .sort((one, other) => (one.machine.name < other.machine.name ? -1 : 1))
          .map((resident) => [resident.machine.name, describe(resident)]),
      ),

    screenText: (name) =>
      [...residents.values()]
        .find(({ machine }) => machine.name === name || machine.uuid === name)
        ?.screenText(),

    async close() {
      await Promise.all([...residents.values()].map(({ guest }) => guest.powerOff()))
      await store.settled()
    },
  }
}
