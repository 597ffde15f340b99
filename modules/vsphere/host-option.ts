import { z } from 'zod'

import { defineModule, type Change, type VSphereReader } from '#sdk'

/** The option on each host, and how many uplinks its switch has. */
interface Facts {
  readonly hosts: readonly {
    readonly name: string
    readonly uplinks: number
    /** Null where the host does not know the option. */
    readonly value: string | number | boolean | null
  }[]
  /** Hosts whose port group is in promiscuous mode already, so that it has to be switched off and on. */
  readonly toggled: readonly string[]
}

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
  switch: z
    .string()
    .min(1)
    .default('vSwitch0')
    .meta({ description: 'Virtual or distributed switch of the appliances' }),
  onlyIfUplinks: z
    .int()
    .min(0)
    .default(2)
    .meta({ description: 'Only on hosts where that switch has at least so many uplinks' }),
  portGroup: z.string().min(1).optional().meta({
    description: 'Port group on which promiscuous mode is switched off and on, for the option to count',
  }),
  kind: z
    .enum(['standard', 'distributed'])
    .default('standard')
    .meta({ description: 'Kind of that port group' }),
})

const scopeOf = ({ datacenter, computeCluster, host }: z.output<typeof params>) =>
  computeCluster === undefined ? { datacenter, host } : { datacenter, computeCluster }

type Params = z.output<typeof params>

async function readToggled(
  connection: VSphereReader,
  { portGroup, kind, datacenter }: Params,
  hosts: Awaited<ReturnType<VSphereReader['hosts']>>,
): Promise<readonly string[]> {
  if (portGroup === undefined) return []
  if (kind === 'distributed') {
    const group = await connection.distributedPortGroup({ datacenter, name: portGroup })
    const isOn = Object.values(group?.policies ?? {}).some(({ promiscuous }) => promiscuous)
    return isOn ? hosts.map(({ name }) => name) : []
  }
  return hosts
    .filter(({ portGroups }) =>
      portGroups.some(({ name, security }) => name === portGroup && security.promiscuous),
    )
    .map(({ name }) => name)
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
    const read = async (host: (typeof hosts)[number]): Promise<Facts['hosts'][number]> => {
      const value = await connection.hostOption(host, params.option)
      return {
        name: host.name,
        uplinks: host.switches.find(({ name }) => name === params.switch)?.uplinks.length ?? 0,
        value: value === undefined ? null : typeof value === 'bigint' ? Number(value) : value,
      }
    }
    const [found, toggled] = await Promise.all([
      Promise.all(hosts.map(read)),
      readToggled(connection, params, hosts),
    ])
    return { hosts: found, toggled }
  },

  diff: (facts, params): readonly Change[] =>
    facts.hosts
      .filter(({ uplinks, value }) => uplinks >= params.onlyIfUplinks && value !== params.value)
      .map(({ name, value, uplinks }) => ({
        path: `${name}.${params.option}`,
        from: value ?? undefined,
        to: params.value,
        note: `${params.switch} has ${uplinks} uplinks there`,
      })),

  async apply({ connection, params, changes }) {
    const { option, value, portGroup, kind, datacenter } = params
    const paths = new Set(changes.map(({ path }) => path))
    const all = await connection.hosts(scopeOf(params))
    const hosts = all.filter(({ name }) => paths.has(`${name}.${option}`))
    const set = async (host: (typeof hosts)[number]): Promise<void> =>
      connection.setHostOption(host, { name: option, value })

    // A host looks at the option only when promiscuous mode is switched on. Off comes first, so that a run which is killed
    // in between leaves a port group to mend, and never an option that seems to count and does not.
    if (portGroup !== undefined && kind === 'distributed') {
      await connection.withoutPromiscuous({ name: portGroup, datacenter }, async () => {
        for (const host of hosts) await set(host)
      })
      return
    }
    for (const host of hosts) {
      if (portGroup === undefined) await set(host)
      else await connection.withoutPromiscuous({ name: portGroup, host }, () => set(host))
    }
  },

  disruptive(changes, { option, portGroup = '' }, { toggled }) {
    const isToggled = toggled.some((name) => changes.some(({ path }) => path === `${name}.${option}`))
    return isToggled ? `promiscuous mode of ${portGroup} is switched off and on again` : undefined
  },

  limits: ({ datacenter }) => [{ name: `network changes in ${datacenter}`, max: 1 }],
})
