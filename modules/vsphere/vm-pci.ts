import { z } from 'zod'

import { defineModule, ModuleError, type Change, type VSphereReader } from '#sdk'

import { describeRestart, isLeftOff, planSwitchOn, readMachine, whileOff, type Machine } from './while-off.ts'

/** The cards that a virtual machine has. */
export type CardFacts =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly power: string
      readonly hasTools: boolean
      /** An interrupted run has left it off. */
      readonly leftOff: boolean
      /** PCI addresses of the vendor's cards in it. */
      readonly cards: readonly string[]
      readonly memoryReserved: boolean
    }

/** MB that a host needs free for the driver of a card, beside the memory of the machine that has it. */
const CARD_MEMORY = 8 * 1024

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

type Target = NonNullable<Awaited<ReturnType<typeof readOffer>>>

type Card = Target['pciPassthrough'][number]

async function readOffer(connection: VSphereReader, { ref, host }: Machine) {
  const { environmentBrowser } = await connection.get('VirtualMachine', ref, ['environmentBrowser'])
  return connection.query('QueryConfigTarget', { self: environmentBrowser, args: { host } })
}

async function selectCard(connection: VSphereReader, machine: Machine, vendor: number): Promise<Card> {
  const [target, taken] = await Promise.all([
    readOffer(connection, machine),
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

/** Refuses a host that has too little memory left for a machine whose memory is all reserved, and for its card. */
async function demandMemory(
  connection: VSphereReader,
  { name, host, memoryMB, consumedMB }: Machine,
): Promise<void> {
  if (host === undefined) return
  const values = await connection.get('HostSystem', host, [
    'name',
    'hardware.memorySize',
    'summary.quickStats.overallMemoryUsage',
  ])
  const size = Number((values['hardware.memorySize'] ?? 0n) / 1024n ** 2n)
  const free = size - (values['summary.quickStats.overallMemoryUsage'] ?? 0) + consumedMB
  const needed = memoryMB + CARD_MEMORY
  if (free >= needed) return
  throw new ModuleError(
    `${values.name} has ${Math.floor(free / 1024)} GB of memory free, and ${name} needs ${needed / 1024} GB: its own, and 8 GB for the card`,
    { hint: 'move other machines away from the host, or add memory to it' },
  )
}

function planCard(card: Card) {
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

  async read(context): Promise<CardFacts> {
    const { connection, params, warn } = context
    const machine = await connection.machine(params.vm)
    if (machine === undefined) return { exists: false }
    const vendor = toSigned(params.vendor)
    const cards = machine.cards.filter(({ vendorId }) => vendorId === vendor).map(({ id }) => id)
    if (cards.length > 1) warn(`${params.vm} has ${cards.length} NITROX cards, and can use one`)
    return {
      exists: true,
      power: machine.power,
      hasTools: machine.hasTools,
      leftOff: isLeftOff(context, machine),
      cards,
      memoryReserved: machine.memoryLocked,
    }
  },

  diff(facts): readonly Change[] {
    const changes: Change[] = []
    if (!facts.exists || facts.cards.length === 0) changes.push({ path: 'PCI card', to: 'a NITROX card' })
    if (!facts.exists || !facts.memoryReserved) changes.push({ path: 'memory reserved', to: true })
    return facts.exists ? [...changes, ...planSwitchOn(facts)] : changes
  },

  async apply(context) {
    const { connection, params, facts } = context
    const { vm } = params
    const before = await readMachine(connection, vm)
    // All that can be refused is refused while the machine still runs.
    const isNeeded = !facts.exists || facts.cards.length === 0
    const card = isNeeded ? await selectCard(connection, before, toSigned(params.vendor)) : undefined
    await demandMemory(connection, before)
    await whileOff(context, { vm, stays: true }, async (machine) => {
      await connection.runTask('ReconfigVM_Task', {
        self: machine.ref,
        args: {
          spec: {
            deviceChange: card === undefined ? [] : [{ operation: 'add', device: planCard(card) }],
            memoryAllocation: { reservation: BigInt(machine.memoryMB) },
            memoryReservationLockedToMax: true,
          },
        },
        what: card === undefined ? `reserving the memory of ${vm}` : `adding a NITROX card to ${vm}`,
      })
    })
  },

  disruptive: (changes, { vm }, facts) =>
    facts.exists && changes.length > 0 ? describeRestart(vm, facts) : undefined,

  // Two machines must not choose the same card.
  limits: ({ vm }) => [{ name: `PCI cards in ${vm.split('/')[1] ?? ''}`, max: 1 }],
})
