import type { SeedTenant } from '../../model/lab-seed.ts'
import type { Body } from './shape.ts'

const SECOND = 1000
const DAY = 24 * 3600
const YEAR = 365 * DAY

/** What a tenant says of its organisation. */
export function describeOrganisation({ organisation, cloud }: SeedTenant): Body {
  const { id, name, domain } = organisation ?? { id: 24_100_000, name: 'Lab', domain: 'lab.example' }
  return {
    orgId: id,
    name,
    cloudName: `${cloud}.net`,
    domains: [domain],
    language: 'EN',
    timezone: 'GERMANY_EUROPE_BERLIN',
    orgDisabled: false,
  }
}

/** The end user subscription agreement, accepted or not. */
export const describeEusa = (accepted: boolean): Body => ({
  id: 3183,
  version: { id: 7, name: 'SLA' },
  acceptedStatus: accepted,
})

/** What a tenant has bought, in the recorded form; `isOver` tells of the Service Edges alone. */
export function planSubscriptions(
  { licences, firewall }: SeedTenant,
  { now, isOver }: { readonly now: number; readonly isOver: boolean },
): readonly Body[] {
  const second = Math.floor(now / SECOND)
  const entry = (id: string, sku: string, licenses: number): Body => ({
    id,
    status: 'SUBSCRIBED',
    licenses,
    startDate: second - YEAR,
    strStartDate: text(second - YEAR),
    ...until(second + YEAR),
    sku,
    updatedAtTimestamp: second - YEAR,
    subscribed: true,
  })
  const isStandard = firewall === 'standard'
  return [
    entry('Z_API', 'API Access', 1),
    isStandard
      ? entry('Z_FIREWALL_BASIC', 'Standard Cloud Firewall', 1000)
      : entry('ZFW_NG_WITH_LOG', 'Advanced Cloud Firewall', 1000),
    ...(licences > 0
      ? [
          {
            ...entry('V_SVC_EDGE', 'Virtual Service Edge', licences),
            ...until(isOver ? second - DAY : second + YEAR),
          },
        ]
      : []),
  ]
}

const until = (second: number): Body => ({ endDate: second, strEndDate: text(second) })

/** A day as subscriptions write it: `07/10/2029`. */
function text(second: number): string {
  const [year, month, day] = new Date(second * SECOND).toISOString().slice(0, 10).split('-')
  return `${month}/${day}/${year}`
}
