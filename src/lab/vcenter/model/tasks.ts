import type { Input, MoRef } from '../../../connect/govmomi/schema/values.ts'
import type { MethodFault } from './method-fault.ts'

/** What is to be done, and to what. */
export interface TaskOrder {
  readonly entity: MoRef
  readonly entityName: string
  /** `VirtualMachine.powerOn`, as tasks are described. */
  readonly description: string
  readonly userName: string
  /** Milliseconds of the lab's time that it takes. */
  readonly duration: number
  /** Others of the kind may work on it at the same time, as when a template is copied many times, or an import's disks come. */
  readonly shared?: boolean | undefined
}

/** What the work of a task gets. */
export interface TaskWork {
  /** Aborted when the task is cancelled or the server closes. */
  readonly signal: AbortSignal
  /** Says how far it is, in percent. */
  readonly report: (percent: number) => void
}

/** What a task can give. */
export type TaskResult =
  | MoRef
  | string
  | (Input<'ClusterPowerOnVmResult'> & { readonly $type: 'ClusterPowerOnVmResult' })
  | undefined

/** A task whose work somebody else does, as when a client sends the disks of an import. */
export interface OpenTask {
  readonly ref: MoRef
  /** Says how far it is, in percent. */
  report(percent: number): void
  /** Ends it, well or with a fault; for the second time, in vain. */
  end(fault?: MethodFault): void
}

/** What a server does in the background; to each virtual machine, one thing at a time. */
export interface Tasks {
  /** Starts `run`, which gives the task's result; throws `TaskInProgress` where the virtual machine is busy. */
  start(order: TaskOrder, run: (work: TaskWork) => Promise<TaskResult>): MoRef
  /** Opens one that goes on until it is ended. */
  open(order: Omit<TaskOrder, 'duration'>): OpenTask
  /** Those under way that work on an object. */
  on(entity: MoRef): readonly MoRef[]
  /** How many are under way. */
  readonly running: number
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>
}
