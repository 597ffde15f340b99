import {
  ModuleError,
  type ApplyContext,
  type Change,
  type ModuleContext,
  type VSphereReader,
  type VSphereWriter,
} from '#sdk'

import { selectAnswer } from './answer-question.ts'

/** A virtual machine, as it was read. */
export type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

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
  const note = 'a run that was interrupted has left it off'
  return facts.leftOff ? [{ path: 'power', from: 'off', to: 'on', note }] : []
}

/** Which machine is changed, and whether it has to come back on the host that it was on. */
export interface WhileOff {
  readonly vm: string
  readonly stays: boolean
}

/**
 * Does some work on a machine that is off. One that is on is switched off for it, which the engine has asked about, and on
 * again also where the work fails: a node that serves as before is better than none.
 */
export async function whileOff(
  context: Pick<ApplyContext<VSphereWriter, unknown, unknown>, 'connection' | 'warn' | 'recall' | 'remember'>,
  { vm, stays }: WhileOff,
  work: (machine: Machine) => Promise<void>,
): Promise<void> {
  const { connection, warn, remember } = context
  const before = await readMachine(connection, vm)
  const leftOff = isLeftOff(context, before)
  if (before.power === 'poweredOff' && !leftOff) return work(before)
  if (before.power === 'suspended') {
    throw new ModuleError(`${vm} is suspended, and can only be changed while it is off`, {
      hint: 'resume it in the vSphere client, or switch it off, and run again',
    })
  }
  // On disk before it is off: whoever comes next knows that it has to be on again.
  await remember(before.instanceUuid, LEFT_OFF)
  if (!leftOff) await connection.powerOff(vm)
  warn(`${vm} is off, to be changed`)
  const [done] = await Promise.allSettled([readMachine(connection, vm).then(work)])
  const answer: AnswerQuestion = (question) => selectAnswer(question)?.key
  const [on] = await Promise.allSettled([connection.powerOn(vm, { stays, answer })])
  // What went wrong first is the error; that the machine is off for it must not be lost.
  if (on.status === 'rejected') warn(`${vm} is still off, and was on: switch it on when it is well`)
  await remember(before.instanceUuid, '')
  if (done.status === 'rejected') throw done.reason
  if (on.status === 'rejected') throw on.reason
}

/** The virtual machine at a path. Throws where there is none. */
export async function readMachine(connection: VSphereReader, vm: string): Promise<Machine> {
  const machine = await connection.machine(vm)
  if (machine !== undefined) return machine
  throw new ModuleError(`there is no virtual machine at ${vm}`, { hint: 'deploy it first' })
}
