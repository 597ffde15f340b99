import { z } from 'zod'

import { defineModule, ModuleError, type Change, type VSphereReader, type VSphereWriter } from '#sdk'

import { CAVIUM, isCardOf } from './nitrox-card.ts'

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
    /** Since when an interrupted run of ours has left it in maintenance mode; null where none has. */
    readonly heldSince: string | null
    /** Names of the machines that run on it, where it may have to be rebooted. */
    readonly running: readonly string[]
  }[]
}

type Host = Awaited<ReturnType<VSphereReader['hosts']>>[number]

const MAINTENANCE = 'maintenance mode'

/** Seconds that a host is given to leave maintenance mode. */
const RETURN = 10 * 60

/** Milliseconds that it is believed for that a host is in maintenance mode for us: an administrator may put it there later. */
const HELD_FOR = 24 * 60 * 60_000

function heldSince(note: string | undefined, now: number): string | null {
  const isRecent = note !== undefined && now - Date.parse(note.replace(/^at /, '')) < HELD_FOR
  return isRecent ? note : null
}

const isInMaintenance = ({ connected, ready }: Host): boolean => connected && !ready

const isWorking = ({ enabled, active }: { readonly enabled: boolean; readonly active: boolean }): boolean =>
  enabled && active

async function readRunning(connection: VSphereReader, { ref }: Host): Promise<readonly string[]> {
  const way = { from: ref, via: [{ type: 'HostSystem', path: 'vm' }] } as const
  const machines = await connection.list('VirtualMachine', way, ['name', 'runtime.powerState'])
  return machines
    .filter(({ values }) => values['runtime.powerState'] === 'poweredOn')
    .map(({ values }) => values.name)
    .toSorted()
}

async function leaveMaintenance(connection: VSphereWriter, { ref: self, name }: Host): Promise<void> {
  const what = `taking ${name} out of maintenance mode`
  await connection.runTask('ExitMaintenanceMode_Task', { self, args: { timeout: RETURN }, what })
}

// A host that is not connected shows no cards, whatever it has.
function demandSeen(hosts: readonly Host[]): void {
  if (hosts.some(({ connected }) => connected)) return
  const away = hosts.map(({ name, state }) => `${name} is ${state}`).join(', ')
  throw new ModuleError(`${away}: what cards are there cannot be seen`, {
    hint: 'connect it in the vSphere client, or look why it does not answer; then run again',
  })
}

const params = z.strictObject({
  datacenter: z.string().min(1).meta({ description: 'Datacenter' }),
  computeCluster: z.string().min(1).optional().meta({ description: 'Compute cluster' }),
  host: z.string().min(1).optional().meta({ description: 'The one host that is meant' }),
  vendor: z
    .int()
    .min(1)
    .max(0xffff)
    .default(CAVIUM)
    .meta({ description: 'PCI vendor of the cards; Cavium where absent' }),
  reboot: z.boolean().default(false).meta({
    description: 'Reboots a host, in maintenance mode, where only that puts the mark in effect',
  }),
})

/** Lets hosts hand their SSL cards to virtual machines. */
export const hostPassthrough = defineModule({
  name: 'vsphere/host-passthrough',
  summary: 'The NITROX cards of the hosts are marked for passthrough, and the mark is in effect',
  connection: 'vsphere',
  params,

  async read({ connection, params, clock, recall }): Promise<Facts> {
    const hosts = await connection.hosts(params)
    demandSeen(hosts)
    const read = async (host: Host): Promise<Facts['hosts'][number]> => {
      const cards = host.cards.filter((card) => isCardOf(params.vendor, card))
      const isDone = cards.every(isWorking)
      const { name } = host
      return {
        name,
        cards: cards.map(({ id, capable, enabled, active }) => ({ id, capable, enabled, active })),
        heldSince: isInMaintenance(host) ? heldSince(recall(name), clock.now()) : null,
        running: params.reboot && !isDone ? await readRunning(connection, host) : [],
      }
    }
    return { hosts: await Promise.all(hosts.map(read)) }
  },

  diff(facts, params): readonly Change[] {
    const all = facts.hosts.flatMap(({ name, cards }) => cards.map((card) => ({ ...card, host: name })))
    if (all.length === 0) {
      const hosts = facts.hosts.map(({ name }) => name).join(', ')
      return [
        { path: 'cards', to: `a card of vendor 0x${params.vendor.toString(16)}`, note: `none in ${hosts}` },
      ]
    }
    const held = facts.hosts.flatMap(({ name, heldSince }): readonly Change[] => {
      const note = `a run that was interrupted has put it there, ${heldSince}`
      return heldSince === null ? [] : [{ path: `${name}.${MAINTENANCE}`, from: true, to: false, note }]
    })
    const marks = all.flatMap(({ host, id, enabled, active }): readonly Change[] => {
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
    return [...held, ...marks]
  },

  async apply({ connection, params, facts, warn, clock, recall, remember }) {
    const cards = facts.hosts.flatMap(({ cards }) => cards)
    if (cards.length === 0) {
      throw new ModuleError('there is no NITROX card in any of the hosts', {
        hint: 'Zscaler Support supplies them; without one, leave `nitrox` out of the inventory',
      })
    }
    for (const host of await connection.hosts(params)) {
      const mine = host.cards.filter((card) => isCardOf(params.vendor, card) && !isWorking(card))
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
    const isHeld = (host: Host): boolean =>
      isInMaintenance(host) && heldSince(recall(host.name), clock.now()) !== null
    const now = await connection.hosts(params)
    const idle = now.filter(({ cards }) =>
      cards.some((card) => isCardOf(params.vendor, card) && card.enabled && !card.active),
    )
    for (const host of now.filter((each) => isHeld(each) && !(params.reboot && idle.includes(each)))) {
      await leaveMaintenance(connection, host)
      await remember(host.name, '')
    }
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
    for (const host of idle) {
      const since = `at ${new Date(clock.now()).toISOString()}`
      const hold = (isOurs: boolean): Promise<void> => remember(host.name, isOurs ? since : '')
      await connection.rebootHost(host, { tell: warn, isHeld: isHeld(host), hold })
    }
  },

  disruptive(changes, { reboot }, { hosts }) {
    const isHeld = (name: string): boolean => changes.some(({ path }) => path === `${name}.${MAINTENANCE}`)
    const isToReboot = (name: string): boolean =>
      reboot && changes.some(({ path }) => path.startsWith(`${name}.`) && path !== `${name}.${MAINTENANCE}`)
    const held = hosts.filter(({ name }) => isHeld(name)).map(({ name }) => name)
    const names = hosts
      .filter(({ name }) => isToReboot(name))
      .map(({ name, running }) => (running.length === 0 ? name : `${name}, where ${running.join(', ')} run,`))
    const clauses = [
      ...(names.length === 0
        ? []
        : [`${names.join(' and ')} may be put into maintenance mode and rebooted, one after the other`]),
      // Whoever works on it by now knows better than a note.
      ...(held.length === 0 ? [] : [`${held.join(' and ')} may be taken out of maintenance mode`]),
    ]
    return clauses.length === 0 ? undefined : clauses.join('; ')
  },

  limits: ({ datacenter }) => [{ name: `host changes in ${datacenter}`, max: 1 }],
})
