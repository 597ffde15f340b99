import type { Input, MoRef, Value } from '../../connect/govmomi/schema/values.ts'
import { chooseUuid } from './identity.ts'
import { faults } from './model/method-fault.ts'
import type { ClusterState, RuleState } from './model/state.ts'
import type { World } from './model/world.ts'

type RuleSpec = Value<'ClusterRuleSpec'>
type MachineRule = Value<'ClusterAntiAffinityRuleSpec'>

/** The cluster's settings; as the seed has them until somebody changes them. */
export function clusterOf({ inventory, seed }: World): ClusterState {
  const automation = seed.drs === undefined || seed.drs === 'off' ? 'fullyAutomated' : seed.drs
  return (inventory.state.cluster ??= { drs: seed.drs !== 'off', automation, rules: [], nextRule: 1 })
}

/** The cluster's configuration as clients read it. */
export function describeCluster(world: World): Input<'ClusterConfigInfoEx'> {
  const { drs, automation, rules } = clusterOf(world)
  return {
    vmSwapPlacement: 'vmDirectory',
    spbmEnabled: false,
    dasConfig: {
      enabled: false,
      vmMonitoring: 'vmMonitoringDisabled',
      hostMonitoring: 'enabled',
      failoverLevel: 1,
      admissionControlEnabled: true,
    },
    drsConfig: {
      enabled: drs,
      enableVmBehaviorOverrides: true,
      defaultVmBehavior: automation,
      vmotionRate: 3,
    },
    rule: rules.map((rule) => describeRule(world, rule)),
  }
}

/** A rule as clients read it. */
export function describeRule(world: World, rule: RuleState): Input<'ClusterRuleInfo'> {
  const machines: Input<'ClusterAntiAffinityRuleSpec'> = {
    key: rule.key,
    status: isKept(world, rule) ? 'green' : 'red',
    enabled: rule.enabled,
    name: rule.name,
    mandatory: rule.mandatory,
    userCreated: true,
    inCompliance: isKept(world, rule),
    ruleUuid: rule.uuid,
    vm: rule.vms.map((value): MoRef => ({ type: 'VirtualMachine', value })),
  }
  return { ...machines, $type: rule.kind }
}

function isKept({ vms }: World, { kind, vms: members }: RuleState): boolean {
  const hosts = members
    .map((moid) => vms.find(moid)?.state)
    .flatMap((state) => (state?.power === 'poweredOn' ? [state.host] : []))
  const distinct = new Set(hosts).size
  return kind === 'ClusterAntiAffinityRuleSpec' ? distinct === hosts.length : distinct <= 1
}

/** The first rule that a machine would break on a host, among those that are enabled and `isMeant`. */
export function findBrokenRule(
  world: World,
  { vm, host }: { readonly vm: string; readonly host: string },
  isMeant: (rule: RuleState) => boolean,
): RuleState | undefined {
  return clusterOf(world).rules.find((rule) => {
    if (!rule.enabled || !rule.vms.includes(vm) || !isMeant(rule)) return false
    const others = rule.vms
      .filter((moid) => moid !== vm)
      .flatMap((moid) => world.vms.find(moid)?.state ?? [])
      .filter(({ power }) => power === 'poweredOn')
    return rule.kind === 'ClusterAntiAffinityRuleSpec'
      ? others.some((state) => state.host === host)
      : others.some((state) => state.host !== host)
  })
}

/** Forgets a machine that is gone: rules have no use for it. */
export function forgetMachine(world: World, moid: string): void {
  const { cluster } = world.inventory.state
  if (cluster === undefined) return
  for (const rule of cluster.rules) rule.vms = rule.vms.filter((each) => each !== moid)
  // A rule for one machine says nothing; the server removes it.
  cluster.rules = cluster.rules.filter(({ vms }) => vms.length > 1)
}

/** Changes the cluster as a specification says. All of it is checked before anything is changed. */
export function reconfigureCluster(world: World, spec: Value<'ComputeResourceConfigSpec'>): void {
  const draft = structuredClone(clusterOf(world))
  const { drsConfig, rulesSpec = [] } = spec as Partial<Value<'ClusterConfigSpecEx'>>
  draft.drs = drsConfig?.enabled ?? draft.drs
  draft.automation = drsConfig?.defaultVmBehavior ?? draft.automation
  for (const each of rulesSpec) changeRule(world, draft, each)
  Object.assign(clusterOf(world), draft)
  world.inventory.save()
  world.changes.touch(world.inventory.places.compute.value)
}

function changeRule(world: World, draft: ClusterState, { operation, removeKey, info }: RuleSpec): void {
  if (operation === 'remove') {
    const at = draft.rules.findIndex(({ key }) => key === removeKey)
    if (at < 0) throw faults.invalidArgument('spec.rulesSpec.removeKey')
    draft.rules.splice(at, 1)
    return
  }
  if (info === undefined) throw faults.invalidArgument('spec.rulesSpec.info')
  const kind = info.$type
  if (kind !== 'ClusterAntiAffinityRuleSpec' && kind !== 'ClusterAffinityRuleSpec')
    throw faults.invalidArgument('spec.rulesSpec.info')
  const { key, name, enabled, mandatory, vm } = info as MachineRule
  for (const ref of vm) if (world.vms.find(ref.value) === undefined) throw faults.objectNotFound(ref)
  const vms = vm.map(({ value }) => value)
  if (new Set(vms).size < 2 || new Set(vms).size !== vms.length)
    throw faults.invalidArgument('spec.rulesSpec.info.vm')
  const known = operation === 'edit' ? draft.rules.find((rule) => rule.key === key) : undefined
  if (operation === 'edit' && known?.kind !== kind) throw faults.invalidArgument('spec.rulesSpec.info.key')
  const called = name ?? known?.name ?? ''
  if (called === '') throw faults.invalidArgument('spec.rulesSpec.info.name')
  if (draft.rules.some((rule) => rule !== known && rule.name === called))
    throw faults.duplicateName(called, world.inventory.places.compute)
  if (known !== undefined) {
    Object.assign(known, {
      name: called,
      vms,
      enabled: enabled ?? known.enabled,
      mandatory: mandatory ?? known.mandatory,
    })
    return
  }
  const number = draft.nextRule++
  draft.rules.push({
    key: number,
    uuid: chooseUuid(`${world.seed.host}/rule/${number}`, () => false),
    kind,
    name: called,
    enabled: enabled ?? false,
    mandatory: mandatory ?? false,
    vms,
  })
}
