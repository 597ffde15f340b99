import { ModuleError, type ModuleContext, type VSphereReader, type VSphereWriter } from '#sdk'

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
  { connection, warn }: Pick<ModuleContext<VSphereWriter, unknown>, 'connection' | 'warn'>,
  { vm, stays }: WhileOff,
  work: (machine: Machine) => Promise<void>,
): Promise<void> {
  const before = await readMachine(connection, vm)
  if (before.power === 'poweredOff') return work(before)
  if (before.power === 'suspended') {
    throw new ModuleError(`${vm} is suspended, and can only be changed while it is off`, {
      hint: 'resume it in the vSphere client, or switch it off, and run again',
    })
  }
  await connection.powerOff(vm)
  warn(`${vm} is off, to be changed`)
  const [done] = await Promise.allSettled([readMachine(connection, vm).then(work)])
  await connection.powerOn(vm, { stays, answer: (question) => selectAnswer(question)?.key })
  if (done.status === 'rejected') throw done.reason
}

/** The virtual machine at a path. Throws where there is none. */
export async function readMachine(connection: VSphereReader, vm: string): Promise<Machine> {
  const machine = await connection.machine(vm)
  if (machine !== undefined) return machine
  throw new ModuleError(`there is no virtual machine at ${vm}`, { hint: 'deploy it first' })
}
