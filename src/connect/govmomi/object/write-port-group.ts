import type { Caller } from '../client.ts'
import { VimError } from '../error.ts'
import type { Finder } from '../find.ts'
import { joinPath } from '../join-path.ts'
import type { PropertyReader } from '../property.ts'
import type { Arguments, Input, MoRef } from '../schema/values.ts'
import {
  planPortSetting,
  readDistributedPortGroup,
  type DistributedPortGroup,
  type SecurityPolicy,
} from './distributed-port-group.ts'
import type { Host } from './host.ts'

/** A port group as it should be. */
export interface WantedPortGroup {
  readonly name: string
  /** The virtual or distributed switch it belongs to. */
  readonly switch: string
  /** That of a group which exists is kept where absent; a new one has none then. */
  readonly vlan: number | undefined
  readonly security: SecurityPolicy
}

/** What is needed to write. `runTask` waits until a task has ended. */
export interface PortGroupWriter {
  readonly caller: Caller
  readonly finder: Finder
  readonly properties: PropertyReader
  readonly signal: AbortSignal
  readonly runTask: (task: MoRef, what: string) => Promise<unknown>
}

function toSecurity({
  promiscuous,
  macChanges,
  forgedTransmits,
}: SecurityPolicy): Input<'HostNetworkSecurityPolicy'> {
  return { allowPromiscuous: promiscuous, macChanges, forgedTransmits }
}

/**
 * Creates a standard port group on a host, or changes its VLAN and policy there. Everything else that was set on it stays:
 * the API replaces the whole specification, so the one that is there is sent back with only these two changed.
 */
export async function writeStandardPortGroup(
  { caller, signal }: PortGroupWriter,
  host: Host,
  wanted: WantedPortGroup,
): Promise<void> {
  const self = host.networkSystem
  if (self === undefined) throw new VimError('protocol', `${host.name} has no network system`)
  const known = host.portGroups.find(({ name }) => name === wanted.name)?.spec
  const security = { ...known?.policy.security, ...toSecurity(wanted.security) }
  const portgrp: Input<'HostPortGroupSpec'> = {
    name: wanted.name,
    vlanId: wanted.vlan ?? known?.vlanId ?? 0,
    vswitchName: wanted.switch,
    policy: { ...known?.policy, security },
  }
  if (known === undefined) await caller.call('AddPortGroup', { self, args: { portgrp }, signal })
  else await caller.call('UpdatePortGroup', { self, args: { pgName: wanted.name, portgrp }, signal })
}

// From 6.6.0 on, distributed switches obey the policy in `macManagementPolicy`; the older place stays for older readers.
function hasMacManagement(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 6)
}

async function addDistributed(
  writer: PortGroupWriter,
  datacenter: string,
  wanted: WantedPortGroup,
): Promise<void> {
  const { caller, finder, properties, signal } = writer
  const self = await finder.require(
    'DistributedVirtualSwitch',
    joinPath(datacenter, 'network', wanted.switch),
  )
  const summary = await properties.get('DistributedVirtualSwitch', self, ['summary.productInfo'])
  const isNew = hasMacManagement(summary['summary.productInfo']?.version ?? '')
  const places = isNew ? ['security', 'macManagement'] : ['security']
  const args: Arguments<'AddDVPortgroup_Task'> = {
    spec: [
      {
        name: wanted.name,
        numPorts: 8,
        defaultPortConfig: planPortSetting(wanted.security, { places, vlan: wanted.vlan ?? 0 }),
        type: 'earlyBinding',
        autoExpand: true,
      },
    ],
  }
  const task = await caller.call('AddDVPortgroup_Task', { self, args, signal })
  await writer.runTask(task, `adding the port group ${wanted.name}`)
}

/** Writes a policy, and a VLAN where one is given, into a distributed port group, in every place that holds a policy. */
async function changeDistributed(
  { caller, signal, runTask }: PortGroupWriter,
  group: DistributedPortGroup,
  { security, vlan, name }: WantedPortGroup,
): Promise<void> {
  const places = Object.keys(group.policies)
  const defaultPortConfig = planPortSetting(security, {
    places: places.length === 0 ? ['security'] : places,
    vlan: vlan === group.vlan ? undefined : vlan,
    known: group.setting,
  })
  const spec = { configVersion: group.configVersion, defaultPortConfig }
  const task = await caller.call('ReconfigureDVPortgroup_Task', { self: group.ref, args: { spec }, signal })
  await runTask(task, `changing the port group ${name}`)
}

/** Creates a distributed port group, or changes its VLAN and policy; everything else on it stays. */
export async function writeDistributedPortGroup(
  writer: PortGroupWriter,
  datacenter: string,
  wanted: WantedPortGroup,
): Promise<void> {
  const known = await readDistributedPortGroup(writer, { datacenter, name: wanted.name })
  if (known === undefined) await addDistributed(writer, datacenter, wanted)
  else await changeDistributed(writer, known, wanted)
}
