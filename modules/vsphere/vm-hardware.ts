import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { demandMemory } from './demand-memory.ts'
import { findMachine, readMachine, type Machine } from './machine.ts'
import { findSeat, readAway, takeSeat } from './seat.ts'
import { describeRestart, isLeftOff, planSwitchOn, refuteLeftOff, whileOff } from './while-off.ts'

/** The hardware of a virtual machine. */
export type HardwareFacts =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly instanceUuid: string
      readonly power: string
      readonly hasTools: boolean
      /** An interrupted run has left it off. */
      readonly leftOff: boolean
      readonly cpus: number
      readonly memoryMB: number
      readonly memoryReserved: boolean
      /** The first disk; 0 where there is none. */
      readonly diskGB: number
      readonly adapters: number
      /** The host it is on, where its memory is to be reserved on another one. */
      readonly away: string | null
    }

const KB_PER_GB = 1024n ** 2n

const params = z.strictObject({
  vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
  cpus: z.int().min(1).meta({ description: 'Processors' }),
  memoryMB: z.int().min(4).multipleOf(4).meta({ description: 'Memory in MB' }),
  diskGB: z.int().min(1).meta({ description: 'Size of the first disk in GB; a larger one is left alone' }),
  reserveMemory: z
    .boolean()
    .default(false)
    .meta({ description: 'All memory is reserved, as PCI cards need it' }),
  networks: z.array(z.string().min(1)).default([]).meta({
    description:
      'Networks of the adapters in their order: an adapter that is missing is added, and a machine that no run has made is refused where it has others',
  }),
  host: z.string().min(1).optional().meta({
    description:
      'ESXi host that it is bound to: where it had to be switched off, no other is chosen for it. With all memory reserved it is moved there first, unless a card binds it to where it is',
  }),
})

type Params = z.output<typeof params>

/** The host on which memory is reserved: where a machine is bound to one, and no card binds it to where it is. */
const seatOf = ({ cards }: Machine, { reserveMemory, host }: Params): string | undefined =>
  reserveMemory && cards.length === 0 ? host : undefined

/** The part of the specification that processors and memory take. */
function planCompute({ coresPerSocket }: Machine, { cpus, memoryMB, reserveMemory }: Params) {
  return {
    numCPUs: cpus,
    // Sockets have to be whole.
    ...(cpus % coresPerSocket === 0 ? {} : { numCoresPerSocket: 1 }),
    memoryMB: BigInt(memoryMB),
    ...(reserveMemory
      ? { memoryAllocation: { reservation: BigInt(memoryMB) }, memoryReservationLockedToMax: true }
      : {}),
  }
}

/** The changes that make the first disk larger; none where it is large enough. A disk is never made smaller. */
function planDisk({ devices, disks: [first], hasSnapshots }: Machine, { vm, diskGB }: Params) {
  if (first !== undefined && first.capacityGB >= diskGB) return []
  const disk = devices.find(({ key }) => key === first?.key)
  if (disk === undefined)
    throw new ModuleError(`${vm} has no disk that could grow`, {
      hint: 'remove the virtual machine, for the run to deploy it again, or give it the disk of its image',
    })
  if (hasSnapshots) {
    throw new ModuleError(`the disk of ${vm} cannot grow to ${diskGB} GB: the machine has snapshots`, {
      hint: 'delete its snapshots in the vSphere client, then run again',
    })
  }
  const capacityInKB = BigInt(diskGB) * KB_PER_GB
  const device = { ...disk, capacityInKB, capacityInBytes: capacityInKB * 1024n }
  return [{ operation: 'edit', device }] as const
}

/** Gives a virtual machine its processors, memory, disk and adapters, while it is off. */
export const vmHardware = defineModule({
  name: 'vsphere/vm-hardware',
  summary: 'A virtual machine has the processors, memory, disk and network adapters it needs',
  connection: 'vsphere',
  params,
  absent: { exists: false },

  async read(context): Promise<HardwareFacts> {
    const { connection, params, warn } = context
    const machine = await findMachine(connection, params)
    if (machine === undefined) return { exists: false }
    const adapters = machine.nics.length
    const wanted = params.networks.length
    if (wanted > 0 && adapters > wanted) {
      warn(`${params.vm} has ${adapters} network adapters; only the first ${wanted} are used`)
    }
    return {
      exists: true,
      instanceUuid: machine.instanceUuid,
      power: machine.power,
      hasTools: machine.hasTools,
      leftOff: isLeftOff(context, machine),
      cpus: machine.cpus,
      memoryMB: machine.memoryMB,
      memoryReserved: machine.memoryLocked,
      diskGB: machine.disks[0]?.capacityGB ?? 0,
      adapters,
      away: await readAway(connection, machine, seatOf(machine, params)),
    }
  },

  diff(facts, params): readonly Change[] {
    const is = facts.exists ? facts : undefined
    const changes: Change[] = []
    if (is?.cpus !== params.cpus) changes.push({ path: 'CPUs', from: is?.cpus, to: params.cpus })
    if (is?.memoryMB !== params.memoryMB) {
      changes.push({ path: 'memory (MB)', from: is?.memoryMB, to: params.memoryMB })
    }
    if ((is?.diskGB ?? 0) < params.diskGB) {
      changes.push({ path: 'disk (GB)', from: is?.diskGB, to: params.diskGB })
    }
    if (params.reserveMemory && is?.memoryReserved !== true) {
      changes.push({ path: 'memory reserved', from: is?.memoryReserved, to: true })
    }
    if (is !== undefined && is.adapters < params.networks.length) {
      changes.push({ path: 'network adapters', from: is.adapters, to: params.networks.length })
    }
    if (is === undefined) return changes
    // Nobody is interrupted to be moved alone.
    const isMoved = is.away !== null && changes.length > 0
    const move: Change[] = isMoved ? [{ path: 'host', from: is.away, to: params.host ?? '' }] : []
    return [...move, ...changes, ...planSwitchOn(is)]
  },

  async apply(context) {
    const { connection, params, changes } = context
    const { vm, networks, host, reserveMemory } = params
    const isMoved = changes.some(({ path }) => path === 'host')
    const plan = async (machine: Machine) => {
      const isPlugged = machine.nics.length >= networks.length
      const nics = isPlugged ? [] : await connection.planNics(machine, networks)
      return { ...planCompute(machine, params), deviceChange: [...planDisk(machine, params), ...nics] }
    }
    // All that can be refused is refused while the machine still runs.
    const before = await readMachine(connection, params)
    const seat = await findSeat(connection, before, isMoved ? host : undefined)
    await plan(seat)
    if (reserveMemory && host !== undefined) await demandMemory(connection, seat, params)
    await whileOff(context, { vm, networks, stays: host !== undefined }, async (machine) => {
      const spec = await plan(await takeSeat(connection, machine, seat))
      await connection.runTask('ReconfigVM_Task', {
        self: machine.ref,
        args: { spec },
        what: `changing the hardware of ${vm}`,
      })
    })
  },

  disruptive: (changes, { vm }, facts) =>
    facts.exists && changes.length > 0 ? describeRestart(vm, facts) : undefined,

  refutes: (facts) => refuteLeftOff(facts),

  limits: ({ vm }) => [{ name: `vSphere tasks in ${vm.split('/')[1] ?? ''}`, max: 8 }],
})
