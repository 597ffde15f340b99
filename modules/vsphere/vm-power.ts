import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

/** Whether a virtual machine runs. */
type Facts =
  | { readonly exists: false }
  | { readonly exists: true; readonly power: string; readonly question: string | null }

const STATES = { on: 'poweredOn', off: 'poweredOff' } as const

/** Switches a virtual machine on, or off. */
export const vmPower = defineModule({
  name: 'vsphere/vm-power',
  summary: 'A virtual machine is on, or off',
  connection: 'vsphere',
  params: z.strictObject({
    vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
    state: z.enum(['on', 'off']).default('on').meta({ description: 'On or off' }),
  }),
  absent: { exists: false },

  async read({ connection, params }): Promise<Facts> {
    const machine = await connection.machine(params.vm)
    if (machine === undefined) return { exists: false }
    return { exists: true, power: machine.power, question: machine.question ?? null }
  },

  diff(facts, params): readonly Change[] {
    const to = STATES[params.state]
    if (!facts.exists) return params.state === 'off' ? [] : [{ path: 'power', to }]
    const power: Change[] = facts.power === to ? [] : [{ path: 'power', from: facts.power, to }]
    if (facts.question === null) return power
    return [...power, { path: 'question', from: facts.question, note: 'the machine waits for an answer' }]
  },

  async apply(context) {
    const { connection, params } = context
    const machine = await connection.machine(params.vm)
    if (machine === undefined) {
      throw new ModuleError(`there is no virtual machine at ${params.vm}`, { hint: 'deploy it first' })
    }
    if (machine.question !== undefined) {
      throw new ModuleError(`${params.vm} waits for an answer: ${machine.question}`, {
        hint: 'answer it in the vSphere client, then run again',
      })
    }
    const onProgress = (done: number): void => context.progress({ done, total: 100, unit: 'percent' })
    const self = machine.ref
    if (params.state === 'on') {
      await connection.runTask('PowerOnVM_Task', {
        self,
        args: {},
        what: `switching on ${params.vm}`,
        onProgress,
      })
    } else {
      await connection.runTask('PowerOffVM_Task', {
        self,
        args: {},
        what: `switching off ${params.vm}`,
        onProgress,
      })
    }
  },

  disruptive: (changes, params) =>
    params.state === 'off' && changes.length > 0 ? `${params.vm} is switched off` : undefined,

  limits: ({ vm }) => [{ name: `vSphere tasks in ${vm.split('/')[1] ?? ''}`, max: 8 }],
})
