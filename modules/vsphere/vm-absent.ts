import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { readMachine } from './machine.ts'
import { explainOwner } from './owner.ts'

/** A virtual machine, where it is still there. */
type Facts = { readonly exists: false } | { readonly exists: true; readonly power: string }

/** Switches off a virtual machine that a run has made, and deletes it with its disks. Anybody else's is refused. */
export const vmAbsent = defineModule({
  name: 'vsphere/vm-absent',
  summary: 'A virtual machine that a run has made is switched off and deleted, with its disks',
  connection: 'vsphere',
  params: z.strictObject({
    vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
  }),
  absent: { exists: false },

  async read({ connection, params: { vm } }): Promise<Facts> {
    const machine = await connection.machine(vm)
    if (machine === undefined) return { exists: false }
    const why = explainOwner(machine)
    if (why !== undefined) throw new ModuleError(`${vm} is not deleted: ${why.message}`, { hint: why.hint })
    return { exists: true, power: machine.power }
  },

  diff(facts, { vm }): readonly Change[] {
    if (!facts.exists) return []
    const power: Change[] =
      facts.power === 'poweredOff' ? [] : [{ path: 'power', from: facts.power, to: 'poweredOff' }]
    return [...power, { path: 'vm', from: vm, note: 'with all its disks' }]
  },

  async apply({ connection, params: { vm }, progress }) {
    const onProgress = (done: number): void =>
      progress({ done, total: 100, unit: 'percent', text: 'deleting it' })
    await connection.powerOff(vm)
    // What is deleted is what is there now, not what was compared.
    const machine = await readMachine(connection, { vm })
    const why = explainOwner(machine)
    if (why !== undefined) throw new ModuleError(`${vm} is not deleted: ${why.message}`, { hint: why.hint })
    await connection.runTask('Destroy_Task', {
      self: machine.ref,
      args: {},
      what: `deleting ${vm}`,
      onProgress,
    })
  },

  disruptive: (changes, { vm }) => (changes.length === 0 ? undefined : `${vm} is deleted with its disks`),

  limits: ({ vm }) => [{ name: `vSphere tasks in ${vm.split('/')[1] ?? ''}`, max: 8 }],
})
