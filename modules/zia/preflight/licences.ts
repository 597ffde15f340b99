import type { Change, ZiaReader } from '#sdk'

const DAY = 86_400_000

/** What was bought of Virtual Service Edges. */
export type Licences = {
  readonly subscribed: boolean
  readonly sku: string
  /** ISO date; null where the subscription has no end. */
  readonly ends: string | null
  readonly daysLeft: number | null
  readonly bought: number
  /** Instances that exist and are not among the wanted ones. */
  readonly others: number
}

/**
 * Works out what was bought of Virtual Service Edges. Where several subscriptions of it are listed, those in force count together,
 * to the end of the first of them; where none is, the one that ended last.
 */
export function selectLicences(
  subscriptions: Awaited<ReturnType<ZiaReader['subscriptions']>>,
  { now, others }: { readonly now: number; readonly others: number },
): Licences {
  const listed = subscriptions
    .filter(({ id }) => id === 'V_SVC_EDGE')
    .filter(({ subscribed }) => subscribed === true)
    .map(({ endDate, ...rest }) => ({ ...rest, end: endDate && endDate > 0 ? endDate * 1000 : Infinity }))
    .toSorted((one, other) => one.end - other.end)
  const inForce = listed.filter(({ end }) => end >= now)
  const counted = inForce.length > 0 ? inForce : listed.slice(-1)
  const end = counted[0]?.end ?? Infinity
  return {
    subscribed: counted.length > 0,
    sku: counted.flatMap(({ sku }) => sku || []).join(', '),
    ends: end === Infinity ? null : new Date(end).toISOString().slice(0, 10),
    daysLeft: end === Infinity ? null : Math.floor((end - now) / DAY),
    bought: counted.reduce((sum, { licenses }) => sum + (licenses ?? 0), 0),
    others,
  }
}

/** What is missing of the licences, where so many instances are wanted. */
export function diffLicences(licences: Licences, nodes: number): readonly Change[] {
  const { subscribed, ends, daysLeft, bought, others } = licences
  if (!subscribed) {
    const note = 'look at Administration > Subscriptions, or ask Zscaler for the subscription'
    return [{ path: 'subscription', from: 'none', to: 'Virtual Service Edge', note }]
  }
  const needed = others + nodes
  return [
    ...(daysLeft !== null && daysLeft < 0
      ? [
          {
            path: 'subscription end',
            from: ends,
            to: 'in the future',
            note: 'the Virtual Service Edge subscription is over',
          },
        ]
      : []),
    ...(needed > bought
      ? [
          {
            path: 'licences',
            from: bought,
            to: needed,
            note: `${nodes} for this inventory and ${others} in use by other instances`,
          },
        ]
      : []),
  ]
}
