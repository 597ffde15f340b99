import type { Finder } from '../find.ts'
import { joinPath } from '../join-path.ts'
import type { PropertyReader } from '../property.ts'
import type { Input, MoRef, Value } from '../schema/values.ts'
import { narrow } from './device.ts'

/** The three settings that a group of virtual addresses depends on. */
export interface SecurityPolicy {
  readonly promiscuous: boolean
  readonly macChanges: boolean
  readonly forgedTransmits: boolean
}

/** A distributed port group, as far as a deployment has to know it. */
export interface DistributedPortGroup {
  readonly ref: MoRef
  readonly switch: string
  /** 0 where frames carry none, -1 where they may carry several. */
  readonly vlan: number
  /**
   * Each place that has the policy, by name: `security`, which every version has, and `macManagement`, which newer switches
   * obey. They can contradict each other.
   */
  readonly policies: Readonly<Record<string, SecurityPolicy>>
  readonly configVersion: string | undefined
  /** Whether it holds the uplinks of its switch, and not machines. */
  readonly isUplink: boolean
  /** What looks after it: `standard`, or `nsx`, which alone may change it then. */
  readonly backing: string
  /** As it was read, to be put back. */
  readonly setting: PortSetting
}

/** The settings of a distributed port group’s ports. */
export type PortSetting = Value<'VMwareDVSPortSetting'> | undefined

function toPolicies(setting: PortSetting): Readonly<Record<string, SecurityPolicy>> {
  const { securityPolicy: security, macManagementPolicy: mac } = setting ?? {}
  const policies: Record<string, SecurityPolicy> = {}
  // Where nothing is said, nothing is accepted.
  if (security !== undefined || mac === undefined) {
    policies['security'] = {
      promiscuous: security?.allowPromiscuous?.value ?? false,
      macChanges: security?.macChanges?.value ?? false,
      forgedTransmits: security?.forgedTransmits?.value ?? false,
    }
  }
  if (mac !== undefined) {
    policies['macManagement'] = {
      promiscuous: mac.allowPromiscuous ?? false,
      macChanges: mac.macChanges ?? false,
      forgedTransmits: mac.forgedTransmits ?? false,
    }
  }
  return policies
}

/** Reads a distributed port group; undefined where there is none of that name. */
export async function readDistributedPortGroup(
  { finder, properties }: { readonly finder: Finder; readonly properties: PropertyReader },
  { datacenter, name }: { readonly datacenter: string; readonly name: string },
): Promise<DistributedPortGroup | undefined> {
  const ref = await finder.find('DistributedVirtualPortgroup', joinPath(datacenter, 'network', name))
  if (ref === undefined) return undefined
  const config = await properties.get('DistributedVirtualPortgroup', ref, [
    'config.distributedVirtualSwitch',
    'config.defaultPortConfig',
    'config.configVersion',
    'config.uplink',
    'config.backingType',
  ])
  const parent = config['config.distributedVirtualSwitch']
  const above =
    parent === undefined ? undefined : await properties.get('DistributedVirtualSwitch', parent, ['name'])
  const setting = narrow(config['config.defaultPortConfig'], 'VMwareDVSPortSetting')
  return {
    ref,
    switch: above?.name ?? '',
    vlan:
      setting?.vlan === undefined
        ? 0
        : (narrow(setting.vlan, 'VmwareDistributedVirtualSwitchVlanIdSpec')?.vlanId ?? -1),
    policies: toPolicies(setting),
    configVersion: config['config.configVersion'],
    isUplink: config['config.uplink'] ?? false,
    backing: config['config.backingType'] ?? 'standard',
    setting,
  }
}

/** What port settings are made of. */
export interface WantedSetting {
  /** The places that hold the policy, as in `DistributedPortGroup.policies`. */
  readonly places: readonly string[]
  readonly vlan?: number | undefined
  /** What there is now: whatever else its policies hold stays. */
  readonly known?: PortSetting
}

/** Makes port settings that hold a policy in each of the places, a VLAN where one is given, and nothing else. */
export function planPortSetting(
  policy: SecurityPolicy,
  { places, vlan, known }: WantedSetting,
): Input<'VMwareDVSPortSetting'> {
  const { promiscuous, macChanges, forgedTransmits } = policy
  const flag = (value: boolean): Input<'BoolPolicy'> => ({ inherited: false, value })
  const id: Input<'VmwareDistributedVirtualSwitchVlanIdSpec'> | undefined =
    vlan === undefined
      ? undefined
      : { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', inherited: false, vlanId: vlan }
  return {
    $type: 'VMwareDVSPortSetting',
    vlan: id,
    securityPolicy: places.includes('security')
      ? {
          inherited: false,
          allowPromiscuous: flag(promiscuous),
          macChanges: flag(macChanges),
          forgedTransmits: flag(forgedTransmits),
        }
      : undefined,
    // MAC learning lives in the same policy, and is nothing of ours.
    macManagementPolicy: places.includes('macManagement')
      ? {
          ...known?.macManagementPolicy,
          inherited: false,
          allowPromiscuous: promiscuous,
          macChanges,
          forgedTransmits,
        }
      : undefined,
  }
}
