import type { Scope } from './inventory.ts'
import type { Level } from './level.ts'

/** One thing at one level that a step runs against. Names are unique over the whole inventory. */
export interface Target {
  readonly name: string
  readonly level: Level
  readonly scope: Scope
  /** The cluster it belongs to, or is; its failure domain. */
  readonly cluster: string | undefined
  readonly site: string | undefined
}
