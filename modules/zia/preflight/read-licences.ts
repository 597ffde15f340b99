import type { ZiaReader } from '#sdk'

import type { Licences } from './facts.ts'

const DAY = 86_400_000

/** Works out what was bought of Virtual Service Edges. Where two subscriptions of it are listed, the one in force counts. */
export function selectLicences(
  subscriptions: Awaited<ReturnType<ZiaReader['subscriptions']>>,
  { now, others }: { readonly now: number; readonly others: number },
): Licences {
  const listed = subscriptions.filter(({ id }) => id === 'V_SVC_EDGE')
  const bought = listed.find(({ subscribed }) => subscribed === true) ?? listed[0]
  const end = typeof bought?.endDate === 'number' && bought.endDate > 0 ? bought.endDate * 1000 : null
  return {
    subscribed: bought?.subscribed === true,
    sku: bought?.sku ?? '',
    ends: end === null ? null : new Date(end).toISOString().slice(0, 10),
    daysLeft: end === null ? null : Math.floor((end - now) / DAY),
    bought: bought?.licenses ?? 0,
    others,
  }
}
