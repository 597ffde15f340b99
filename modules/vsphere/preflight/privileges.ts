import type { VSphereReader } from '#sdk'

import type { Params } from './params.ts'

type MoRef = NonNullable<Awaited<ReturnType<VSphereReader['find']>>>

/** The objects that privileges are needed on, as far as they are there. */
export interface Places {
  readonly compute: MoRef | undefined
  readonly pool: MoRef | undefined
  readonly folder: MoRef | undefined
  readonly datastore: MoRef | undefined
  /** Where networks that do not exist yet will be. */
  readonly networkFolder: MoRef | undefined
  /** Networks and distributed switches by name. */
  readonly networks: ReadonlyMap<string, MoRef>
}

/** What a site has that not every site has. */
interface Traits {
  /** The image is kept as a template. */
  readonly template: boolean
  /** A port group is made, or changed. */
  readonly groups: boolean
  /** One of them is on the hosts' own switches. */
  readonly standardGroups: boolean
  readonly cards: boolean
  readonly reboots: boolean
  /** A machine is elsewhere than on the host of its card, or leaves that when it is rebooted. */
  readonly moves: boolean
  /** There is a choice of hosts, and somebody to be kept apart from. */
  readonly rules: boolean
}

/** Objects that are the same for all machines of a site. */
type Where = 'folder' | 'pool' | 'datastore' | 'compute'

interface Need {
  readonly on: Where
  readonly privilege: string
  /** What a site has that has such a step; all have it where absent. */
  readonly only?: keyof Traits
}

/**
 * Which step needs what, and on what: the one place that says so. On networks it depends on what is there already, and
 * `planNetworkPrivileges` says it.
 */
const NEEDS = {
  'making a machine': [
    { on: 'folder', privilege: 'VApp.Import' },
    { on: 'folder', privilege: 'VirtualMachine.Config.AddNewDisk' },
    { on: 'folder', privilege: 'VirtualMachine.Config.AdvancedConfig' },
    { on: 'folder', privilege: 'VirtualMachine.Inventory.Delete' },
    { on: 'pool', privilege: 'Resource.AssignVMToPool' },
    { on: 'datastore', privilege: 'Datastore.AllocateSpace' },
  ],
  'cloning it from a template': [
    { on: 'folder', privilege: 'VirtualMachine.Config.Annotation', only: 'template' },
    { on: 'folder', privilege: 'VirtualMachine.Inventory.CreateFromExisting', only: 'template' },
    { on: 'folder', privilege: 'VirtualMachine.Provisioning.DeployTemplate', only: 'template' },
    { on: 'folder', privilege: 'VirtualMachine.Provisioning.MarkAsTemplate', only: 'template' },
  ],
  'plugging its adapters': [
    { on: 'folder', privilege: 'VirtualMachine.Config.EditDevice' },
    { on: 'folder', privilege: 'VirtualMachine.Interact.DeviceConnection' },
  ],
  'changing its hardware': [
    { on: 'folder', privilege: 'VirtualMachine.Config.AddRemoveDevice' },
    { on: 'folder', privilege: 'VirtualMachine.Config.CPUCount' },
    { on: 'folder', privilege: 'VirtualMachine.Config.DiskExtend' },
    { on: 'folder', privilege: 'VirtualMachine.Config.Memory' },
    { on: 'folder', privilege: 'VirtualMachine.Config.Resource', only: 'cards' },
    { on: 'folder', privilege: 'VirtualMachine.Interact.PowerOff' },
  ],
  'moving it to the host of its card': [{ on: 'folder', privilege: 'Resource.ColdMigrate', only: 'moves' }],
  'switching it on': [
    { on: 'folder', privilege: 'VirtualMachine.Interact.AnswerQuestion' },
    { on: 'folder', privilege: 'VirtualMachine.Interact.PowerOn' },
  ],
  'using its console': [
    { on: 'folder', privilege: 'VirtualMachine.Interact.ConsoleInteract' },
    { on: 'folder', privilege: 'VirtualMachine.Interact.PutUsbScanCodes' },
  ],
  'setting up the hosts': [
    { on: 'compute', privilege: 'Host.Config.Network', only: 'standardGroups' },
    { on: 'compute', privilege: 'Host.Config.AdvancedConfig', only: 'groups' },
    { on: 'compute', privilege: 'Host.Config.PciPassthru', only: 'cards' },
    { on: 'compute', privilege: 'Host.Config.Maintenance', only: 'reboots' },
  ],
  'keeping machines apart': [{ on: 'compute', privilege: 'Host.Inventory.EditCluster', only: 'rules' }],
} as const satisfies Readonly<Record<string, readonly Need[]>>

/** A privilege that a step needs somewhere. */
export type Privilege = (typeof NEEDS)[keyof typeof NEEDS][number]['privilege']

const ALL: readonly Need[] = Object.values(NEEDS).flat()

function traitsOf(
  { template, portGroups, nodes, computeCluster, rebootHosts }: Params,
  isAway: boolean,
): Traits {
  const made = portGroups.filter((group) => group.made)
  const isCluster = computeCluster !== undefined
  const cards = nodes.some(({ nitrox }) => nitrox)
  return {
    template,
    groups: made.length > 0,
    standardGroups: made.some(({ kind }) => kind === 'standard'),
    cards,
    reboots: cards && rebootHosts,
    moves: cards && isCluster && (rebootHosts || isAway),
    rules:
      isCluster &&
      nodes.some((node) => nodes.some((other) => other !== node && other.cluster === node.cluster)),
  }
}

/** An object with its name for messages, and the privileges that are needed on it. */
export interface Wanted {
  readonly entity: MoRef
  readonly where: string
  readonly privileges: readonly string[]
}

function want(entity: MoRef | undefined, where: string, privileges: readonly string[]): readonly Wanted[] {
  return entity === undefined || privileges.length === 0 ? [] : [{ entity, where, privileges }]
}

function planNetworkPrivileges(
  { networks, networkFolder }: Places,
  { portGroups }: Params,
): readonly Wanted[] {
  return portGroups.flatMap(({ name, kind, switch: on, made }) => {
    const group = networks.get(name)
    const assign = want(group ?? networkFolder, `the network ${name}`, ['Network.Assign'])
    if (!made || kind === 'standard') return assign
    return group === undefined
      ? [...assign, ...want(networks.get(on), `the distributed switch ${on}`, ['DVPortgroup.Create'])]
      : [...assign, ...want(group, `the port group ${name}`, ['DVPortgroup.Modify'])]
  })
}

/**
 * Which privileges are needed where: only those of steps that this site has. `isAway` says that a machine is elsewhere than on the
 * host of its card.
 */
export function planPrivileges(places: Places, params: Params, isAway: boolean): readonly Wanted[] {
  const { compute, pool, folder, datastore } = places
  const traits = traitsOf(params, isAway)
  const on = (place: Where): readonly string[] =>
    ALL.filter((need) => need.on === place && (need.only === undefined || traits[need.only])).map(
      ({ privilege }) => privilege,
    )
  const place = params.computeCluster ?? params.host ?? params.datacenter
  return [
    ...want(folder, `the folder ${params.folder ?? 'vm'} of ${params.datacenter}`, on('folder')),
    ...want(pool, `the resource pool of ${place}`, on('pool')),
    ...want(datastore, `the datastore ${params.datastore}`, on('datastore')),
    ...want(compute, place, on('compute')),
    ...planNetworkPrivileges(places, params),
  ]
}
