import type { InventoryRule, Issue } from '#sdk'

import { isInside, parseCidr, parseIPv4, type Subnet } from '../ipv4.ts'
import type { VseLevels } from '../levels.ts'
import { networkOf } from '../settings.ts'
import { listClusters, listMembers, type PlacedCluster } from '../walk.ts'

/** One address of the plan, and the line of the checklist that ties it to the subnet. */
interface Planned {
  readonly path: string
  readonly what: string
  readonly address: string | undefined
  readonly rule: string
}

/** Management, proxy, load balancer, cluster and gateway addresses lie in one subnet, and masks agree. */
export const sameSubnet: InventoryRule<VseLevels> = {
  summary: 'Gateway, management, proxy, load balancer and cluster addresses lie in the same subnet.',
  check(estate, report) {
    for (const site of estate.sites) checkGateway(site, report)
    for (const placed of listClusters(estate)) checkClusterSubnet(placed, report)
  },
}

function outside({ path, what, address, rule }: Planned, cidr: string): Issue {
  return {
    path,
    message: `${what} ${address ?? ''} is outside the subnet ${cidr}`,
    rule,
    hint: `choose a free address of ${cidr}, or correct the subnet`,
  }
}

function checkGateway(site: PlacedCluster['site'], report: (issue: Issue) => void): void {
  const { gateway: address, subnet: cidr } = site.network
  const subnet = parseCidr(cidr)?.subnet
  if (subnet === undefined || isInside(parseIPv4(address) ?? -1, subnet)) return
  const path = `sites.${site.name}.network.gateway`
  report(outside({ path, what: 'the gateway', address, rule: 'S-103' }, cidr))
}

function checkClusterSubnet(placed: PlacedCluster, report: (issue: Issue) => void): void {
  const { cluster, path } = placed
  const { subnet: cidr, gateway } = networkOf(placed)
  const subnet = parseCidr(cidr)?.subnet
  if (subnet === undefined) return
  const own = cluster.network !== undefined
  const planned: readonly Planned[] = [
    {
      path: `${path}.network.gateway`,
      what: 'the gateway',
      address: own ? gateway : undefined,
      rule: 'S-103',
    },
    { path: `${path}.address`, what: 'the cluster IP address', address: cluster.address, rule: 'S-055' },
    ...listMembers(placed).flatMap(({ node, path: at }): Planned[] => [
      {
        path: `${at}.management`,
        what: 'the management address',
        address: node.management.split('/', 1)[0],
        rule: 'X-01',
      },
      { path: `${at}.proxy`, what: 'the proxy IP address', address: node.proxy, rule: 'S-048' },
      {
        path: `${at}.loadBalancer`,
        what: 'the load balancer IP address',
        address: node.loadBalancer,
        rule: 'S-051',
      },
    ]),
  ]
  for (const one of planned) {
    if (one.address === undefined || isInside(parseIPv4(one.address) ?? -1, subnet)) continue
    report(outside(one, cidr))
  }
  for (const { node, path: at } of listMembers(placed)) checkMask({ node, path: at, subnet }, report)
}

function checkMask(
  { node, path, subnet }: { node: PlacedCluster['cluster']['nodes'][number]; path: string; subnet: Subnet },
  report: (issue: Issue) => void,
): void {
  const own = parseCidr(node.management)
  if (own === undefined || own.subnet.prefix === subnet.prefix) return
  report({
    path: `${path}.management`,
    message: `the netmask /${own.subnet.prefix} of ${node.management} is not the subnet’s /${subnet.prefix}`,
    rule: 'X-01',
    hint: `write ${node.management.split('/', 1)[0]}/${subnet.prefix}, or leave the netmask out`,
  })
}
