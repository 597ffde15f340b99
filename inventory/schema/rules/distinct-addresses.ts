import type { InventoryRule, Issue } from '#sdk'

import { parseCidr, renderIPv4 } from '../ipv4.ts'
import type { VseEstate, VseLevels } from '../levels.ts'
import { networkOf, snmpOf } from '../settings.ts'
import { listClusters, listMembers, type PlacedCluster } from '../walk.ts'

/** An address that an appliance is to have. */
interface Claim {
  readonly address: string
  readonly path: string
  /** `the proxy IP address of fra-1-a` */
  readonly what: string
  /** Belongs to no interface. */
  readonly floating: boolean
}

/** What an address is already, and what to choose instead. */
interface Owner {
  readonly what: string
  readonly hint: string
}

const ELSEWHERE = 'choose an address that nothing else has'
const BETWEEN = 'choose an address between the first and the last of the subnet'

/** No address is used twice anywhere, and none is one that a subnet needs for itself. */
export const distinctAddresses: InventoryRule<VseLevels> = {
  summary:
    'All addresses of the inventory are distinct, and none is a gateway, a server, a network or a broadcast address.',
  check(estate, report) {
    const reserved = listReserved(estate)
    const taken = new Map<string, Claim>()
    for (const claim of listClusters(estate).flatMap((placed) => listClaims(placed))) {
      const owner = reserved.get(claim.address)
      if (owner !== undefined) report(clash(claim, owner))
      const other = taken.get(claim.address)
      if (other === undefined) taken.set(claim.address, claim)
      else {
        const rule = claim.floating === other.floating ? 'X-02' : 'S-054'
        report({ ...clash(claim, { what: other.what, hint: ELSEWHERE }), rule })
      }
    }
  },
}

function clash({ path, address, what }: Claim, owner: Owner): Issue {
  return {
    path,
    message: `${address} cannot be ${what}: it is already ${owner.what}`,
    rule: 'X-02',
    hint: owner.hint,
  }
}

function listClaims(placed: PlacedCluster): readonly Claim[] {
  const { cluster, path } = placed
  const claims = listMembers(placed).flatMap(({ node, path: at }) => [
    [node.management.split('/', 1)[0], `${at}.management`, `the management address of ${node.name}`] as const,
    [node.proxy, `${at}.proxy`, `the proxy IP address of ${node.name}`] as const,
    [node.loadBalancer, `${at}.loadBalancer`, `the load balancer IP address of ${node.name}`] as const,
  ])
  return [
    [cluster.address, `${path}.address`, `the cluster IP address of ${cluster.name}`] as const,
    ...claims,
  ].flatMap(([address, at, what], index) =>
    address === undefined ? [] : [{ address, path: at, what, floating: index === 0 }],
  )
}

/** Addresses that belong to something else, by what needs them most. */
function listReserved(estate: VseEstate): ReadonlyMap<string, Owner> {
  const reserved = new Map<string, Owner>()
  const reserve = (address: string, what: string, hint = ELSEWHERE): void => {
    if (!reserved.has(address)) reserved.set(address, { what, hint })
  }
  for (const { site, cluster } of listClusters(estate)) {
    const { subnet: cidr, gateway, dns, ntp = [] } = networkOf({ site, cluster })
    const subnet = parseCidr(cidr)?.subnet
    if (subnet !== undefined) {
      reserve(renderIPv4(subnet.first), `the network address of ${cidr}`, BETWEEN)
      reserve(renderIPv4(subnet.last), `the broadcast address of ${cidr}`, BETWEEN)
    }
    reserve(gateway, `the gateway of ${cidr}`)
    reserve(site.vcenter.host, `the vCenter of ${site.name}`)
    for (const address of dns) reserve(address, `a DNS server of ${site.name}`)
    for (const address of ntp) reserve(address, `an NTP server of ${site.name}`)
    const traps = snmpOf({ estate, cluster })?.traps
    if (traps !== undefined) reserve(traps.receiver, 'the SNMP trap receiver')
  }
  return reserved
}
