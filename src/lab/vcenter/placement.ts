import type { MoRef } from '../../connect/govmomi/schema/values.ts'
import { chooseNumber } from './identity.ts'
import { faults } from './model/method-fault.ts'
import type { World } from './model/world.ts'

/** What is to be placed. */
interface Placed {
  readonly name: string
  readonly pool: MoRef
  readonly host?: MoRef | undefined
}

/**
 * Chooses the host that a new machine goes to: the one asked for, or one that follows from the name alone, so that a lab
 * is the same whatever order its machines are made in. Machines that are counted (`-a`, `-b`, `01`, `02`) go to hosts in turn.
 */
export function choosePlacement(
  world: World,
  { name, pool, host }: Placed,
): { readonly pool: string; readonly host: string } {
  if (world.objects.get(pool.value)?.ref.type !== 'ResourcePool') throw faults.objectNotFound(pool)
  const { hosts } = world.inventory
  if (host !== undefined) {
    if (!hosts.some(({ state }) => state.moid === host.value)) throw faults.objectNotFound(host)
    return { pool: pool.value, host: host.value }
  }
  const usable = hosts.filter(({ state }) => !state.maintenance)
  const chosen = usable[ordinalOf(name) % usable.length]
  if (chosen === undefined) throw faults.invalidState()
  return { pool: pool.value, host: chosen.state.moid }
}

/** Which of its kind a machine is, counted from 0. */
function ordinalOf(name: string): number {
  const [, digits, letter] = /(?:(\d+)|[^a-z]([a-z]))$/i.exec(name) ?? []
  if (digits !== undefined) return Math.max(0, Number(digits.slice(-6)) - 1)
  if (letter !== undefined) return letter.toLowerCase().charCodeAt(0) - 'a'.charCodeAt(0)
  return chooseNumber(name, () => false)
}
