import {
  ModuleError,
  RunbookError,
  type ApplyContext,
  type Change,
  type ModuleContext,
  type VSphereWriter,
} from '#sdk'

import { selectAnswer } from './answer-question.ts'
import { giveBack } from './give-back.ts'
import { demandStillOff, readMachine, type Machine, type Meant } from './machine.ts'

/** What a restart would mean for whoever uses the machine: a clause, or nothing where it is off anyhow. */
export function describeRestart(
  vm: string,
  facts: { readonly power: string; readonly hasTools: boolean },
): string | undefined {
  if (facts.power === 'poweredOff') return undefined
  const how = facts.hasTools ? 'shut down' : 'switched off hard, because its guest has no VMware Tools,'
  return `${vm} is ${how} and switched on again`
}

type AnswerQuestion = Parameters<VSphereWriter['powerOn']>[1]['answer']

const LEFT_OFF = 'switched off for a change'

/** Whether a change that was begun from here and never ended, as by a run that was killed, has left the machine off. */
export function isLeftOff(
  { recall }: Pick<ModuleContext<unknown, unknown>, 'recall'>,
  { power, instanceUuid }: Machine,
): boolean {
  return power === 'poweredOff' && recall(instanceUuid) === LEFT_OFF
}

/** What differs in a machine that was left off. */
export function planSwitchOn(facts: { readonly leftOff: boolean }): readonly Change[] {
  const note = 'a run that was interrupted, or could not switch it on again, has left it off'
  return facts.leftOff ? [{ path: 'power', from: 'off', to: 'on', note }] : []
}

/** Which machine is changed, and whether it has to come back on the host that it was on. */
export interface WhileOff extends Meant {
  readonly stays: boolean
}

type Context = Pick<
  ApplyContext<
    VSphereWriter,
    unknown,
    { readonly exists: false } | { readonly exists: true; readonly power: string }
  >,
  'connection' | 'facts' | 'signal' | 'warn' | 'recall' | 'remember'
>

/**
 * Does some work on a machine that is off. One that is on is switched off for it, which the engine has asked about, and on
 * again also where the work fails or is stopped: a node that serves as before is better than none.
 */
export async function whileOff(
  context: Context,
  target: WhileOff,
  work: (machine: Machine) => Promise<void>,
): Promise<void> {
  const { connection, signal, warn, remember } = context
  const { vm } = target
  const before = await readMachine(connection, target)
  demandStillOff(context.facts, before)
  const leftOff = isLeftOff(context, before)
  if (before.power === 'poweredOff' && !leftOff) return work(before)
  if (before.power === 'suspended') {
    throw new ModuleError(`${vm} is suspended, and can only be changed while it is off`, {
      hint: 'resume it in the vSphere client, or switch it off, and run again',
    })
  }
  // On disk before it is off: whoever comes next knows that it has to be on again.
  await remember(before.instanceUuid, LEFT_OFF)
  const change = async (): Promise<void> => {
    signal.throwIfAborted()
    // A guest that shuts down cannot be told to stay: whoever stops the step waits until it is off, and then on again.
    if (!leftOff) await connection.late().powerOff(vm)
    warn(`${vm} is off, to be changed`)
    await work(await readMachine(connection, target))
  }
  const [done] = await Promise.allSettled([change()])
  const [on] = await Promise.allSettled([switchOn(context, before, target)])
  // What went wrong first is the error; that the machine is off for it has been said.
  if (done.status === 'rejected') throw done.reason
  if (on.status === 'rejected') throw on.reason
}

/** Switches it on with what it has now, or else with what it had before; it is forgotten that it was off only then. */
async function switchOn(
  { connection, warn, remember }: Context,
  before: Machine,
  { vm, stays }: WhileOff,
): Promise<void> {
  const answer: AnswerQuestion = (question) => selectAnswer(question)?.key
  // Each has its own time: what is left of the first one's may be too little for a second.
  const on = async (through: VSphereWriter): Promise<void> => {
    await through.powerOn(vm, { stays, answer })
    await remember(before.instanceUuid, '')
  }
  try {
    await on(connection.late())
  } catch (cause) {
    const retry = async (): Promise<boolean> => {
      const late = connection.late()
      const isOther = await giveBack(late, before, vm)
      if (isOther) await on(late)
      return isOther
    }
    if (!(await retry().catch(() => false))) {
      warn(
        `${vm} is still off, and was on: run again when what hinders it is mended, or switch it on by hand`,
      )
      throw cause
    }
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint = cause instanceof RunbookError ? cause.hint : undefined
    throw new ModuleError(
      `${vm} could not be switched on with its new hardware, and runs with what it had before: ${why}`,
      { hint: hint ?? 'change what it is to have in the inventory', cause },
    )
  }
}
