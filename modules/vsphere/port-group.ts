import { z } from 'zod'

import { defineModule, ModuleError, type Change, type VSphereReader } from '#sdk'

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
  kind: z.enum(['standard', 'distributed']).default('standard').meta({ description: 'Kind of port group' }),
  switch: z.string().min(1).default('vSwitch0').meta({ description: 'Virtual or distributed switch' }),
  vlan: z.int().min(0).max(4095).default(0).meta({ description: 'VLAN; 0 for untagged frames' }),
})

type Params = z.output<typeof params>

// The whole cluster's hosts, even where a machine is pinned to one: it may have to move.
const scopeOf = ({ datacenter, computeCluster, host }: Params) =>
  computeCluster === undefined ? { datacenter, host } : { datacenter, computeCluster }

async function readPlaces(connection: VSphereReader, params: Params): Promise<readonly Place[]> {
  const { datacenter, name } = params
  if (params.kind === 'distributed') {
    const group = await connection.distributedPortGroup({ datacenter, name })
    if (group === undefined) {
      return [{ name: params.switch, exists: false, switch: params.switch, vlan: 0, policies: {} }]
    }
    const { vlan, policies } = group
    return [{ name: group.switch, exists: true, switch: group.switch, vlan, policies }]
  }
  const hosts = await connection.hosts(scopeOf(params))
  return hosts.map((host) => {
    const group = host.portGroups.find((candidate) => candidate.name === name)
    return group === undefined
      ? { name: host.name, exists: false, switch: params.switch, vlan: 0, policies: {} }
      : {
          name: host.name,
          exists: true,
          switch: group.spec.vswitchName,
          vlan: group.spec.vlanId,
          policies: { security: group.security },
        }
  })
}

async function readMachines(
  connection: VSphereReader,
  { datacenter, name }: Params,
): Promise<readonly string[]> {
  const path = `/${datacenter.replaceAll(/^\/+|\/+$/g, '')}/network/${name.replaceAll('/', '%2f')}`
  const network = await connection.find('Network', path)
  if (network === undefined) return []
  const way = { from: network, via: [{ type: 'Network', path: 'vm' }] } as const
  const machines = await connection.list('VirtualMachine', way, ['name'])
  return machines.map(({ values }) => values.name).toSorted()
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
      { path: name, to: `${params.name} on ${params.switch}, VLAN ${params.vlan}` },
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
    ...(place.vlan === params.vlan ? [] : [{ path: `${name}.VLAN`, from: place.vlan, to: params.vlan }]),
    ...policies.flatMap(([kind, policy]) =>
      diffPolicy(policies.length > 1 ? `${name}.${kind}` : name, policy),
    ),
  ]
}

/** Creates the appliances' port group, or lets it accept what their shared address needs; keeps everything else on it. */
export const portGroup = defineModule({
  name: 'vsphere/port-group',
  summary: 'A port group exists and accepts promiscuous mode, MAC address changes and forged transmits',
  connection: 'vsphere',
  params,

  async read({ connection, params }): Promise<Facts> {
    const [places, machines] = await Promise.all([
      readPlaces(connection, params),
      readMachines(connection, params),
    ])
    return { places, machines }
  },

  diff: (facts, params): readonly Change[] => facts.places.flatMap((place) => diffPlace(place, params)),

  async apply(context) {
    const { connection, params, facts } = context
    for (const place of facts.places) {
      if (place.exists && place.switch !== params.switch) {
        throw new ModuleError(
          `${params.name} is on ${place.switch} of ${place.name}, not on ${params.switch}`,
          {
            hint: 'name that switch in the inventory, or another port group',
          },
        )
      }
    }
    if (facts.machines.length > 0) {
      context.warn(
        `on ${params.name} are ${facts.machines.join(', ')}: their frames are seen by every machine on it`,
      )
    }
    const wanted = { name: params.name, switch: params.switch, vlan: params.vlan, security: ACCEPT }
    if (params.kind === 'distributed') {
      await connection.putDistributedPortGroup(params.datacenter, wanted)
      return
    }
    const differs = new Set(
      facts.places.filter((place) => diffPlace(place, params).length > 0).map(({ name }) => name),
    )
    for (const host of await connection.hosts(scopeOf(params))) {
      if (differs.has(host.name)) await connection.putStandardPortGroup(host, wanted)
    }
  },

  limits: ({ datacenter }) => [{ name: `network changes in ${datacenter}`, max: 1 }],
})
