import {
  CommandError,
  ConnectError,
  ModuleError,
  RunbookError,
  type ApplyContext,
  type Change,
  type ModuleContext,
  type VSphereReader,
  type VSphereWriter,
} from '#sdk'

import { selectAnswer } from './answer-question.ts'
import { giveBack } from './give-back.ts'
import { demandStillOff, readMachine, type Machine, type Meant } from './machine.ts'
import { outlast } from './outlast.ts'

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

/** What facts say of a machine that may be switched off for a change. */
type Seen =
  | { readonly exists: false }
  | { readonly exists: true; readonly power: string; readonly instanceUuid: string }

/** One that runs is not left off any more, whoever has switched it on; when it is off again, that is somebody’s will. */
export function refuteLeftOff(facts: Seen): readonly string[] {
  return facts.exists && facts.power === 'poweredOn' ? [facts.instanceUuid] : []
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
  'connection' | 'facts' | 'signal' | 'clock' | 'warn' | 'recall' | 'remember'
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
  // One that ran when that was asked about is to run again, also where it went off by itself: its guest may have been shutting
  // down for a run that was killed.
  const { facts } = context
  const wasOn = facts.exists && facts.power === 'poweredOn'
  if (before.power === 'poweredOff' && !wasOn && !isLeftOff(context, before)) return work(before)
  if (before.power === 'suspended') {
    throw new ModuleError(`${vm} is suspended, and can only be changed while it is off`, {
      hint: 'resume it in the vSphere client, or switch it off, and run again',
    })
  }
  // On disk before it is off: whoever comes next knows that it has to be on again.
  await remember(before.instanceUuid, LEFT_OFF)
  const change = async (): Promise<void> => {
    signal.throwIfAborted()
    // A guest that shuts down cannot be told to stay: whoever stops the step, or loses sight of it, waits until it is off, and
    // then on again.
    await outlast(context, `${vm} cannot be switched off`, () => connection.late().powerOff(vm))
    warn(`${vm} is off, to be changed`)
    await work(await readMachine(connection, target))
  }
  const [done] = await Promise.allSettled([change()])
  const [on] = await Promise.allSettled([switchOn(context, before, target)])
  // What went wrong first is the error; that the machine is off for it has been said.
  if (done.status === 'rejected') throw done.reason
  if (on.status === 'rejected') throw on.reason
}

const isSeenOn = (connection: VSphereReader, vm: string): Promise<boolean> =>
  connection.machine(vm).then(
    (machine) => machine?.power === 'poweredOn',
    () => false,
  )

/** Switches it on with what it has now, or else with what it had before; it is forgotten that it was off only then. */
async function switchOn(context: Context, before: Machine, { vm, stays }: WhileOff): Promise<void> {
  const { connection, warn, remember } = context
  const answer: AnswerQuestion = (question) => selectAnswer(question)?.key
  // Each try has its own time: what is left of the first one's may be too little for a second.
  const order = async (): Promise<void> => {
    try {
      await connection.late().powerOn(vm, { stays, answer })
    } catch (error) {
      // A server that restarts forgets the task, and not the order.
      const isOn = error instanceof CommandError && (await isSeenOn(connection.late(), vm))
      if (!isOn) throw error
    }
  }
  const on = async (): Promise<void> => {
    await outlast(context, `${vm} cannot be switched on`, order)
    await remember(before.instanceUuid, '')
  }
  try {
    await on()
  } catch (cause) {
    const retry = async (): Promise<boolean> => {
      const isOther = await giveBack(connection.late(), before, vm)
      if (isOther) await on()
      return isOther
    }
    if (!(await retry().catch(() => false))) {
      const isUnseen = cause instanceof ConnectError
      warn(
        `${vm} ${isUnseen ? 'may be' : 'is still'} off, and was on: run again when what hinders it is mended, or switch it on by hand`,
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
