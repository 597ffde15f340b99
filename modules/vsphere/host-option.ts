import { z } from 'zod'

import { defineModule, type Change, type VSphereReader } from '#sdk'

import { offNote, placeName, toggling, type Place } from './without-promiscuous.ts'

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
  /** Every one of the port groups that is there. */
  readonly groups: readonly {
    readonly name: string
    readonly isOn: boolean
    /** A run has switched promiscuous mode off to set the option, and never on again. */
    readonly isLeftOff: boolean
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

/** A port group that is there, and whether it is in promiscuous mode. */
interface Seen {
  readonly place: Place
  readonly isOn: boolean
}

const selectKind = ({ portGroups }: Params, wanted: 'standard' | 'distributed') =>
  portGroups.filter(({ kind }) => kind === wanted)

async function readDistributed(connection: VSphereReader, params: Params): Promise<readonly Seen[]> {
  const { datacenter } = params
  const read = selectKind(params, 'distributed').map(async ({ name }): Promise<readonly Seen[]> => {
    const place = { name, datacenter }
    const group = await connection.distributedPortGroup(place)
    if (group === undefined) return []
    return [{ place, isOn: Object.values(group.policies).some(({ promiscuous }) => promiscuous) }]
  })
  return (await Promise.all(read)).flat()
}

function selectStandard(host: Host, params: Params): readonly Seen[] {
  const names = selectKind(params, 'standard').map(({ name }) => name)
  return host.portGroups
    .filter(({ name }) => names.includes(name))
    .map(({ name, security }) => ({ place: { name, host }, isOn: security.promiscuous }))
}

/** What has to be off while the option of these hosts is set: the port groups that it matters to on one of them, and are on. */
function selectToggled(seen: readonly Seen[], hosts: readonly Host[], params: Params): readonly Place[] {
  return seen
    .filter(
      ({ place: { name }, isOn }) =>
        isOn && hosts.some((host) => selectChecked(host, params).some((group) => group.name === name)),
    )
    .map(({ place }) => place)
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
    const distributed = await readDistributed(connection, params)
    const read = async (host: Host): Promise<Facts['hosts'][number]> => {
      const value = await connection.hostOption(host, params.option)
      const seen = [...distributed, ...selectStandard(host, params)]
      const toggled = selectToggled(seen, [host], params).map(({ name }) => name)
      return {
        name: host.name,
        teams: teamsOf(host, params),
        toggled: params.portGroups.map(({ name }) => name).filter((name) => toggled.includes(name)),
        value: value === undefined ? null : typeof value === 'bigint' ? Number(value) : value,
      }
    }
    const seen = [...distributed, ...hosts.flatMap((host) => selectStandard(host, params))]
    return {
      hosts: await Promise.all(hosts.map(read)),
      groups: seen.map(({ place, isOn }) => {
        const name = placeName(place)
        return { name, isOn, isLeftOff: !isOn && context.recall(offNote(name)) !== undefined }
      }),
    }
  },

  diff: ({ hosts, groups }, params): readonly Change[] => [
    ...groups
      .filter(({ isLeftOff }) => isLeftOff)
      .map(({ name }) => ({
        path: `${name}.promiscuous mode`,
        from: 'reject',
        to: 'accept',
        note: 'a run that was interrupted, or could not switch it on again, has left it off',
      })),
    ...hosts
      .filter(({ teams, value }) => teams.length > 0 && value !== params.value)
      .map(({ name, value, teams }) => ({
        path: `${name}.${params.option}`,
        from: value ?? undefined,
        to: params.value,
        note: `${teams.map((team) => `${team.switch} has ${team.uplinks} uplinks`).join(', ')} there`,
      })),
  ],

  async apply(context) {
    const { connection, params, changes, facts } = context
    const { option, value } = params
    const paths = new Set(changes.map(({ path }) => path))
    const readHosts = () => connection.hosts(scopeOf(params))

    // Who was left off comes first: they serve again, whatever becomes of the option.
    const leftOff = facts.groups.filter(({ isLeftOff }) => isLeftOff).map(({ name }) => name)
    if (leftOff.length > 0) {
      const standard = (await readHosts()).flatMap((host) => selectStandard(host, params))
      for (const { place } of [...(await readDistributed(connection, params)), ...standard]) {
        if (leftOff.includes(placeName(place))) await connection.acceptPromiscuous(place)
      }
    }

    // A host looks at the option only when promiscuous mode is switched on. Off comes first, and on all of them, so that a run
    // which is killed in between leaves a port group to mend, and never an option that seems to count and does not.
    const hosts = (await readHosts()).filter(({ name }) => paths.has(`${name}.${option}`))
    const distributed = await readDistributed(connection, params)
    await toggling(context, (without) =>
      without(selectToggled(distributed, hosts, params), async () => {
        for (const host of hosts) {
          const standard = selectToggled(selectStandard(host, params), [host], params)
          await without(standard, () => connection.setHostOption(host, { name: option, value }))
        }
      }),
    )
  },

  /** One that is on again is nothing to mend any more, whoever has switched it on; when it is off again, that is somebody’s will. */
  refutes: ({ groups }) => groups.filter(({ isOn }) => isOn).map(({ name }) => offNote(name)),

  disruptive(changes, { option }, { hosts }) {
    const changed = hosts.filter(({ name }) => changes.some(({ path }) => path === `${name}.${option}`))
    const names = [...new Set(changed.flatMap(({ toggled }) => toggled))]
    return names.length === 0
      ? undefined
      : `promiscuous mode of ${names.join(', ')} is switched off and on again`
  },

  limits: ({ datacenter }) => [{ name: `network changes in ${datacenter}`, max: 1 }],
})
