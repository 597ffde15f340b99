import { z } from 'zod'

import { defineModule, joinPath, ModuleError, type Change, type VSphereReader } from '#sdk'

/** A rule that keeps machines apart. */
interface Rule {
  readonly key: number
  readonly name: string
  readonly enabled: boolean
  readonly mandatory: boolean
  /** Ids of the machines. */
  readonly machines: readonly string[]
}

/** What a compute cluster does to keep machines apart. */
interface Facts {
  /** Whether anything in the cluster obeys rules. */
  readonly balances: boolean
  readonly rules: readonly Rule[]
  /** The wanted machines that exist already, with the ids that rules know them by. */
  readonly existing: readonly { readonly name: string; readonly id: string }[]
}

const params = z.strictObject({
  datacenter: z.string().min(1).meta({ description: 'Datacenter' }),
  computeCluster: z.string().min(1).meta({ description: 'Compute cluster' }),
  name: z.string().min(1).meta({ description: 'Name of the rule' }),
  vms: z
    .array(z.string().min(1))
    .min(2)
    .meta({ description: 'Inventory paths of the machines; those that do not exist yet are added later' }),
  vm: z.string().min(1).optional().meta({
    description:
      'The machine of the list that has to be in the rule; all that exist where absent. Others, which may be made meanwhile, are added by steps of their own',
  }),
  mandatory: z.boolean().default(false).meta({
    description: 'A machine is rather left off than put beside another one',
  }),
})

type Params = z.output<typeof params>

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const pathOf = ({ datacenter, computeCluster }: Params): string =>
  joinPath(datacenter, 'host', computeCluster)

async function readRules(
  connection: VSphereReader,
  path: string,
): Promise<Pick<Facts, 'balances' | 'rules'>> {
  const ref = await connection.require('ClusterComputeResource', path)
  const { configurationEx } = await connection.get('ClusterComputeResource', ref, ['configurationEx'])
  const rules = (configurationEx?.rule ?? []).flatMap((rule): readonly Rule[] => {
    const { $type, key, name = '', enabled = false, mandatory = false } = rule
    if ($type !== 'ClusterAntiAffinityRuleSpec' || key === undefined) return []
    const { vm = [] } = rule as typeof rule & { readonly vm?: readonly { readonly value: string }[] }
    return [{ key, name, enabled, mandatory, machines: vm.map(({ value }) => value) }]
  })
  return { balances: configurationEx?.drsConfig.enabled === true, rules }
}

async function readExisting(connection: VSphereReader, { vms }: Params): Promise<Facts['existing']> {
  const found = await Promise.all(vms.map((path) => connection.find('VirtualMachine', path)))
  return vms.flatMap((path, index) => {
    const ref = found[index]
    return ref === undefined ? [] : [{ name: nameOf(path), id: ref.value }]
  })
}

const keepsApart = ({ enabled, machines }: Rule, ids: readonly string[]): boolean =>
  enabled && ids.every((id) => machines.includes(id))

/** Keeps the nodes of a cluster on different hosts, so that one host that fails takes one of them. */
export const antiAffinity = defineModule({
  name: 'vsphere/anti-affinity',
  summary: 'A rule of the compute cluster keeps virtual machines on different hosts',
  connection: 'vsphere',
  params,

  async read({ connection, params, warn }): Promise<Facts> {
    const [known, existing] = await Promise.all([
      readRules(connection, pathOf(params)),
      readExisting(connection, params),
    ])
    if (!known.balances) {
      warn(
        `${params.computeCluster} does not balance itself (DRS is off): ${params.vms.map(nameOf).join(', ')} are put on different hosts when they are made, and nothing keeps them there`,
      )
    }
    return { ...known, existing }
  },

  diff({ balances, rules, existing }, params): readonly Change[] {
    // One machine has nobody to be apart from; without DRS a rule is a promise that nobody keeps.
    if (!balances || existing.length < 2) return []
    const ids = existing.map(({ id }) => id)
    const own = rules.find(({ name }) => name === params.name)
    const other = rules.find((rule) => rule !== own && keepsApart(rule, ids))
    if (own === undefined && other !== undefined && (other.mandatory || !params.mandatory)) return []
    const names = existing.map(({ name }) => name).join(', ')
    if (own === undefined) return [{ path: params.name, to: `${names} on different hosts` }]
    const changes: Change[] = []
    const needed =
      params.vm === undefined ? existing : existing.filter(({ name }) => name === nameOf(params.vm ?? ''))
    const isSame =
      own.machines.every((id) => ids.includes(id)) && needed.every(({ id }) => own.machines.includes(id))
    if (!isSame) {
      const from = own.machines.map((id) => existing.find((each) => each.id === id)?.name ?? id).join(', ')
      changes.push({ path: `${params.name}.machines`, from, to: names })
    }
    if (!own.enabled) changes.push({ path: `${params.name}.enabled`, from: false, to: true })
    if (own.mandatory !== params.mandatory) {
      changes.push({ path: `${params.name}.mandatory`, from: own.mandatory, to: params.mandatory })
    }
    return changes
  },

  async apply({ connection, params }) {
    const cluster = await connection.require('ClusterComputeResource', pathOf(params))
    // Another node's step may have changed the rule while this one waited for its turn.
    const [{ rules }, existing] = await Promise.all([
      readRules(connection, pathOf(params)),
      readExisting(connection, params),
    ])
    const own = rules.find(({ name }) => name === params.name)
    if (existing.length < 2) throw new ModuleError(`there is nothing to keep apart for ${params.name}`)
    const info = {
      $type: 'ClusterAntiAffinityRuleSpec',
      ...(own === undefined ? {} : { key: own.key }),
      enabled: true,
      name: params.name,
      mandatory: params.mandatory,
      vm: existing.map(({ id }) => ({ type: 'VirtualMachine', value: id })),
    }
    const rulesSpec = [{ operation: own === undefined ? 'add' : 'edit', info }] as const
    const spec = { $type: 'ClusterConfigSpecEx', rulesSpec }
    await connection.runTask('ReconfigureComputeResource_Task', {
      self: cluster,
      args: { spec, modify: true },
      what: `changing the rule ${params.name} of ${params.computeCluster}`,
    })
  },

  limits: ({ datacenter, computeCluster }) => [
    { name: `rules of ${computeCluster} in ${datacenter}`, max: 1 },
  ],
})
