import { VimError } from '../error.ts'
import type { PropertyReader } from '../property.ts'
import type { Input, MoRef } from '../schema/values.ts'
import { devicesOf, type Device } from './device.ts'
import type { Machine } from './machine.ts'
import type { PortGroupWriter } from './write-port-group.ts'

type Backing = Input<'VirtualDeviceBackingInfo'>

/** The backing that plugs a card into a network: by name on a host’s own switch, by key on a distributed one. */
export async function backingOf(properties: PropertyReader, ref: MoRef, name: string): Promise<Backing> {
  if (ref.type !== 'DistributedVirtualPortgroup') {
    const backing: Input<'VirtualEthernetCardNetworkBackingInfo'> = {
      $type: 'VirtualEthernetCardNetworkBackingInfo',
      deviceName: name,
      network: ref,
    }
    return backing
  }
  const group = await properties.get('DistributedVirtualPortgroup', ref, [
    'key',
    'config.distributedVirtualSwitch',
  ])
  const above = group['config.distributedVirtualSwitch']
  if (above === undefined)
    throw new VimError('fault', `the port group ${name} belongs to no switch that can be seen`)
  const { uuid } = await properties.get('DistributedVirtualSwitch', above, ['uuid'])
  const backing: Input<'VirtualEthernetCardDistributedVirtualPortBackingInfo'> = {
    $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
    port: { switchUuid: uuid, portgroupKey: group.key },
  }
  return backing
}

/** The change that plugs a card into a network, or adds one there is none yet; keys of new devices are negative. */
function planNic(
  { nic, model, index }: { readonly nic: Device | undefined; readonly model: string; readonly index: number },
  backing: Backing,
): Input<'VirtualDeviceConfigSpec'> {
  if (nic === undefined) {
    return { operation: 'add', device: { $type: model, key: -100 - index, backing } }
  }
  return { operation: 'edit', device: { ...nic, backing } }
}

/** Plugs the cards of a machine into the networks, in the order of the adapters, in one task. */
export async function plugNics(
  { caller, properties, signal, runTask }: PortGroupWriter,
  machine: Machine,
  networks: readonly string[],
): Promise<void> {
  const { ref, name, host } = machine
  if (host === undefined) throw new VimError('fault', `${name} is on no host`)
  const way = { from: host, via: [{ type: 'HostSystem', path: 'network' }] } as const
  const known = new Map(
    (await properties.list('Network', way, ['name'])).map((network) => [network.values.name, network.ref]),
  )
  const cards = devicesOf(machine.devices, 'VirtualEthernetCard')
  const changes: Input<'VirtualDeviceConfigSpec'>[] = []
  for (const [index, network] of networks.entries()) {
    if (machine.nics[index]?.network === network) continue
    const to = known.get(network)
    if (to === undefined)
      throw new VimError('not-found', `the network ${network} is not on the host of ${name}`)
    const model = cards[0]?.$type ?? 'VirtualVmxnet3'
    changes.push(planNic({ nic: cards[index], model, index }, await backingOf(properties, to, network)))
  }
  if (changes.length === 0) return
  const task = await caller.call('ReconfigVM_Task', {
    self: ref,
    args: { spec: { deviceChange: changes } },
    signal,
  })
  await runTask(task, `plugging the network cards of ${name}`)
}
