import { clusterOperations } from './operations/cluster.ts'
import { hostOperations } from './operations/host.ts'
import { machineOperations } from './operations/machine.ts'
import { ovfOperations } from './operations/ovf.ts'
import { sessionOperations } from './operations/session.ts'

/** Every operation, by its name on the wire. */
export const operations = {
  ...sessionOperations,
  ...ovfOperations,
  ...machineOperations,
  ...hostOperations,
  ...clusterOperations,
} as const

/** Name of an operation. */
export type OperationName = keyof typeof operations

/** Name of an operation that changes nothing in the inventory. */
export type ReadOperation = {
  [O in OperationName]: (typeof operations)[O]['mutates'] extends false ? O : never
}[OperationName]
