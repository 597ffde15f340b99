import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { findPoweredOff } from './powered-off.ts'

/** The hardware of a virtual machine. */
type Facts =
  | { readonly exists: false }
  | {
      readonly exists: true
      readonly power: string
      readonly cpus: number
      readonly memoryMB: number
      readonly memoryReserved: boolean
      /** The first disk; 0 where there is none. */
      readonly diskGB: number
      readonly thin: boolean
    }

const KB_PER_GB = 1024n ** 2n

/** Gives a virtual machine its processors, memory and disk, while it is off. */
export const vmHardware = defineModule({
  name: 'vsphere/vm-hardware',
  summary: 'A virtual machine has the processors, memory and disk it needs',
  connection: 'vsphere',
  params: z.strictObject({
    vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
    cpus: z.int().min(1).meta({ description: 'Processors' }),
    memoryMB: z.int().min(4).multipleOf(4).meta({ description: 'Memory in MB' }),
    diskGB: z.int().min(1).meta({ description: 'Size of the first disk in GB; a larger one is left alone' }),
    reserveMemory: z
      .boolean()
      .default(false)
      .meta({ description: 'All memory is reserved, as PCI cards need it' }),
  }),
  absent: { exists: false },

  async read({ connection, params }): Promise<Facts> {
    const machine = await connection.machine(params.vm)
    if (machine === undefined) return { exists: false }
    const [disk] = machine.disks
    return {
      exists: true,
      power: machine.power,
      cpus: machine.cpus,
      memoryMB: machine.memoryMB,
      memoryReserved: machine.memoryLocked,
      diskGB: disk?.capacityGB ?? 0,
      thin: disk?.thin ?? false,
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
    return changes
  },

  async apply({ connection, params, facts }) {
    const machine = await findPoweredOff(connection, params.vm, { what: 'its hardware can only be changed' })
    const grows = !facts.exists || facts.diskGB < params.diskGB
    const disk = machine.devices.find(({ key }) => key === machine.disks[0]?.key)
    if (grows && disk === undefined) throw new ModuleError(`${params.vm} has no disk that could grow`)
    const capacityInKB = BigInt(params.diskGB) * KB_PER_GB
    const larger = { ...disk, capacityInKB, capacityInBytes: capacityInKB * 1024n, key: disk?.key ?? 0 }
    const reservation = {
      memoryAllocation: { reservation: BigInt(params.memoryMB) },
      memoryReservationLockedToMax: true,
    }
    await connection.runTask('ReconfigVM_Task', {
      self: machine.ref,
      args: {
        spec: {
          numCPUs: params.cpus,
          memoryMB: BigInt(params.memoryMB),
          deviceChange: grows ? [{ operation: 'edit', device: larger }] : [],
          ...(params.reserveMemory ? reservation : {}),
        },
      },
      what: `changing the hardware of ${params.vm}`,
    })
  },

  limits: ({ vm }) => [{ name: `vSphere tasks in ${vm.split('/')[1] ?? ''}`, max: 8 }],
})
