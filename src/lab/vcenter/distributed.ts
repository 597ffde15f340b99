import type { Input, Value } from '../../connect/govmomi/schema/values.ts'
import type { Json } from '../../model/change.ts'
import { toJson } from './json.ts'
import { faults } from './model/method-fault.ts'
import type { DistributedGroupState, PolicySettings } from './model/state.ts'
import type { World } from './model/world.ts'
import { createDistributedGroup } from './seed-inventory.ts'

type Spec = Value<'DVPortgroupConfigSpec'>
type Setting = Value<'VMwareDVSPortSetting'>

const KEYS = ['allowPromiscuous', 'macChanges', 'forgedTransmits'] as const

/** A distributed port group's configuration, with the security policy at both places. */
export function describeGroupConfig(
  group: DistributedGroupState,
  dvs: Input<'DVPortgroupConfigInfo'>['distributedVirtualSwitch'],
): Input<'DVPortgroupConfigInfo'> {
  const value = (key: (typeof KEYS)[number]) => ({ inherited: false, value: group.security[key] ?? false })
  const setting: Input<'VMwareDVSPortSetting'> = {
    ...group.settings,
    vlan: describeVlan(group),
    securityPolicy: {
      inherited: false,
      allowPromiscuous: value('allowPromiscuous'),
      macChanges: value('macChanges'),
      forgedTransmits: value('forgedTransmits'),
    },
    macManagementPolicy: {
      inherited: false,
      ...group.mac,
      ...(group.learning !== undefined && {
        macLearningPolicy: group.learning as unknown as Input<'DVSMacLearningPolicy'>,
      }),
    },
  }
  return {
    key: group.key,
    name: group.name,
    numPorts: group.numPorts,
    distributedVirtualSwitch: dvs,
    defaultPortConfig: { $type: 'VMwareDVSPortSetting', ...setting },
    description: group.description,
    type: group.type,
    backingType: 'standard',
    policy: {
      $type: 'VMwareDVSPortgroupPolicy',
      blockOverrideAllowed: true,
      shapingOverrideAllowed: false,
      vendorConfigOverrideAllowed: false,
      livePortMovingAllowed: false,
      portConfigResetAtDisconnect: true,
      vlanOverrideAllowed: false,
      uplinkTeamingOverrideAllowed: false,
      securityPolicyOverrideAllowed: false,
      macManagementOverrideAllowed: false,
    } as Input<'DVPortgroupPolicy'>,
    configVersion: String(group.configVersion),
    autoExpand: group.autoExpand,
    uplink: false,
  }
}

/** Adds port groups to a distributed switch; all are checked before the first is made. */
export function addGroups(world: World, dvs: string, specs: readonly Spec[]): void {
  for (const { name = '' } of specs) {
    if (name === '') throw faults.invalidArgument('spec.name')
    demandFreeGroupName(world, name)
  }
  for (const spec of specs) {
    const group = createDistributedGroup(
      { name: spec.name ?? '', vlan: 0, switch: dvs },
      world.inventory.idOf,
    )
    world.inventory.state.distributed.push(merge(group, spec))
  }
}

/** Changes of a port group what the specification says, and nothing else. The version has to be the one last read. */
export function reconfigureGroup(world: World, group: DistributedGroupState, spec: Spec): void {
  if (spec.configVersion === undefined) throw faults.invalidArgument('spec.configVersion')
  if (spec.configVersion !== String(group.configVersion)) throw faults.concurrentAccess()
  if (spec.name !== undefined && spec.name !== group.name) demandFreeGroupName(world, spec.name)
  Object.assign(group, merge(group, spec), { configVersion: group.configVersion + 1 })
}

function demandFreeGroupName({ inventory }: World, name: string): void {
  const other = inventory.state.distributed.find((group) => group.name === name)
  if (other !== undefined)
    throw faults.duplicateName(name, { type: 'DistributedVirtualPortgroup', value: other.moid })
}

function merge(group: DistributedGroupState, spec: Spec): DistributedGroupState {
  const setting: Setting | undefined = spec.defaultPortConfig
  const merged: DistributedGroupState = {
    ...group,
    name: spec.name ?? group.name,
    numPorts: spec.numPorts ?? group.numPorts,
    type: spec.type ?? group.type,
    autoExpand: spec.autoExpand ?? group.autoExpand,
    ...(spec.description !== undefined && { description: spec.description }),
  }
  if (setting === undefined) return merged
  const { vlan, securityPolicy, macManagementPolicy, $type: _type, ...rest } = setting
  if (vlan !== undefined) setVlan(merged, vlan)
  if (securityPolicy !== undefined) {
    merged.security = mergePolicy(group.security, (key) => securityPolicy[key]?.value)
  }
  if (macManagementPolicy !== undefined) {
    merged.mac = mergePolicy(group.mac, (key) => macManagementPolicy[key])
    const learning = macManagementPolicy.macLearningPolicy
    if (learning !== undefined) merged.learning = toJson(learning)
  }
  merged.settings = { ...group.settings, ...(toJson(rest) as Record<string, Json>) }
  return merged
}

function mergePolicy(
  before: PolicySettings,
  read: (key: (typeof KEYS)[number]) => boolean | undefined,
): PolicySettings {
  const after = { ...before }
  for (const key of KEYS) {
    const value = read(key)
    if (value !== undefined) after[key] = value
  }
  return after
}

function describeVlan(group: DistributedGroupState): Input<'VmwareDistributedVirtualSwitchVlanSpec'> {
  const vlan =
    group.trunk === undefined
      ? { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', vlanId: group.vlanId }
      : { $type: 'VmwareDistributedVirtualSwitchTrunkVlanSpec', vlanId: group.trunk }
  return { ...vlan, inherited: false }
}

function setVlan(
  group: DistributedGroupState,
  { vlanId }: Value<'VmwareDistributedVirtualSwitchVlanSpec'> & { readonly vlanId?: unknown },
): void {
  const ranges = (Array.isArray(vlanId) ? vlanId : [{ start: vlanId, end: vlanId }]) as Partial<
    Value<'NumericRange'>
  >[]
  const isValid = ({ start = -1, end = -1 }: Partial<Value<'NumericRange'>>): boolean =>
    start >= 0 && start <= end && end <= 4094
  if (ranges.length === 0 || !ranges.every(isValid))
    throw faults.invalidArgument('spec.defaultPortConfig.vlan')
  if (Array.isArray(vlanId)) group.trunk = ranges.map(({ start = 0, end = 0 }) => ({ start, end }))
  else {
    group.trunk = undefined
    group.vlanId = ranges[0]?.start ?? 0
  }
}
