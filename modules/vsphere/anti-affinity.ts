import { z } from 'zod'

import { defineModule, joinPath, ModuleError, type Change, type VSphereReader } from '#sdk'

import { readRules, type ClusterRules, type Rule } from './cluster-rules.ts'
import { demandOurs } from './machine.ts'

/** What a compute cluster does to keep machines apart. */
interface Facts extends ClusterRules {
  /** The wanted machines that exist already, with the ids that rules know them by. */
  readonly existing: readonly { readonly name: string; readonly path: string; readonly id: string }[]
  /** Others that are in the rule of that name; whoever put them there has a reason. */
  readonly strangers: readonly { readonly name: string; readonly id: string }[]
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
  networks: z.array(z.string().min(1)).default([]).meta({
    description:
      'Networks of their adapters in their order: a machine that no run has made is refused where it has others',
  }),
  mandatory: z.boolean().default(false).meta({
    description:
      'A machine is rather left off than put beside another one; a rule that says so already keeps saying so',
  }),
})

type Params = z.output<typeof params>

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const pathOf = ({ datacenter, computeCluster }: Params): string =>
  joinPath(datacenter, 'host', computeCluster)

async function readExisting(connection: VSphereReader, { vms }: Params): Promise<Facts['existing']> {
  const found = await Promise.all(vms.map((path) => connection.find('VirtualMachine', path)))
  return vms.flatMap((path, index) => {
    const ref = found[index]
    return ref === undefined ? [] : [{ name: nameOf(path), path, id: ref.value }]
  })
}

/** Who is in the rule and not among the wanted machines. */
async function readStrangers(
  connection: VSphereReader,
  { name }: Params,
  { rules, existing }: Pick<Facts, 'rules' | 'existing'>,
): Promise<Facts['strangers']> {
  const own = rules.find((rule) => rule.name === name)?.machines ?? []
  const ids = own.filter((value) => !existing.some(({ id }) => id === value))
  // A name is for whoever reads the change; one that is gone meanwhile has none.
  const readName = (value: string): Promise<string> =>
    connection.get('VirtualMachine', { type: 'VirtualMachine', value }, ['name']).then(
      ({ name: known }) => known,
      () => value,
    )
  return Promise.all(ids.map(async (id) => ({ id, name: await readName(id) })))
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
    if (known.balances && known.others.includes(params.name)) {
      throw new ModuleError(
        `${params.computeCluster} has a rule ${params.name} already, which is not for keeping machines apart`,
        { hint: 'rename that rule in the vSphere client, or remove it, and run again' },
      )
    }
    return { ...known, existing, strangers: await readStrangers(connection, params, { ...known, existing }) }
  },

  diff({ balances, rules, existing, strangers }, params): readonly Change[] {
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
    const missing = needed.filter(({ id }) => !own.machines.includes(id))
    if (missing.length > 0) {
      const nameIn = (id: string): string =>
        [...existing, ...strangers].find((each) => each.id === id)?.name ?? id
      const to = [...own.machines.map(nameIn), ...missing.map(({ name }) => name)]
      const from = own.machines.map(nameIn).join(', ')
      changes.push({ path: `${params.name}.machines`, from, to: to.join(', ') })
    }
    if (!own.enabled) changes.push({ path: `${params.name}.enabled`, from: false, to: true })
    if (params.mandatory && !own.mandatory) {
      changes.push({ path: `${params.name}.mandatory`, from: false, to: true })
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
    const added = existing.filter(({ id }) => own?.machines.includes(id) !== true)
    for (const { path: vm } of added) {
      const machine = await connection.machine(vm)
      const isOwn = params.vm === undefined || vm === params.vm
      // Another node's may still be being copied, without marks or adapters: its own step refuses it where it is a stranger's.
      if (machine === undefined || (!isOwn && machine.power === 'poweredOff')) continue
      demandOurs(machine, params.networks)
    }
    const machines = [...(own?.machines ?? []), ...added.map(({ id }) => id)]
    const info = {
      $type: 'ClusterAntiAffinityRuleSpec',
      ...(own === undefined ? {} : { key: own.key }),
      enabled: true,
      name: params.name,
      mandatory: params.mandatory || own?.mandatory === true,
      vm: machines.map((value) => ({ type: 'VirtualMachine', value })),
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
