import { VimError } from '../error.ts'
import type { PropertyReader } from '../property.ts'
import type { MoRef, Value } from '../schema/values.ts'
import { narrow } from './device.ts'

/** What a machine needs of the host that it goes to. */
export interface HostNeeds {
  /** The cluster whose hosts there are to choose from. */
  readonly compute: MoRef
  /** The machine's name, for messages. */
  readonly name: string
  readonly datastores: readonly MoRef[]
  readonly networks: readonly MoRef[]
  /** Names of machines that should run on other hosts. */
  readonly apart: readonly string[]
  /** The hosts, by id, that were chosen for machines by their names and that these may not have reached yet; is added to. */
  readonly arriving: Map<string, string>
}

/** A host that a machine could go to. */
export interface HostChoice {
  readonly ref: MoRef
  readonly name: string
  /** Why the machine cannot run there; undefined where it can. */
  readonly obstacle: string | undefined
  readonly freeMB: number
  /** Which of the machines that should run elsewhere are there. */
  readonly siblings: readonly string[]
}

/** Whether a cluster chooses the hosts of its machines by itself when they are made and switched on. */
export function isBalanced(config: Value<'ComputeResourceConfigInfo'> | undefined): boolean {
  const drs = narrow(config, 'ClusterConfigInfoEx')?.drsConfig
  return drs?.enabled === true && drs.defaultVmBehavior !== 'manual'
}

/** The host with the fewest siblings, and among those the one with the most free memory; undefined where none can be used. */
export function selectHost(choices: readonly HostChoice[]): HostChoice | undefined {
  const [best] = choices
    .filter(({ obstacle }) => obstacle === undefined)
    .toSorted(
      (a, b) =>
        a.siblings.length - b.siblings.length || b.freeMB - a.freeMB || a.name.localeCompare(b.name, 'en'),
    )
  return best
}

const HOST_PATHS = [
  'name',
  'datastore',
  'network',
  'runtime.connectionState',
  'runtime.inMaintenanceMode',
  'hardware.memorySize',
  'summary.quickStats.overallMemoryUsage',
] as const

const MACHINE_PATHS = [
  'name',
  'runtime.host',
  'runtime.powerState',
  'summary.config.memorySizeMB',
  'summary.config.template',
] as const

const HOSTS = { type: 'ComputeResource', path: 'host' } as const

const hasAll = (known: readonly MoRef[], wanted: readonly MoRef[]): boolean =>
  wanted.every(({ value }) => known.some((each) => each.value === value))

// A machine that has just been switched on uses little of its memory yet: what it is promised counts, and for those that are to
// be kept apart from the new one also while they are off.
async function readChoices(
  properties: PropertyReader,
  { compute, datastores, networks, apart }: HostNeeds,
): Promise<readonly HostChoice[]> {
  const [hosts, all] = await Promise.all([
    properties.list('HostSystem', { from: compute, via: [HOSTS] }, HOST_PATHS),
    properties.list(
      'VirtualMachine',
      { from: compute, via: [HOSTS, { type: 'HostSystem', path: 'vm' }] },
      MACHINE_PATHS,
    ),
  ])
  const machines = all.filter(({ values }) => !values['summary.config.template'])
  return hosts.map(({ ref, values }) => {
    const mine = machines.filter((machine) => machine.values['runtime.host']?.value === ref.value)
    const siblings = mine.filter((machine) => apart.includes(machine.values.name))
    const promised = mine
      .filter((machine) => machine.values['runtime.powerState'] === 'poweredOn' || siblings.includes(machine))
      .reduce((sum, machine) => sum + (machine.values['summary.config.memorySizeMB'] ?? 0), 0)
    const used = values['summary.quickStats.overallMemoryUsage'] ?? 0
    const state = values['runtime.connectionState']
    const obstacle =
      state !== 'connected'
        ? `is ${state}`
        : values['runtime.inMaintenanceMode']
          ? 'is in maintenance'
          : !hasAll(values.datastore, datastores)
            ? 'does not see the datastore'
            : !hasAll(values.network, networks)
              ? 'does not have the networks'
              : undefined
    return {
      ref,
      name: values.name,
      obstacle,
      freeMB: Number((values['hardware.memorySize'] ?? 0n) / 1024n ** 2n) - Math.max(used, promised),
      siblings: siblings.map((machine) => machine.values.name),
    }
  })
}

function expectArrivals(choice: HostChoice, { apart, arriving }: HostNeeds): HostChoice {
  const coming = apart.filter((name) => arriving.get(name) === choice.ref.value)
  return { ...choice, siblings: [...new Set([...choice.siblings, ...coming])] }
}

/**
 * Chooses the host of a machine where its cluster does not: without DRS, or with one that only recommends, a server wants to
 * be told. Throws a `VimError` that says of each host why it cannot be.
 */
export async function chooseHost(properties: PropertyReader, needs: HostNeeds): Promise<MoRef> {
  const choices = await readChoices(properties, needs)
  // From here on nothing waits: whoever chooses at the same time sees what was chosen here.
  const chosen = selectHost(choices.map((choice) => expectArrivals(choice, needs)))
  if (chosen !== undefined) {
    needs.arriving.set(needs.name, chosen.ref.value)
    return chosen.ref
  }
  const why = choices.map(({ name, obstacle }) => `${name} ${obstacle ?? ''}`)
  throw new VimError(
    'not-found',
    `no host can take ${needs.name}: ${why.join(', ') || 'the cluster has none'}`,
    {
      hint: 'bring a host back to work, or give it what it lacks; DRS is off, so that nobody else chooses one',
    },
  )
}
