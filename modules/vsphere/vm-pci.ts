import { z } from 'zod'

import { defineModule, ModuleError, type Change, type VSphereReader } from '#sdk'

import { findPoweredOff } from './powered-off.ts'

/** The cards that a virtual machine has. */
type Facts =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly power: string
      /** PCI addresses of the vendor's cards in it. */
      readonly cards: readonly string[]
      readonly memoryReserved: boolean
    }

type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

const toSigned = (vendor: number): number => (vendor > 0x7fff ? vendor - 0x1_0000 : vendor)

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

async function selectCard(connection: VSphereReader, machine: Machine, vendor: number) {
  const { environmentBrowser } = await connection.get('VirtualMachine', machine.ref, ['environmentBrowser'])
  const [target, taken] = await Promise.all([
    connection.query('QueryConfigTarget', { self: environmentBrowser, args: { host: machine.host } }),
    readTakenCards(connection, machine),
  ])
  const offered = (target?.pciPassthrough ?? []).filter(({ pciDevice }) => pciDevice.vendorId === vendor)
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

/** Gives a virtual machine a NITROX card of its own, and reserves all its memory, while it is off. */
export const vmPci = defineModule({
  name: 'vsphere/vm-pci',
  summary: 'A virtual machine has a NITROX card of its own, and all of its memory reserved',
  connection: 'vsphere',
  params: z.strictObject({
    vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
    vendor: z
      .int()
      .min(1)
      .max(0xffff)
      .default(0x177d)
      .meta({ description: 'PCI vendor of the card; Cavium where absent' }),
  }),
  absent: { exists: false },

  async read({ connection, params }): Promise<Facts> {
    const machine = await connection.machine(params.vm)
    if (machine === undefined) return { exists: false }
    const vendor = toSigned(params.vendor)
    return {
      exists: true,
      power: machine.power,
      cards: machine.cards.filter(({ vendorId }) => vendorId === vendor).map(({ id }) => id),
      memoryReserved: machine.memoryLocked,
    }
  },

  diff(facts): readonly Change[] {
    const changes: Change[] = []
    if (!facts.exists || facts.cards.length === 0) changes.push({ path: 'PCI card', to: 'a NITROX card' })
    if (!facts.exists || !facts.memoryReserved) changes.push({ path: 'memory reserved', to: true })
    return changes
  },

  async apply({ connection, params, facts }) {
    const machine = await findPoweredOff(connection, params.vm, { what: 'a PCI card can only be added' })
    const needed = !facts.exists || facts.cards.length === 0
    const card = needed ? await selectCard(connection, machine, toSigned(params.vendor)) : undefined
    const device =
      card === undefined
        ? undefined
        : {
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
    await connection.runTask('ReconfigVM_Task', {
      self: machine.ref,
      args: {
        spec: {
          deviceChange: device === undefined ? [] : [{ operation: 'add', device }],
          memoryAllocation: { reservation: BigInt(machine.memoryMB) },
          memoryReservationLockedToMax: true,
        },
      },
      what: `adding a NITROX card to ${params.vm}`,
    })
  },

  // Two machines must not choose the same card.
  limits: ({ vm }) => [{ name: `PCI cards in ${vm.split('/')[1] ?? ''}`, max: 1 }],
})
