import { isNic, networkNameOf } from './machine.ts'
import type { Host } from './model/host.ts'
import type { World } from './model/world.ts'
import { effectivePolicy } from './policy.ts'

/** The option that keeps a team of uplinks from bringing a machine's own multicast back to its promiscuous port. */
export const REVERSE_PATH_CHECK = 'Net.ReversePathFwdCheckPromisc'

/**
 * Remembers what the check was on the ports that are promiscuous when the option is about to change: they keep it until
 * promiscuous mode is switched off and on again, or the machines behind them are.
 */
export function keepChecks(world: World, host: Host, wanted: number): void {
  const before = Number(host.state.options[REVERSE_PATH_CHECK] ?? 0)
  if (wanted === before) return
  const kept: Record<string, number> = { ...host.state.keptChecks }
  for (const network of networksInUse(world, host)) {
    const { promiscuous } = effectivePolicy(world.inventory, { host: host.state.moid, network })
    if (promiscuous) kept[network] ??= before
    if (kept[network] === wanted) delete kept[network]
  }
  host.state.keptChecks = kept
}

/** Forgets what was kept for networks that are not promiscuous now, or that nobody uses: the option holds there. */
export function releaseChecks(world: World): void {
  for (const host of world.inventory.hosts) {
    const { keptChecks: kept, moid } = host.state
    if (kept === undefined || Object.keys(kept).length === 0) continue
    const used = networksInUse(world, host)
    const left = Object.entries(kept).filter(
      ([network]) =>
        used.has(network) && effectivePolicy(world.inventory, { host: moid, network }).promiscuous,
    )
    if (left.length === Object.keys(kept).length) continue
    host.state.keptChecks = Object.fromEntries(left)
    world.inventory.save()
  }
}

function networksInUse({ vms, inventory }: World, { state }: Host): ReadonlySet<string> {
  const running = vms.all().filter((vm) => vm.state.host === state.moid && vm.state.power === 'poweredOn')
  const cards = running.flatMap((vm) => vm.state.devices.filter(isNic))
  return new Set(cards.map((card) => networkNameOf(card, inventory)))
}
