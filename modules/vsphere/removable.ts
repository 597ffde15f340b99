import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { explainOwner } from './owner.ts'

/** Whose each machine is that is still there. */
type Facts = {
  readonly strangers: readonly { readonly vm: string; readonly why: string; readonly hint: string }[]
}

/** Looks, before anything is removed, whether runs have made all the virtual machines that are to go. */
export const removable = defineModule({
  name: 'vsphere/removable',
  summary: 'Every virtual machine that is to be deleted was made by a run, or is gone already',
  connection: 'vsphere',
  params: z.strictObject({
    vms: z.array(z.string().min(1)).meta({ description: 'Inventory paths of the virtual machines' }),
  }),

  async read({ connection, params: { vms } }): Promise<Facts> {
    const machines = await Promise.all(vms.map((vm) => connection.machine(vm)))
    return {
      strangers: machines.flatMap((machine, index) => {
        const why = machine === undefined ? undefined : explainOwner(machine)
        return why === undefined ? [] : [{ vm: vms[index] ?? '', why: why.message, hint: why.hint }]
      }),
    }
  },

  diff: ({ strangers }): readonly Change[] =>
    strangers.map(({ vm, why, hint }) => ({ path: vm, note: `${why}: ${hint}` })),

  hint: () => 'nothing was deleted; mend each of them, and run the same command again',
})
