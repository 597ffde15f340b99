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

interface NicOrder {
  readonly nic: Device | undefined
  readonly model: string
  readonly index: number
  /** Whether the machine is on: a card can be connected at once then. */
  readonly isOn: boolean
}

/** The change that plugs a card into a network and connects it, or adds one there is none yet; keys of new devices are negative. */
function planNic({ nic, model, index, isOn }: NicOrder, backing: Backing): Input<'VirtualDeviceConfigSpec'> {
  if (nic === undefined) {
    return { operation: 'add', device: { $type: model, key: -100 - index, backing } }
  }
  const { connectable } = nic
  if (connectable === undefined) return { operation: 'edit', device: { ...nic, backing } }
  const connected = isOn || connectable.connected
  const plugged = { ...nic, backing, connectable: { ...connectable, startConnected: true, connected } }
  return { operation: 'edit', device: plugged }
}

/**
 * The changes that plug the cards of a machine into the networks, in the order of the adapters, connect those that are not, and add
 * those that are missing.
 * Throws where a network is not to be had on its host.
 */
export async function planNics(
  properties: PropertyReader,
  machine: Machine,
  networks: readonly string[],
): Promise<readonly Input<'VirtualDeviceConfigSpec'>[]> {
  const { name, host } = machine
  if (host === undefined) throw new VimError('fault', `${name} is on no host`)
  const way = { from: host, via: [{ type: 'HostSystem', path: 'network' }] } as const
  const known = new Map(
    (await properties.list('Network', way, ['name'])).map((network) => [network.values.name, network.ref]),
  )
  const cards = devicesOf(machine.devices, 'VirtualEthernetCard')
  const changes: Input<'VirtualDeviceConfigSpec'>[] = []
  const isOn = machine.power === 'poweredOn'
  for (const [index, network] of networks.entries()) {
    const is = machine.nics[index]
    const nic = cards[index]
    const order = { nic, model: cards[0]?.$type ?? 'VirtualVmxnet3', index, isOn }
    if (is?.network === network) {
      if (!is.connected && nic?.backing !== undefined) changes.push(planNic(order, nic.backing))
      continue
    }
    const to = known.get(network)
    if (to === undefined)
      throw new VimError('not-found', `the network ${network} is not on the host of ${name}`)
    changes.push(planNic(order, await backingOf(properties, to, network)))
  }
  return changes
}

/** Plugs the cards of a machine into the networks, in the order of the adapters, in one task. */
export async function plugNics(
  { caller, properties, signal, runTask }: PortGroupWriter,
  machine: Machine,
  networks: readonly string[],
): Promise<void> {
  const { ref: self, name } = machine
  const deviceChange = await planNics(properties, machine, networks)
  if (deviceChange.length === 0) return
  const task = await caller.call('ReconfigVM_Task', { self, args: { spec: { deviceChange } }, signal })
  await runTask(task, `plugging the network cards of ${name}`)
}
