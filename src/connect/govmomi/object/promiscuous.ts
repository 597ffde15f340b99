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
export type PortGroupPlace = StandardPlace | DistributedPlace

interface StandardPlace {
  readonly name: string
  readonly host: Host
}

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
async function putStandard(
  { caller, properties, signal }: PortGroupWriter,
  { name, host: { ref, name: on, networkSystem: self } }: StandardPlace,
  allowPromiscuous: boolean | undefined,
): Promise<void> {
  const { 'config.network.portgroup': groups } = await properties.get('HostSystem', ref, [
    'config.network.portgroup',
  ])
  const spec = groups?.find((each) => each.spec.name === name)?.spec
  if (self === undefined || spec === undefined) {
    throw new VimError('not-found', `the port group ${name} is gone from ${on}`)
  }
  const { policy } = spec
  const portgrp: Input<'HostPortGroupSpec'> = {
    ...spec,
    policy: { ...policy, security: { ...policy.security, allowPromiscuous } },
  }
  await caller.call('UpdatePortGroup', { self, args: { pgName: name, portgrp }, signal })
}

function toggleStandard(place: StandardPlace): Toggle | undefined {
  const group = place.host.portGroups.find(({ name }) => name === place.name)
  if (place.host.networkSystem === undefined || group?.security.promiscuous !== true) return undefined
  const had = group.spec.policy.security?.allowPromiscuous
  return {
    off: (writer) => putStandard(writer, place, false),
    back: (writer) => putStandard(writer, place, had),
  }
}

/** What both places say where promiscuous mode is on, or off. */
const said = (value: boolean): Said => ({
  securityPolicy: { inherited: false, allowPromiscuous: { inherited: false, value } },
  macManagementPolicy: { inherited: false, allowPromiscuous: value },
})

type Said = Pick<Input<'VMwareDVSPortSetting'>, 'securityPolicy' | 'macManagementPolicy'> | undefined

/** How often a distributed port group is read again because somebody else was faster. */
const RACES = 3

/** Both places that can hold promiscuous mode, with what they are to say of it; everything else in them stays. */
function planPromiscuous(now: PortSetting, wanted: Said): Input<'VMwareDVSPortSetting'> {
  const { securityPolicy: security, macManagementPolicy: mac } = now ?? {}
  const { securityPolicy, macManagementPolicy } = wanted ?? {}
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

async function putDistributed(writer: PortGroupWriter, place: DistributedPlace, wanted: Said): Promise<void> {
  const { caller, signal } = writer
  const { name } = place
  for (let race = 1; ; race += 1) {
    const now = await readDistributedPortGroup(writer, place)
    if (now === undefined) throw new VimError('not-found', `the port group ${name} is gone`)
    const { ref: self, configVersion, setting } = now
    const spec = { configVersion, defaultPortConfig: planPromiscuous(setting, wanted) }
    try {
      const task = await caller.call('ReconfigureDVPortgroup_Task', { self, args: { spec }, signal })
      await writer.runTask(task, `changing the port group ${name}`)
      return
    } catch (error) {
      if (race >= RACES || !isFault(error, 'ConcurrentAccess')) throw error
    }
  }
}

function toggleDistributed(group: DistributedPortGroup, place: DistributedPlace): Toggle | undefined {
  if (!Object.values(group.policies).some(({ promiscuous }) => promiscuous)) return undefined
  return {
    off: (writer) => putDistributed(writer, place, said(false)),
    back: (writer) => putDistributed(writer, place, group.setting),
  }
}

async function toggleOf(writer: PortGroupWriter, place: PortGroupPlace): Promise<Toggle | undefined> {
  if ('host' in place) return toggleStandard(place)
  const group = await readDistributedPortGroup(writer, place)
  return group === undefined ? undefined : toggleDistributed(group, place)
}

/** How promiscuous mode is switched on again: with a writer that still works when the first one has been stopped. */
export type SwitchOn = (put: (writer: PortGroupWriter) => Promise<void>) => Promise<void>

/** Runs some work while promiscuous mode is off on a port group, where it was on, and switches it on again whatever happens. */
export async function withoutPromiscuous(
  { writer, switchOn }: { readonly writer: PortGroupWriter; readonly switchOn: SwitchOn },
  place: PortGroupPlace,
  work: () => Promise<void>,
): Promise<void> {
  const toggle = await toggleOf(writer, place)
  if (toggle === undefined) return work()
  const [done] = await Promise.allSettled([toggle.off(writer).then(work)])
  try {
    await switchOn((late) => toggle.back(late))
  } catch (cause) {
    throw new VimError('fault', `promiscuous mode of the port group ${place.name} is off, and was on`, {
      hint: 'run again, with the step of the port group: it switches it on',
      cause,
    })
  }
  if (done.status === 'rejected') throw done.reason
}

/** Switches promiscuous mode on, in every place that holds it; everything else on the port group stays. */
export async function acceptPromiscuous(writer: PortGroupWriter, place: PortGroupPlace): Promise<void> {
  if ('host' in place) await putStandard(writer, place, true)
  else await putDistributed(writer, place, said(true))
}
