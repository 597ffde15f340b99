import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

/** The option on each host, and how many uplinks its switch has. */
interface Facts {
  readonly hosts: readonly {
    readonly name: string
    readonly uplinks: number
    /** Null where the host does not know the option. */
    readonly value: string | number | boolean | null
    /** Whether promiscuous mode is on already, so that it has to be switched off and on. */
    readonly toggles: boolean
  }[]
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
    description:
      'Standard port group on which promiscuous mode is switched off and on, for the option to count',
  }),
})

const scopeOf = ({ datacenter, computeCluster, host }: z.output<typeof params>) =>
  computeCluster === undefined ? { datacenter, host } : { datacenter, computeCluster }

/** Sets an advanced option on every host that may run the appliances and has teamed uplinks. */
export const hostOption = defineModule({
  name: 'vsphere/host-option',
  summary: 'An advanced option is set on the hosts whose switch has several uplinks',
  connection: 'vsphere',
  params,

  async read(context): Promise<Facts> {
    const { connection, params } = context
    const all = await connection.hosts(scopeOf(params))
    const hosts = all.filter(({ ready }) => ready)
    for (const { name, state } of all.filter(({ ready }) => !ready)) {
      context.warn(`${name} is ${state}: nobody can tell what ${params.option} is there`)
    }
    const read = async (host: (typeof hosts)[number]): Promise<Facts['hosts'][number]> => {
      const value = await connection.hostOption(host, params.option)
      return {
        name: host.name,
        uplinks: host.switches.find(({ name }) => name === params.switch)?.uplinks.length ?? 0,
        value: value === undefined ? null : typeof value === 'bigint' ? Number(value) : value,
        toggles: host.portGroups.some(
          ({ name, security }) => name === params.portGroup && security.promiscuous,
        ),
      }
    }
    return { hosts: await Promise.all(hosts.map(read)) }
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
    const paths = new Set(changes.map(({ path }) => path))
    for (const host of await connection.hosts(scopeOf(params))) {
      if (!paths.has(`${host.name}.${params.option}`)) continue
      await connection.setHostOption(host, { name: params.option, value: params.value })
      // The host looks at the option only when promiscuous mode is switched on.
      const group = host.portGroups.find(({ name }) => name === params.portGroup)
      if (group?.security.promiscuous !== true) continue
      const { name, vlanId: vlan, vswitchName } = group.spec
      for (const promiscuous of [false, true]) {
        const security = { ...group.security, promiscuous }
        await connection.putStandardPortGroup(host, { name, switch: vswitchName, vlan, security })
      }
    }
  },

  disruptive(changes, { option, portGroup = '' }, { hosts }) {
    const toggled = hosts.some(
      ({ name, toggles }) => toggles && changes.some(({ path }) => path === `${name}.${option}`),
    )
    return toggled ? `promiscuous mode of ${portGroup} is switched off and on again` : undefined
  },

  limits: ({ datacenter }) => [{ name: `network changes in ${datacenter}`, max: 1 }],
})
