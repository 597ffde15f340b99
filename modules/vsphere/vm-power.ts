import { z } from 'zod'

import { defineModule, ModuleError, type Change, type VSphereWriter } from '#sdk'

import { selectAnswer, type Question } from './answer-question.ts'
import { findMachine, readMachine, type Machine } from './machine.ts'

/** Whether a virtual machine runs, and what it waits for. */
type Facts =
  | { readonly exists: false }
  | { readonly exists: true; readonly power: string; readonly question: Question | null }

const STATES = { on: 'poweredOn', off: 'poweredOff' } as const

function diffQuestion(question: Question | null): readonly Change[] {
  if (question === null) return []
  const to = selectAnswer(question)?.label
  return to === undefined
    ? [
        {
          path: 'question',
          from: question.text,
          note: 'the machine waits for an answer that only you can give',
        },
      ]
    : [{ path: 'question', from: question.text, to }]
}

/** Milliseconds that a machine is given to go on after an answer. */
const ANSWERED = 5000

async function answerNow(
  connection: VSphereWriter,
  { ref: self, question }: Machine,
  { vm, answer }: { readonly vm: string; readonly answer: (question: Question) => string | undefined },
): Promise<void> {
  if (question === undefined) return
  const answerChoice = answer(question)
  if (answerChoice === undefined) {
    const choices = question.choices.map(({ label }) => `“${label}”`).join(', ')
    throw new ModuleError(`${vm} asks: ${question.text} (${choices})`, {
      hint: 'answer it in the vSphere client, then run again',
    })
  }
  await connection.call('AnswerVM', { self, args: { questionId: question.id, answerChoice } })
}

/** Switches a virtual machine on, or off, and answers the harmless ones of its questions. */
export const vmPower = defineModule({
  name: 'vsphere/vm-power',
  summary: 'A virtual machine is on, or off, and waits for no answer',
  connection: 'vsphere',
  params: z.strictObject({
    vm: z.string().min(1).meta({ description: 'Inventory path of the virtual machine' }),
    state: z.enum(['on', 'off']).default('on').meta({ description: 'On or off' }),
    stays: z.boolean().default(false).meta({
      description:
        'It is switched on on the host it is on; a cluster that balances itself chooses one otherwise',
    }),
    networks: z.array(z.string().min(1)).default([]).meta({
      description:
        'Networks of its adapters in their order: one that no run has made is refused where it has others',
    }),
  }),
  absent: { exists: false },

  async read({ connection, params }): Promise<Facts> {
    const machine = await findMachine(connection, params)
    if (machine === undefined) return { exists: false }
    return { exists: true, power: machine.power, question: machine.question ?? null }
  },

  diff(facts, params): readonly Change[] {
    const to = STATES[params.state]
    if (!facts.exists) return params.state === 'off' ? [] : [{ path: 'power', to }]
    const power: Change[] = facts.power === to ? [] : [{ path: 'power', from: facts.power, to }]
    return [...power, ...diffQuestion(facts.question)]
  },

  async apply(context) {
    const { connection, params, clock, signal, warn } = context
    const { vm, state, stays } = params
    const answer = (asked: Question): string | undefined => {
      const choice = selectAnswer(asked)
      if (choice !== undefined) warn(`${vm} asked: ${asked.text} It was told “${choice.label}”`)
      return choice?.key
    }
    let machine = await readMachine(connection, params)
    if (machine.question !== undefined) {
      await answerNow(connection, machine, { vm, answer })
      // Whatever waited for the answer goes on now, and may be what is wanted here.
      await clock.sleep(ANSWERED, { signal })
      machine = await readMachine(connection, params)
    }
    if (machine.power === STATES[state]) return
    const onProgress = (done: number): void => context.progress({ done, total: 100, unit: 'percent' })
    if (state === 'on') await connection.powerOn(vm, { stays, answer, onProgress })
    else await connection.powerOff(vm, { onProgress })
  },

  disruptive: (changes, params) =>
    params.state === 'off' && changes.length > 0 ? `${params.vm} is switched off` : undefined,

  limits: ({ vm }) => [{ name: `vSphere tasks in ${vm.split('/')[1] ?? ''}`, max: 8 }],
})
