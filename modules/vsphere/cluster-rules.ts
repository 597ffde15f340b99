import type { VSphereReader } from '#sdk'

/** A rule that keeps machines apart. */
export interface Rule {
  readonly key: number
  readonly name: string
  readonly enabled: boolean
  readonly mandatory: boolean
  /** Ids of the machines. */
  readonly machines: readonly string[]
}

/** The rules of a compute cluster, and whether anything obeys them. */
export interface ClusterRules {
  /** Whether anything in the cluster obeys rules. */
  readonly balances: boolean
  /** Those that keep machines apart. */
  readonly rules: readonly Rule[]
  /** Names of rules of other kinds, such as one that keeps machines together. */
  readonly others: readonly string[]
}

/** Reads the rules of the compute cluster at an inventory path. */
export async function readRules(connection: VSphereReader, path: string): Promise<ClusterRules> {
  const ref = await connection.require('ClusterComputeResource', path)
  const { configurationEx } = await connection.get('ClusterComputeResource', ref, ['configurationEx'])
  const all = configurationEx?.rule ?? []
  const rules = all.flatMap((rule): readonly Rule[] => {
    const { $type, key, name = '', enabled = false, mandatory = false } = rule
    if ($type !== 'ClusterAntiAffinityRuleSpec' || key === undefined) return []
    const { vm = [] } = rule as typeof rule & { readonly vm?: readonly { readonly value: string }[] }
    return [{ key, name, enabled, mandatory, machines: vm.map(({ value }) => value) }]
  })
  const others = all.flatMap(({ $type, name }) =>
    $type === 'ClusterAntiAffinityRuleSpec' || name === undefined ? [] : [name],
  )
  return { balances: configurationEx?.drsConfig.enabled === true, rules, others }
}
