import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

/** The cards of one maker in each host. */
interface Facts {
  readonly hosts: readonly {
    readonly name: string
    readonly cards: readonly {
      readonly id: string
      readonly capable: boolean
      readonly enabled: boolean
      readonly active: boolean
    }[]
  }[]
}

const params = z.strictObject({
  datacenter: z.string().min(1).meta({ description: 'Datacenter' }),
  computeCluster: z.string().min(1).optional().meta({ description: 'Compute cluster' }),
  host: z.string().min(1).optional().meta({ description: 'The one host that is meant' }),
  vendor: z
    .int()
    .min(1)
    .max(0xffff)
    .default(0x177d)
    .meta({ description: 'PCI vendor of the cards; Cavium where absent' }),
  reboot: z.boolean().default(false).meta({
    description: 'Reboots a host, in maintenance mode, where only that puts the mark in effect',
  }),
})

/** The vendor as hosts write it: a signed number of 16 bits. */
const toSigned = (vendor: number): number => (vendor > 0x7fff ? vendor - 0x1_0000 : vendor)

/** Lets hosts hand their SSL cards to virtual machines. */
export const hostPassthrough = defineModule({
  name: 'vsphere/host-passthrough',
  summary: 'The NITROX cards of the hosts are marked for passthrough, and the mark is in effect',
  connection: 'vsphere',
  params,

  async read({ connection, params }): Promise<Facts> {
    const hosts = await connection.hosts(params)
    const vendor = toSigned(params.vendor)
    return {
      hosts: hosts.map(({ name, cards }) => ({
        name,
        cards: cards
          .filter(({ vendorId }) => vendorId === vendor)
          .map(({ id, capable, enabled, active }) => ({ id, capable, enabled, active })),
      })),
    }
  },

  diff(facts, params): readonly Change[] {
    const all = facts.hosts.flatMap(({ name, cards }) => cards.map((card) => ({ ...card, host: name })))
    if (all.length === 0) {
      const hosts = facts.hosts.map(({ name }) => name).join(', ')
      return [
        { path: 'cards', to: `a card of vendor 0x${params.vendor.toString(16)}`, note: `none in ${hosts}` },
      ]
    }
    return all.flatMap(({ host, id, enabled, active }): readonly Change[] => {
      if (!enabled) return [{ path: `${host}.${id}.passthrough`, from: false, to: true }]
      return active
        ? []
        : [
            {
              path: `${host}.${id}.in effect`,
              from: false,
              to: true,
              note: `the host may have to be rebooted${params.reboot ? '' : ', which the inventory does not allow'}`,
            },
          ]
    })
  },

  async apply({ connection, params, facts, warn }) {
    const cards = facts.hosts.flatMap(({ cards }) => cards)
    if (cards.length === 0) {
      throw new ModuleError('there is no NITROX card in any of the hosts', {
        hint: 'Zscaler Support supplies them; without one, leave `nitrox` out of the inventory',
      })
    }
    const vendor = toSigned(params.vendor)
    for (const host of await connection.hosts(params)) {
      const mine = host.cards.filter(
        ({ vendorId, enabled, active }) => vendorId === vendor && !(enabled && active),
      )
      const stubborn = mine.find(({ capable }) => !capable)
      if (stubborn !== undefined) {
        throw new ModuleError(`${host.name} cannot pass ${stubborn.name} (${stubborn.id}) through`, {
          hint: 'VT-d or AMD-Vi has to be on in the BIOS of the host',
        })
      }
      const self = host.passthroughSystem
      if (mine.length === 0 || self === undefined) continue
      // Since ESXi 7 a mark takes effect at once where nothing else is said, also one that waits for the next start.
      const config = mine.map(({ id }) => ({ id, passthruEnabled: true }))
      await connection.call('UpdatePassthruConfig', { self, args: { config } })
    }
    const idle = (await connection.hosts(params)).filter(({ cards }) =>
      cards.some((card) => card.vendorId === vendor && card.enabled && !card.active),
    )
    if (idle.length === 0) return
    if (!params.reboot) {
      throw new ModuleError(
        `${idle.map(({ name }) => name).join(', ')} must be rebooted for the card to be usable`,
        {
          hint: 'put the host into maintenance mode, reboot it, and run again; or let the run do so: rebootHosts: true in the placement of the site',
        },
      )
    }
    // One at a time: a cluster has to have somewhere to move the machines to.
    for (const host of idle) await connection.rebootHost(host, { tell: warn })
  },

  disruptive(changes, { reboot }, facts) {
    if (!reboot || changes.length === 0) return undefined
    const names = facts.hosts
      .filter(({ name }) => changes.some(({ path }) => path.startsWith(`${name}.`)))
      .map(({ name }) => name)
    return names.length === 0
      ? undefined
      : `${names.join(', ')} may be put into maintenance mode and rebooted, one after the other`
  },

  limits: ({ datacenter }) => [{ name: `host changes in ${datacenter}`, max: 1 }],
})
