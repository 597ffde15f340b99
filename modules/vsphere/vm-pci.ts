import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { chooseCard, planCard } from './choose-card.ts'
import { demandMemory } from './demand-memory.ts'
import { findMachine, readMachine, type Machine } from './machine.ts'
import { CAVIUM } from './nitrox-card.ts'
import { findSeat, readAway, takeSeat } from './seat.ts'
import { describeRestart, isLeftOff, planSwitchOn, refuteLeftOff, whileOff } from './while-off.ts'

/** The cards that a virtual machine has. */
export type CardFacts =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly instanceUuid: string
      readonly power: string
      readonly hasTools: boolean
      /** An interrupted run has left it off. */
      readonly leftOff: boolean
      /** PCI addresses of the vendor's cards in it. */
      readonly cards: readonly string[]
      readonly memoryReserved: boolean
      /** The host it is on, where that is not the one whose card it is to have; a machine with a card stays where it is. */
      readonly away: string | null
    }

/** MB that a host needs free for the driver of a card, beside the memory of the machine that has it. */
const CARD_MEMORY = 8 * 1024

const toSigned = (vendor: number): number => (vendor > 0x7fff ? vendor - 0x1_0000 : vendor)

const cardsOf = ({ cards }: Machine, vendor: number): readonly string[] =>
  cards.filter(({ vendorId }) => vendorId === toSigned(vendor)).map(({ id }) => id)

/** Gives a virtual machine a NITROX card of its own, and reserves all its memory, while it is off. */
export const vmPci = defineModule({
  name: 'vsphere/vm-pci',
  summary: 'A virtual machine has a NITROX card of its own, and all of its memory reserved',
  connection: 'vsphere',
  params: z.strictObject({
    vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
    host: z.string().min(1).optional().meta({
      description:
        'ESXi host whose card it is to have: a machine that is on another one is moved there while it is off',
    }),
    networks: z.array(z.string().min(1)).default([]).meta({
      description:
        'Networks of its adapters in their order: one that no run has made is refused where it has others',
    }),
    vendor: z
      .int()
      .min(1)
      .max(0xffff)
      .default(CAVIUM)
      .meta({ description: 'PCI vendor of the card; Cavium where absent' }),
  }),
  absent: { exists: false },

  async read(context): Promise<CardFacts> {
    const { connection, params, warn } = context
    const machine = await findMachine(connection, params)
    if (machine === undefined) return { exists: false }
    const cards = cardsOf(machine, params.vendor)
    if (cards.length > 1) warn(`${params.vm} has ${cards.length} NITROX cards, and can use one`)
    return {
      exists: true,
      instanceUuid: machine.instanceUuid,
      power: machine.power,
      hasTools: machine.hasTools,
      leftOff: isLeftOff(context, machine),
      cards,
      memoryReserved: machine.memoryLocked,
      away: cards.length === 0 ? await readAway(connection, machine, params.host) : null,
    }
  },

  diff(facts, { host }): readonly Change[] {
    const changes: Change[] = []
    if (!facts.exists || facts.cards.length === 0) changes.push({ path: 'PCI card', to: 'a NITROX card' })
    if (!facts.exists || !facts.memoryReserved) changes.push({ path: 'memory reserved', to: true })
    if (!facts.exists) return changes
    const move: Change[] = facts.away === null ? [] : [{ path: 'host', from: facts.away, to: host ?? '' }]
    return [...move, ...changes, ...planSwitchOn(facts)]
  },

  async apply(context) {
    const { connection, params } = context
    const { vm, vendor, networks } = params
    const before = await readMachine(connection, params)
    // All that can be refused is refused while the machine still runs.
    const isNeeded = cardsOf(before, vendor).length === 0
    const seat = isNeeded ? await findSeat(connection, before, params.host) : before
    const card = isNeeded ? await chooseCard(connection, seat, vendor) : undefined
    await demandMemory(connection, seat, { memoryMB: before.memoryMB, cardMB: CARD_MEMORY })
    await whileOff(context, { vm, networks, stays: true }, async (machine) => {
      const { ref: self, memoryMB } = await takeSeat(connection, machine, seat)
      await connection.runTask('ReconfigVM_Task', {
        self,
        args: {
          spec: {
            deviceChange: card === undefined ? [] : [{ operation: 'add', device: planCard(card) }],
            memoryAllocation: { reservation: BigInt(memoryMB) },
            memoryReservationLockedToMax: true,
          },
        },
        what: card === undefined ? `reserving the memory of ${vm}` : `adding a NITROX card to ${vm}`,
      })
    })
  },

  disruptive: (changes, { vm }, facts) =>
    facts.exists && changes.length > 0 ? describeRestart(vm, facts) : undefined,

  refutes: (facts) => refuteLeftOff(facts),

  // Two machines must not choose the same card.
  limits: ({ vm }) => [{ name: `PCI cards in ${vm.split('/')[1] ?? ''}`, max: 1 }],
})
