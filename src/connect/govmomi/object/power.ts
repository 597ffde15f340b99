import { VimError, isFault } from '../error.ts'
import type { PropertyReader } from '../property.ts'
import type { MoRef } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { toFaultError, waitForTask } from '../task.ts'
import type { Watcher } from '../watch.ts'
import { isBalanced } from './choose-host.ts'
import { narrow } from './device.ts'
import type { Machine } from './machine.ts'
import { answerQuestions, type AnswerQuestion } from './question.ts'

/** What switching machines on and off needs. */
export interface PowerSwitch {
  readonly session: Session
  readonly watcher: Watcher
  readonly properties: PropertyReader
  readonly signal: AbortSignal
}

/** How a machine is switched on. */
export interface PowerOn {
  readonly answer: AnswerQuestion
  /** The datacenter, where the server may choose a host and move others out of the way. */
  readonly datacenter?: MoRef | undefined
  /** The host to go to, where the server does not choose one; the one that the machine is on where absent. */
  readonly host?: MoRef | undefined
  readonly onProgress?: ((percent: number) => void) | undefined
}

/** Milliseconds that a machine is given to be on or off once the server has taken the order. */
const PATIENCE = 5 * 60_000

/** Waits until a machine is on or off. False where that has not happened in time. */
async function waitForPower(
  { session, watcher, signal }: PowerSwitch,
  machine: MoRef,
  state: Machine['power'],
): Promise<boolean> {
  const done = new AbortController()
  const living = AbortSignal.any([signal, done.signal])
  const watching = watcher
    .watch({
      type: 'VirtualMachine',
      ref: machine,
      paths: ['runtime.powerState'],
      signal: living,
      until: (seen) => seen.get('runtime.powerState') === state,
    })
    .then(() => true)
  const waiting = session.sleep(PATIENCE, { signal: living }).then(() => false)
  try {
    return await Promise.race([watching, waiting])
  } finally {
    done.abort()
    await Promise.allSettled([watching, waiting])
  }
}

/** Whether a compute resource chooses the hosts of its machines by itself. */
export async function choosesHosts(properties: PropertyReader, compute: MoRef): Promise<boolean> {
  if (compute.type !== 'ClusterComputeResource') return false
  const { configurationEx } = await properties.get('ClusterComputeResource', compute, ['configurationEx'])
  return isBalanced(configurationEx)
}

// The datacenter's order is what a cluster that balances itself wants. What it leaves undone, the machine is asked for.
async function switchOn(
  power: PowerSwitch,
  { ref, name }: Machine,
  { datacenter, host, onProgress }: PowerOn,
): Promise<void> {
  const { session, signal } = power
  const wait = { signal, what: `switching on ${name}`, onProgress }
  if (datacenter !== undefined) {
    const task = await session.call('PowerOnMultiVM_Task', { self: datacenter, args: { vm: [ref] }, signal })
    const result = (await waitForTask(power, task, wait)) as { readonly $type: string } | undefined
    const { attempted = [], notAttempted = [] } = narrow(result, 'ClusterPowerOnVmResult') ?? {}
    const refused = notAttempted.find(({ vm }) => vm.value === ref.value)
    if (refused !== undefined) throw toFaultError(refused.fault, wait.what)
    const begun = attempted.find(({ vm }) => vm.value === ref.value)
    if (begun?.task !== undefined) await waitForTask(power, begun.task, wait)
    if (begun !== undefined) {
      if (await waitForPower(power, ref, 'poweredOn')) return
      throw new VimError('stalled', `${name} was to be switched on by its cluster, and is not on`, {
        hint: 'look at the recommendations of the cluster in the vSphere client',
      })
    }
  }
  const task = await session.call('PowerOnVM_Task', { self: ref, args: { host }, signal })
  await waitForTask(power, task, wait)
}

const existingState = ({ fault }: VimError): unknown =>
  (fault?.detail as { readonly existingState?: unknown } | undefined)?.existingState

/** Switches a machine on, and answers what it asks meanwhile. A question without an answer cancels it, and is the error. */
export async function powerOn(power: PowerSwitch, machine: Machine, options: PowerOn): Promise<void> {
  const { session: caller, watcher, signal } = power
  const { ref, name } = machine
  const over = new AbortController()
  const living = AbortSignal.any([signal, over.signal])
  const { answer } = options
  const answering = answerQuestions({ caller, watcher }, { machine: ref, name, answer, signal: living })
  const switching = switchOn({ ...power, signal: living }, machine, options)
  try {
    await Promise.race([switching, answering])
  } catch (error) {
    // Somebody else was faster, or an order of ours whose answer was lost.
    if (!isFault(error, 'InvalidPowerState') || existingState(error) !== 'poweredOn') throw error
  } finally {
    over.abort()
    await Promise.allSettled([switching, answering])
  }
}

/**
 * Switches a machine off: by its guest where that listens to the hypervisor and does as it is told, and without it
 * otherwise. One that is off already is left alone.
 */
export async function powerOff(
  power: PowerSwitch,
  { ref, name, power: state, hasTools }: Machine,
  { onProgress }: Pick<PowerOn, 'onProgress'> = {},
): Promise<void> {
  const { session, signal } = power
  if (state === 'poweredOff') return
  if (state === 'poweredOn' && hasTools) {
    try {
      await session.call('ShutdownGuest', { self: ref, args: {}, signal })
      if (await waitForPower(power, ref, 'poweredOff')) return
    } catch (error) {
      if (!isFault(error, 'ToolsUnavailable')) throw error
    }
  }
  const task = await session.call('PowerOffVM_Task', { self: ref, args: {}, signal })
  await waitForTask(power, task, { signal, what: `switching off ${name}`, onProgress })
}
