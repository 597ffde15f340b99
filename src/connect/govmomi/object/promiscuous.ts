import { VimError } from '../error.ts'
import type { Input } from '../schema/values.ts'
import {
  planPortSetting,
  readDistributedPortGroup,
  type DistributedPortGroup,
} from './distributed-port-group.ts'
import type { Host } from './host.ts'
import type { PortGroupWriter } from './write-port-group.ts'

/** A port group: a standard one on one host, or a distributed one. */
export type PortGroupPlace =
  | { readonly name: string; readonly host: Host }
  | { readonly name: string; readonly datacenter: string }

/** Takes promiscuous mode from a port group, and gives back exactly what it had. */
interface Toggle {
  off(writer: PortGroupWriter): Promise<void>
  back(writer: PortGroupWriter): Promise<void>
}

function toggleStandard(host: Host, name: string): Toggle | undefined {
  const self = host.networkSystem
  const group = host.portGroups.find((candidate) => candidate.name === name)
  if (self === undefined || group?.security.promiscuous !== true) return undefined
  const { spec } = group
  const { policy } = spec
  const closed: Input<'HostPortGroupSpec'> = {
    ...spec,
    policy: { ...policy, security: { ...policy.security, allowPromiscuous: false } },
  }
  const put = async ({ caller, signal }: PortGroupWriter, portgrp: Input<'HostPortGroupSpec'>) => {
    await caller.call('UpdatePortGroup', { self, args: { pgName: name, portgrp }, signal })
  }
  return { off: (writer) => put(writer, closed), back: (writer) => put(writer, spec) }
}

function toggleDistributed(group: DistributedPortGroup, name: string): Toggle | undefined {
  const { ref, policies, setting } = group
  const [policy] = Object.values(policies)
  if (policy === undefined || !Object.values(policies).some(({ promiscuous }) => promiscuous))
    return undefined
  const places = Object.keys(policies)
  const put = async (
    writer: PortGroupWriter,
    defaultPortConfig: Input<'VMwareDVSPortSetting'>,
  ): Promise<void> => {
    const { caller, properties, signal } = writer
    const { 'config.configVersion': configVersion } = await properties.get(
      'DistributedVirtualPortgroup',
      ref,
      ['config.configVersion'],
    )
    const spec = { configVersion, defaultPortConfig }
    const task = await caller.call('ReconfigureDVPortgroup_Task', { self: ref, args: { spec }, signal })
    await writer.runTask(task, `changing the port group ${name}`)
  }
  const original: Input<'VMwareDVSPortSetting'> = {
    $type: 'VMwareDVSPortSetting',
    securityPolicy: setting?.securityPolicy,
    macManagementPolicy: setting?.macManagementPolicy,
  }
  const closed = planPortSetting({ ...policy, promiscuous: false }, { places, known: setting })
  return { off: (writer) => put(writer, closed), back: (writer) => put(writer, original) }
}

async function toggleOf(writer: PortGroupWriter, place: PortGroupPlace): Promise<Toggle | undefined> {
  if ('host' in place) return toggleStandard(place.host, place.name)
  const group = await readDistributedPortGroup(writer, place)
  return group === undefined ? undefined : toggleDistributed(group, place.name)
}

/**
 * Runs some work while promiscuous mode is off on a port group, where it was on, and switches it on again whatever happens:
 * through `late`, a writer that still works when the first one has been stopped.
 */
export async function withoutPromiscuous(
  { writer, late }: { readonly writer: PortGroupWriter; readonly late: () => PortGroupWriter },
  place: PortGroupPlace,
  work: () => Promise<void>,
): Promise<void> {
  const toggle = await toggleOf(writer, place)
  if (toggle === undefined) return work()
  const [done] = await Promise.allSettled([toggle.off(writer).then(work)])
  try {
    await toggle.back(late())
  } catch (cause) {
    throw new VimError('fault', `promiscuous mode of the port group ${place.name} is off, and was on`, {
      hint: 'run again, with the step of the port group: it switches it on',
      cause,
    })
  }
  if (done.status === 'rejected') throw done.reason
}
