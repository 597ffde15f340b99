import { z } from 'zod'

import { defineModule, type Change, type VSphereReader, type VSphereWriter } from '#sdk'

/** A switch of the appliances on one host, where it has several uplinks. */
interface Team {
  readonly switch: string
  readonly uplinks: number
}

/** The option on each host, and what it matters to there. */
interface Facts {
  readonly hosts: readonly {
    readonly name: string
    readonly teams: readonly Team[]
    /** Port groups that are in promiscuous mode already, so that it has to be switched off and on. */
    readonly toggled: readonly string[]
    /** Null where the host does not know the option. */
    readonly value: string | number | boolean | null
  }[]
}

const portGroup = z.strictObject({
  name: z.string().min(1).meta({ description: 'Name of the port group' }),
  kind: z.enum(['standard', 'distributed']).default('standard').meta({ description: 'Kind of port group' }),
  switch: z.string().min(1).default('vSwitch0').meta({ description: 'Virtual or distributed switch' }),
})

const params = z.strictObject({
  datacenter: z.string().min(1).meta({ description: 'Datacenter' }),
  computeCluster: z.string().min(1).optional().meta({ description: 'Compute cluster: all of its hosts' }),
  host: z.string().min(1).optional().meta({ description: 'The one host, where there is no cluster' }),
  option: z
    .string()
    .min(1)
    .default('Net.ReversePathFwdCheckPromisc')
    .meta({ description: 'Advanced option, as it is written in the host’s advanced settings' }),
  value: z.int().default(1).meta({ description: 'Its value' }),
  portGroups: z.array(portGroup).min(1).meta({
    description:
      'All port groups of appliances on these hosts: a host has one option for all of them, and promiscuous mode is switched off and on on each for it to count',
  }),
  onlyIfUplinks: z
    .int()
    .min(0)
    .default(2)
    .meta({ description: 'Only on hosts where one of their switches has at least so many uplinks' }),
})

type Params = z.output<typeof params>

type Host = Awaited<ReturnType<VSphereReader['hosts']>>[number]

const scopeOf = ({ datacenter, computeCluster, host }: Params) =>
  computeCluster === undefined ? { datacenter, host } : { datacenter, computeCluster }

function teamsOf({ switches }: Host, { portGroups, onlyIfUplinks }: Params): readonly Team[] {
  return switches
    .filter(({ name }) => portGroups.some((group) => group.switch === name))
    .map(({ name, uplinks }) => ({ switch: name, uplinks: uplinks.length }))
    .filter(({ uplinks }) => uplinks >= onlyIfUplinks)
}

/** The port groups that the option matters to on a host: those whose switch has several uplinks there. */
function selectChecked(host: Host, params: Params): Params['portGroups'] {
  const teams = teamsOf(host, params)
  return params.portGroups.filter((group) => teams.some((team) => team.switch === group.switch))
}

/** Names of the distributed port groups that are in promiscuous mode. */
async function readPromiscuous(
  connection: VSphereReader,
  { portGroups, datacenter }: Params,
): Promise<readonly string[]> {
  const distributed = portGroups.filter(({ kind }) => kind === 'distributed')
  const read = await Promise.all(
    distributed.map(async ({ name }) => {
      const group = await connection.distributedPortGroup({ datacenter, name })
      return Object.values(group?.policies ?? {}).some(({ promiscuous }) => promiscuous) ? [name] : []
    }),
  )
  return read.flat()
}

type Place = Parameters<VSphereWriter['withoutPromiscuous']>[0]

/** Does some work while promiscuous mode is off on all of these port groups, each where it was on. */
function withoutPromiscuous(
  connection: VSphereWriter,
  [first, ...others]: readonly Place[],
  work: () => Promise<void>,
): Promise<void> {
  if (first === undefined) return work()
  return connection.withoutPromiscuous(first, () => withoutPromiscuous(connection, others, work))
}

/** Sets an advanced option on every host that may run the appliances and has teamed uplinks. */
export const hostOption = defineModule({
  name: 'vsphere/host-option',
  summary: 'An advanced option is set on the hosts whose switch has several uplinks',
  connection: 'vsphere',
  params,

  async read(context): Promise<Facts> {
    const { connection, params } = context
    const all = await connection.hosts(scopeOf(params))
    // A host in maintenance is set, too: it comes back, and may run an appliance then.
    const hosts = all.filter(({ connected }) => connected)
    for (const { name, state } of all.filter(({ connected }) => !connected)) {
      context.warn(`${name} is ${state}: ${params.option} is not looked at there; run again when it is back`)
    }
    const distributed = await readPromiscuous(connection, params)
    const read = async (host: Host): Promise<Facts['hosts'][number]> => {
      const value = await connection.hostOption(host, params.option)
      const standard = host.portGroups.flatMap(({ name, security }) => (security.promiscuous ? [name] : []))
      const isPromiscuous = ({ name, kind }: Params['portGroups'][number]): boolean =>
        (kind === 'distributed' ? distributed : standard).includes(name)
      return {
        name: host.name,
        teams: teamsOf(host, params),
        toggled: selectChecked(host, params)
          .filter(isPromiscuous)
          .map(({ name }) => name),
        value: value === undefined ? null : typeof value === 'bigint' ? Number(value) : value,
      }
    }
    return { hosts: await Promise.all(hosts.map(read)) }
  },

  diff: (facts, params): readonly Change[] =>
    facts.hosts
      .filter(({ teams, value }) => teams.length > 0 && value !== params.value)
      .map(({ name, value, teams }) => ({
        path: `${name}.${params.option}`,
        from: value ?? undefined,
        to: params.value,
        note: `${teams.map((team) => `${team.switch} has ${team.uplinks} uplinks`).join(', ')} there`,
      })),

  async apply({ connection, params, changes }) {
    const { option, value, datacenter, portGroups } = params
    const paths = new Set(changes.map(({ path }) => path))
    const all = await connection.hosts(scopeOf(params))
    const hosts = all.filter(({ name }) => paths.has(`${name}.${option}`))
    const checkedOn = (host: Host, kind: 'standard' | 'distributed') =>
      selectChecked(host, params).filter((group) => group.kind === kind)

    // A host looks at the option only when promiscuous mode is switched on. Off comes first, and on all of them, so that a run
    // which is killed in between leaves a port group to mend, and never an option that seems to count and does not.
    const distributed = portGroups
      .filter((group) => hosts.some((host) => checkedOn(host, 'distributed').includes(group)))
      .map(({ name }) => ({ name, datacenter }))
    await withoutPromiscuous(connection, distributed, async () => {
      for (const host of hosts) {
        const standard = checkedOn(host, 'standard').map(({ name }) => ({ name, host }))
        await withoutPromiscuous(connection, standard, () =>
          connection.setHostOption(host, { name: option, value }),
        )
      }
    })
  },

  disruptive(changes, { option }, { hosts }) {
    const changed = hosts.filter(({ name }) => changes.some(({ path }) => path === `${name}.${option}`))
    const names = [...new Set(changed.flatMap(({ toggled }) => toggled))]
    return names.length === 0
      ? undefined
      : `promiscuous mode of ${names.join(', ')} is switched off and on again`
  },

  limits: ({ datacenter }) => [{ name: `network changes in ${datacenter}`, max: 1 }],
})
