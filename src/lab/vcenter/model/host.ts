import type { SeedHost } from '../../../model/lab-seed.ts'
import type { HostState } from './state.ts'

/** A host of the inventory: what the seed says about it, and what of it can change. */
export interface Host {
  readonly seed: SeedHost
  readonly state: HostState
}
