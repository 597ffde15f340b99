import type { World } from './model/world.ts'

/** What clients of a server have open, and what is under way for them. */
export interface Holdings {
  readonly sessions: number
  /** Property collectors beside the one that every session has. */
  readonly collectors: number
  readonly filters: number
  readonly views: number
  readonly leases: number
  readonly tasks: number
  /** Machines whose import was begun and not completed. */
  readonly importing: number
  /** Screenshots and the like on the datastores. */
  readonly files: number
}

/** Counts what clients have open. */
export function countHoldings({ sessions, leases, tasks, vms, files }: World): Holdings {
  const belongings = sessions.belongings()
  const count = (type: string): number => belongings.filter(({ ref }) => ref.type === type).length
  return {
    sessions: sessions.size,
    collectors: count('PropertyCollector') - sessions.size,
    filters: count('PropertyFilter'),
    views: count('ContainerView'),
    leases: leases.size,
    tasks: tasks.running,
    importing: vms.all().filter(({ state }) => state.importing).length,
    files: files.size,
  }
}
