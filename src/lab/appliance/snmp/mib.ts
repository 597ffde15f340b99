import type { Appliance } from '../appliance.ts'
import { renderInteger, renderOctets, renderOid, TAG } from './ber.ts'
import type { Binding } from './message.ts'

const SYSTEM = [1, 3, 6, 1, 2, 1, 1]
const ENTERPRISE = [1, 3, 6, 1, 4, 1, 46262]

const text = (value: string): Buffer => renderOctets(Buffer.from(value, 'latin1'))

/** What the agent has to tell, in the order of the names. */
export function planMib(appliance: Appliance): readonly Binding[] {
  const { clock, state, hostname, uplink } = appliance
  const isStable = uplink().state === 'stable'
  const hundredths = Math.max(0, Math.floor((clock.now() - state.bootedAt) / 10)) % 2 ** 32
  return [
    { oid: [...SYSTEM, 1, 0], value: text(`FreeBSD ${hostname()} 11.4-RELEASE-p13 amd64`) },
    { oid: [...SYSTEM, 2, 0], value: renderOid(ENTERPRISE) },
    { oid: [...SYSTEM, 3, 0], value: renderInteger(hundredths, TAG.timeTicks) },
    { oid: [...SYSTEM, 5, 0], value: text(hostname()) },
    // Connection to the central authority: 3 is good, 4 is down. To the log collector: 4 is good, 7 is closed.
    { oid: [...ENTERPRISE, 9, 2, 1, 5, 0], value: renderInteger(isStable ? 3 : 4) },
    { oid: [...ENTERPRISE, 9, 2, 1, 6, 0], value: renderInteger(isStable ? 4 : 7) },
  ]
}

/** Compares names in the order of the tree. */
export function compareOids(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}
