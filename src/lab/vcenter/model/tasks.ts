import type { MoRef } from '../../../connect/govmomi/schema/values.ts'

/** What is to be done, and to what. */
export interface TaskOrder {
  readonly entity: MoRef
  readonly entityName: string
  /** `VirtualMachine.powerOn`, as tasks are described. */
  readonly description: string
  readonly userName: string
  /** Milliseconds of the lab's time that it takes. */
  readonly duration: number
}

/** What a server does in the background; to each virtual machine, one thing at a time. */
export interface Tasks {
  /** Starts `run`, which gives the task's result; throws `TaskInProgress` where the virtual machine is busy. */
  start(order: TaskOrder, run: () => Promise<MoRef | string | undefined>): MoRef
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>
}
