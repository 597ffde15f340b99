import { z } from 'zod'

import {
  defineModule,
  joinPath,
  ModuleError,
  type Change,
  type ModuleContext,
  type VSphereReader,
} from '#sdk'

import { readGroupHosts, scopeOf } from './group-hosts.ts'

/** What virtual addresses that move between nodes need of a port group. */
const ACCEPT = { promiscuous: true, macChanges: true, forgedTransmits: true } as const

const NAMES = {
  promiscuous: 'promiscuous mode',
  macChanges: 'MAC address changes',
  forgedTransmits: 'forged transmits',
} as const

type Policy = Readonly<Record<keyof typeof ACCEPT, boolean>>

/** The port group in one place: on one host, or on the distributed switch. */
interface Place {
  readonly name: string
  readonly exists: boolean
  readonly switch: string
  readonly vlan: number
  /** Distributed port groups can hold the policy twice, and have to hold the same one. */
  readonly policies: Readonly<Record<string, Policy>>
  /** Whether part of the policy is the whole virtual switch's. */
  readonly inherits: boolean
  /** Why it may not be changed; nothing where it may. */
  readonly locked: string | null
}

/** The port group everywhere, and the virtual machines that are on it. */
interface Facts {
  readonly places: readonly Place[]
  readonly machines: readonly string[]
}

const params = z.strictObject({
  name: z.string().min(1).meta({ description: 'Name of the port group' }),
  datacenter: z.string().min(1).meta({ description: 'Datacenter' }),
  computeCluster: z.string().min(1).optional().meta({ description: 'Compute cluster whose hosts need it' }),
  host: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The one host that needs it, where there is no cluster' }),
  datastore: z.string().min(1).optional().meta({
    description: 'Datastore of the machines: a host that cannot reach it may lack the switch, too',
  }),
  kind: z.enum(['standard', 'distributed']).default('standard').meta({ description: 'Kind of port group' }),
  switch: z.string().min(1).default('vSwitch0').meta({ description: 'Virtual or distributed switch' }),
  vlan: z.int().min(0).max(4095).optional().meta({
    description: 'VLAN; 0 for untagged frames. Where absent, that of a port group which exists is kept',
  }),
  appliances: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Names of the machines that it is for; any other one on it is told of' }),
})

type Params = z.output<typeof params>

const missing = (name: string, params: Params): Place => ({
  name,
  exists: false,
  switch: params.switch,
  vlan: 0,
  policies: {},
  inherits: false,
  locked: null,
})

async function readDistributed(connection: VSphereReader, params: Params): Promise<Place> {
  const { datacenter, name } = params
  const group = await connection.distributedPortGroup({ datacenter, name })
  if (group === undefined) return missing(params.switch, params)
  const { vlan, policies, isUplink, backing } = group
  const locked = isUplink
    ? 'it holds the uplinks of its switch'
    : backing === 'nsx'
      ? 'it belongs to NSX, which sets it back'
      : null
  return { name: group.switch, exists: true, switch: group.switch, vlan, policies, inherits: false, locked }
}

async function readStandard(
  context: Pick<ModuleContext<VSphereReader, Params>, 'connection' | 'warn'>,
  params: Params,
): Promise<readonly Place[]> {
  const hosts = await readGroupHosts(context, params)
  return hosts.map((host) => {
    const group = host.portGroups.find((candidate) => candidate.name === params.name)
    if (group === undefined) return missing(host.name, params)
    const { spec, security, inherits } = group
    return {
      name: host.name,
      exists: true,
      switch: spec.vswitchName,
      vlan: spec.vlanId,
      policies: { security },
      inherits,
      locked: null,
    }
  })
}

/** Who is on it that it is not for. */
async function readMachines(
  connection: VSphereReader,
  { datacenter, name, appliances }: Params,
): Promise<readonly string[]> {
  const network = await connection.find('Network', joinPath(datacenter, 'network', name))
  if (network === undefined) return []
  const way = { from: network, via: [{ type: 'Network', path: 'vm' }] } as const
  const machines = await connection.list('VirtualMachine', way, ['name', 'summary.config.template'])
  return machines
    .filter(({ values }) => !values['summary.config.template'])
    .map(({ values }) => values.name)
    .filter((machine) => !appliances.includes(machine))
    .toSorted()
}

const word = (accepted: boolean): string => (accepted ? 'accept' : 'reject')

function diffPolicy(place: string, policy: Policy): readonly Change[] {
  return (Object.keys(ACCEPT) as (keyof Policy)[]).flatMap((setting) =>
    policy[setting] === ACCEPT[setting]
      ? []
      : [{ path: `${place}.${NAMES[setting]}`, from: word(policy[setting]), to: word(ACCEPT[setting]) }],
  )
}

function diffPlace(place: Place, params: Params): readonly Change[] {
  const { name } = place
  if (!place.exists) {
    return [
      { path: name, to: `${params.name} on ${params.switch}, VLAN ${params.vlan ?? 0}` },
      ...diffPolicy(name, { promiscuous: false, macChanges: false, forgedTransmits: false }).map(
        ({ path, to }) => ({ path, to }),
      ),
    ]
  }
  const policies = Object.entries(place.policies)
  return [
    ...(place.switch === params.switch
      ? []
      : [{ path: `${name}.switch`, from: place.switch, to: params.switch }]),
    ...(params.vlan === undefined || place.vlan === params.vlan
      ? []
      : [{ path: `${name}.VLAN`, from: place.vlan < 0 ? 'several' : place.vlan, to: params.vlan }]),
    ...policies.flatMap(([kind, policy]) =>
      diffPolicy(policies.length > 1 ? `${name}.${kind}` : name, policy),
    ),
  ]
}

/** Refuses what a person has to decide: another switch, or a group that is not made for machines. */
function demandChangeable({ name, exists, switch: on, locked }: Place, params: Params): void {
  if (exists && on !== params.switch) {
    throw new ModuleError(`${params.name} is on ${on} of ${name}, not on ${params.switch}`, {
      hint: 'name that switch in the inventory, or another port group',
    })
  }
  if (locked === null) return
  throw new ModuleError(`the port group ${params.name} cannot be changed: ${locked}`, {
    hint: 'name a port group in the inventory that is made for the appliances alone',
  })
}

/** Creates the appliances' port group, or lets it accept what their shared address needs; keeps everything else on it. */
export const portGroup = defineModule({
  name: 'vsphere/port-group',
  summary: 'A port group exists and accepts promiscuous mode, MAC address changes and forged transmits',
  connection: 'vsphere',
  params,

  async read(context): Promise<Facts> {
    const { connection, params } = context
    const [places, machines] = await Promise.all([
      params.kind === 'distributed'
        ? readDistributed(connection, params).then((place) => [place])
        : readStandard(context, params),
      readMachines(connection, params),
    ])
    const shared = places.find((place) => place.inherits && diffPlace(place, params).length === 0)
    if (shared !== undefined) {
      context.warn(
        `${params.name} accepts what the appliances need only because all of ${shared.switch} of ${shared.name} does; set it on the port group alone`,
      )
    }
    return { places, machines }
  },

  diff: ({ places, machines }, params): readonly Change[] =>
    places
      .flatMap((place) => diffPlace(place, params))
      .map((change) =>
        machines.length > 0 && change.path.endsWith(NAMES.promiscuous)
          ? { ...change, note: `also on it: ${machines.join(', ')}` }
          : change,
      ),

  async apply(context) {
    const { connection, params, facts } = context
    const differing = facts.places.filter((place) => diffPlace(place, params).length > 0)
    for (const place of differing) demandChangeable(place, params)
    if (facts.machines.length > 0) {
      context.warn(
        `also on ${params.name}: ${facts.machines.join(', ')}; from now on they can see every frame on it`,
      )
    }
    const wanted = { name: params.name, switch: params.switch, vlan: params.vlan, security: ACCEPT }
    if (params.kind === 'distributed') {
      await connection.putDistributedPortGroup(params.datacenter, wanted)
      return
    }
    const names = new Set(differing.map(({ name }) => name))
    for (const host of await connection.hosts(scopeOf(params))) {
      if (names.has(host.name)) await connection.putStandardPortGroup(host, wanted)
    }
  },

  disruptive(changes, { name, vlan }, { machines, places }) {
    const moved = places.filter((place) => place.exists && place.vlan !== vlan)
    if (vlan === undefined || moved.length === 0 || !changes.some(({ path }) => path.endsWith('.VLAN')))
      return undefined
    const others = machines.length === 0 ? '' : `, and with it ${machines.join(', ')}`
    return `the port group ${name} moves to VLAN ${vlan}${others}`
  },

  limits: ({ datacenter }) => [{ name: `network changes in ${datacenter}`, max: 1 }],
})
