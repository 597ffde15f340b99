import type { ZiaObjects, ZiaReader } from '#sdk'

type Rule = ZiaObjects['firewallFilteringRules']
type Subscriptions = Awaited<ReturnType<ZiaReader['subscriptions']>>

/** Rules that a tenant with the Standard firewall may have. */
const STANDARD_ROOM = 10

/** The rank that our rules get: the last one, behind which nobody has to stand. */
export const RANK = 7

/** How many rules of its own a tenant may have; null where no limit matters. */
export function roomOf(subscriptions: Subscriptions): number | null {
  const has = (pattern: RegExp): boolean =>
    subscriptions.some(({ id, subscribed }) => subscribed === true && pattern.test(id))
  return has(/^Z_FIREWALL_BASIC/) && !has(/^ZFW_NG/) ? STANDARD_ROOM : null
}

/** How many rules count against that: those that come with every tenant do not. */
export function countOwn(rules: readonly Rule[]): number {
  const isOwn = (rule: object): boolean =>
    !('predefined' in rule && rule.predefined === true) &&
    !('defaultRule' in rule && rule.defaultRule === true)
  return rules.filter(isOwn).length
}

/**
 * The rules that a new one cannot be put before, and the first order that is behind all of them. Nothing where the order is
 * one that it can have: ZIA sorts by rank first.
 */
export function findRanked(
  rules: readonly Rule[],
  order: number,
): { readonly names: readonly string[]; readonly least: number } | undefined {
  const ranked = rules.filter((rule) => (rule.order ?? 0) >= 1 && (rule.rank ?? RANK) < RANK)
  const least = Math.max(0, ...ranked.map((rule) => rule.order ?? 0)) + 1
  if (order >= least) return undefined
  const names = ranked.filter((rule) => (rule.order ?? 0) >= order).map(({ name }) => name)
  return { names, least }
}
