import type { Change } from '#sdk'

import type { Facts } from './facts.ts'
import { diffLicences } from './licences.ts'
import { notePending } from './pending.ts'

/** Days before its end that a subscription is worth a word. */
const SOON = 30
/** Seconds that two clocks may differ by: a legacy sign-in is refused at two hours, a signed assertion at minutes. */
const TOLERANCE = 60

/** Everything that would stop a deployment later. */
export function diffTenant(
  facts: Facts,
  { nodes }: { readonly nodes: readonly string[] },
): readonly Change[] {
  const { unreadable, licences, api, rules, mayWrite, isReadOnly, sizes } = facts
  const changes: Change[] = unreadable.map(({ what, why }) => ({
    path: `right to read ${what}`,
    from: 'refused',
    to: 'allowed',
    note: why,
  }))
  if (licences !== null) changes.push(...diffLicences(licences, nodes.length))
  if (api === false) {
    const note = 'Administration > Subscriptions shows no API access'
    changes.push({ path: 'API subscription', from: 'none', to: 'API Access', note })
  }
  if (rules.room !== null && rules.there + rules.missing.length > rules.room) {
    changes.push({
      path: 'room for firewall filtering rules',
      from: rules.room - rules.there,
      to: rules.missing.length,
      note: `the Standard firewall has room for ${rules.room} rules, and ${rules.there} are there: remove some, or subscribe to the Advanced one`,
    })
  }
  if (isReadOnly) {
    const note = 'wait until the maintenance shown on trust.zscaler.com is over'
    changes.push({ path: 'mode of the tenant', from: 'read only', to: 'read and write', note })
  }
  if (mayWrite === false) {
    changes.push({
      path: 'right to change firewall filtering rules',
      from: 'read only',
      to: 'read and write',
      note: 'give the API’s administrator a role with full access, and organisation scope',
    })
  }
  for (const { name, size } of sizes) {
    const note =
      'every member of a cluster has the Large subscription: remove it in the Admin Portal, or ask Zscaler'
    changes.push({ path: `size of ${name}`, from: size, to: 'LARGE', note })
  }
  return changes
}

/** What is worth knowing and stops nothing, or is decided later. */
export function noteTenant({ licences, pending, aheadSeconds }: Facts): readonly string[] {
  const notes: string[] = []
  const left = licences?.daysLeft ?? Infinity
  if (left >= 0 && left < SOON)
    notes.push(`the Virtual Service Edge subscription ends on ${licences?.ends ?? ''}, in ${left} days`)
  notes.push(...notePending(pending))
  if (licences !== null && /small|medium/i.test(licences.sku)) {
    notes.push(
      `the subscription is “${licences.sku}”: every member of a cluster needs the Large one, which ZIA does not count apart`,
    )
  }
  if (aheadSeconds !== null && Math.abs(aheadSeconds) > TOLERANCE) {
    const off = `${Math.abs(Math.round(aheadSeconds))} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'}`
    notes.push(
      `the clock of ZIA is ${off} this machine’s: sign-ins are refused where they differ too much, so let this one follow a time server`,
    )
  }
  return notes
}
