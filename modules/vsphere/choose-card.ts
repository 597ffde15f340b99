import { ModuleError, type VSphereReader } from '#sdk'

import type { Machine } from './machine.ts'
import { isCardOf } from './nitrox-card.ts'

// A card that another machine on the host has in its configuration is taken, whether that machine runs or not.
async function readTakenCards(connection: VSphereReader, machine: Machine): Promise<ReadonlySet<string>> {
  if (machine.host === undefined) return new Set()
  const way = { from: machine.host, via: [{ type: 'HostSystem', path: 'vm' }] } as const
  const others = await connection.list('VirtualMachine', way, ['config.hardware.device'])
  const backings = others
    .filter(({ ref }) => ref.value !== machine.ref.value)
    .flatMap(({ values }) => values['config.hardware.device'] ?? [])
    .map(({ backing }) => backing as { readonly id?: unknown } | undefined)
  return new Set(backings.flatMap((backing) => (typeof backing?.id === 'string' ? [backing.id] : [])))
}

type Target = NonNullable<Awaited<ReturnType<typeof readOffer>>>

/** A card that a host has to offer. */
export type Card = Target['pciPassthrough'][number]

async function readOffer(connection: VSphereReader, { ref, host }: Machine) {
  const { environmentBrowser } = await connection.get('VirtualMachine', ref, ['environmentBrowser'])
  return connection.query('QueryConfigTarget', { self: environmentBrowser, args: { host } })
}

/** The first card of a vendor on a machine's host that no machine has. Throws where there is none. */
export async function chooseCard(connection: VSphereReader, machine: Machine, vendor: number): Promise<Card> {
  const [target, taken] = await Promise.all([
    readOffer(connection, machine),
    readTakenCards(connection, machine),
  ])
  const offered = (target?.pciPassthrough ?? []).filter(({ pciDevice }) => isCardOf(vendor, pciDevice))
  const free = offered.find(({ pciDevice }) => !taken.has(pciDevice.id))
  if (free !== undefined) return free
  throw new ModuleError(
    offered.length === 0
      ? `the host of ${machine.name} offers no NITROX card`
      : `every NITROX card on the host of ${machine.name} belongs to another virtual machine`,
    {
      hint:
        offered.length === 0
          ? 'place the node on a host with a card, marked for passthrough and in effect'
          : 'a card cannot be shared: place the node on another host',
    },
  )
}

/** The device that a card is in a machine. */
export function planCard(card: Card) {
  return {
    $type: 'VirtualPCIPassthrough',
    key: -100,
    backing: {
      $type: 'VirtualPCIPassthroughDeviceBackingInfo',
      deviceName: card.pciDevice.deviceName,
      id: card.pciDevice.id,
      // The API wants the host's number as text, in hex, without a sign.
      deviceId: (card.pciDevice.deviceId & 0xffff).toString(16),
      systemId: card.systemId,
      vendorId: card.pciDevice.vendorId,
    },
  }
}
