import { isFault, VimError } from '../error.ts'
import type { Input } from '../schema/values.ts'
import {
  readDistributedPortGroup,
  type DistributedPortGroup,
  type PortSetting,
} from './distributed-port-group.ts'
import type { Host } from './host.ts'
import type { PortGroupWriter } from './write-port-group.ts'

/** A port group: a standard one on one host, or a distributed one. */
export type PortGroupPlace = { readonly name: string; readonly host: Host } | DistributedPlace

interface DistributedPlace {
  readonly name: string
  readonly datacenter: string
}

/** Takes promiscuous mode from a port group, and gives back exactly what it had. */
interface Toggle {
  off(writer: PortGroupWriter): Promise<void>
  back(writer: PortGroupWriter): Promise<void>
}

// The group is read again each time: whatever else somebody has changed on it meanwhile stays as it is then.
function toggleStandard(
  { ref, name: on, networkSystem: self, portGroups }: Host,
  name: string,
): Toggle | undefined {
  const group = portGroups.find((candidate) => candidate.name === name)
  if (self === undefined || group?.security.promiscuous !== true) return undefined
  const had = group.spec.policy.security?.allowPromiscuous
  const put = async ({ caller, properties, signal }: PortGroupWriter, allowPromiscuous?: boolean) => {
    const { 'config.network.portgroup': groups } = await properties.get('HostSystem', ref, [
      'config.network.portgroup',
    ])
    const spec = groups?.find((each) => each.spec.name === name)?.spec
    if (spec === undefined) throw new VimError('not-found', `the port group ${name} is gone from ${on}`)
    const { policy } = spec
    const portgrp: Input<'HostPortGroupSpec'> = {
      ...spec,
      policy: { ...policy, security: { ...policy.security, allowPromiscuous } },
    }
    await caller.call('UpdatePortGroup', { self, args: { pgName: name, portgrp }, signal })
  }
  return { off: (writer) => put(writer, false), back: (writer) => put(writer, had) }
}

/** What both places say while promiscuous mode is off. */
const CLOSED: Said = {
  securityPolicy: { inherited: false, allowPromiscuous: { inherited: false, value: false } },
  macManagementPolicy: { inherited: false, allowPromiscuous: false },
}

type Said = Pick<Input<'VMwareDVSPortSetting'>, 'securityPolicy' | 'macManagementPolicy'> | undefined

/** How often a distributed port group is read again because somebody else was faster. */
const RACES = 3

/** Both places that can hold promiscuous mode, with what they are to say of it; everything else in them stays. */
function planPromiscuous(now: PortSetting, said: Said): Input<'VMwareDVSPortSetting'> {
  const { securityPolicy: security, macManagementPolicy: mac } = now ?? {}
  const { securityPolicy, macManagementPolicy } = said ?? {}
  return {
    $type: 'VMwareDVSPortSetting',
    securityPolicy: security && {
      ...security,
      inherited: securityPolicy?.inherited ?? false,
      allowPromiscuous: securityPolicy?.allowPromiscuous,
    },
    macManagementPolicy: mac && {
      ...mac,
      inherited: macManagementPolicy?.inherited ?? false,
      allowPromiscuous: macManagementPolicy?.allowPromiscuous,
    },
  }
}

function toggleDistributed(group: DistributedPortGroup, place: DistributedPlace): Toggle | undefined {
  if (!Object.values(group.policies).some(({ promiscuous }) => promiscuous)) return undefined
  const { name } = place
  const put = async (writer: PortGroupWriter, said: Said): Promise<void> => {
    const { caller, signal } = writer
    for (let race = 1; ; race += 1) {
      const now = await readDistributedPortGroup(writer, place)
      if (now === undefined) throw new VimError('not-found', `the port group ${name} is gone`)
      const { ref: self, configVersion, setting } = now
      const spec = { configVersion, defaultPortConfig: planPromiscuous(setting, said) }
      try {
        const task = await caller.call('ReconfigureDVPortgroup_Task', { self, args: { spec }, signal })
        await writer.runTask(task, `changing the port group ${name}`)
        return
      } catch (error) {
        if (race >= RACES || !isFault(error, 'ConcurrentAccess')) throw error
      }
    }
  }
  return { off: (writer) => put(writer, CLOSED), back: (writer) => put(writer, group.setting) }
}

async function toggleOf(writer: PortGroupWriter, place: PortGroupPlace): Promise<Toggle | undefined> {
  if ('host' in place) return toggleStandard(place.host, place.name)
  const group = await readDistributedPortGroup(writer, place)
  return group === undefined ? undefined : toggleDistributed(group, place)
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
