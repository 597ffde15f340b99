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

/** What is needed to make machines, set them up and use their consoles. */
const MACHINE = [
  'VApp.Import',
  'VirtualMachine.Inventory.Delete',
  'VirtualMachine.Config.AddNewDisk',
  'VirtualMachine.Config.AddRemoveDevice',
  'VirtualMachine.Config.AdvancedConfig',
  'VirtualMachine.Config.CPUCount',
  'VirtualMachine.Config.DiskExtend',
  'VirtualMachine.Config.EditDevice',
  'VirtualMachine.Config.Memory',
  'VirtualMachine.Interact.AnswerQuestion',
  'VirtualMachine.Interact.ConsoleInteract',
  'VirtualMachine.Interact.PowerOff',
  'VirtualMachine.Interact.PowerOn',
  'VirtualMachine.Interact.PutUsbScanCodes',
] as const

/** What it takes, beside that, to keep an image as a template and to clone machines from it. */
const TEMPLATE = [
  'VirtualMachine.Inventory.CreateFromExisting',
  'VirtualMachine.Provisioning.DeployTemplate',
  'VirtualMachine.Provisioning.MarkAsTemplate',
] as const

/** Whether there is a choice of hosts and somebody to be kept apart from, which takes a rule. */
const hasRules = ({ computeCluster, nodes }: Params): boolean =>
  computeCluster !== undefined &&
  nodes.some((node) => nodes.some((other) => other !== node && other.cluster === node.cluster))

function planHostPrivileges(params: Params): readonly string[] {
  const made = params.portGroups.filter((group) => group.made)
  const hasCards = params.nodes.some(({ nitrox }) => nitrox)
  return [
    ...(made.some(({ kind }) => kind === 'standard') ? ['Host.Config.Network'] : []),
    ...(made.length > 0 ? ['Host.Config.AdvancedConfig'] : []),
    ...(hasCards ? ['Host.Config.PciPassthru'] : []),
    ...(hasCards && params.rebootHosts ? ['Host.Config.Maintenance'] : []),
    ...(hasRules(params) ? ['Host.Inventory.EditCluster'] : []),
  ]
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

/** Which privileges are needed where: only those of steps that this site has. */
export function planPrivileges(places: Places, params: Params): readonly Wanted[] {
  const { compute, pool, folder, datastore } = places
  const hasCards = params.nodes.some(({ nitrox }) => nitrox)
  const machine = [
    ...MACHINE,
    ...(params.template ? TEMPLATE : []),
    ...(hasCards ? ['VirtualMachine.Config.Resource'] : []),
    // A node that was moved away for the reboot of its host is moved back.
    ...(hasCards && params.rebootHosts ? ['Resource.ColdMigrate'] : []),
  ]
  const place = params.computeCluster ?? params.host ?? params.datacenter
  return [
    ...want(folder, `the folder ${params.folder ?? 'vm'} of ${params.datacenter}`, machine),
    ...want(pool, `the resource pool of ${place}`, ['Resource.AssignVMToPool']),
    ...want(datastore, `the datastore ${params.datastore}`, ['Datastore.AllocateSpace']),
    ...want(compute, place, planHostPrivileges(params)),
    ...planNetworkPrivileges(places, params),
  ]
}
