import type { InventoryRule, Issue } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { listClusters, listMembers, type PlacedCluster } from '../walk.ts'

/** A cluster balances by itself; standalone nodes do not balance, or do behind somebody else's load balancer. */
export const loadBalancing: InventoryRule<VseLevels> = {
  summary:
    'A cluster has a cluster address and a load balancer address per node; standalone nodes have neither.',
  check(estate, report) {
    for (const placed of listClusters(estate)) {
      if (placed.cluster.mode === 'cluster') checkCluster(placed, report)
      else checkStandalone(placed, report)
    }
  },
}

function checkCluster(placed: PlacedCluster, report: (issue: Issue) => void): void {
  const { cluster, path } = placed
  if (cluster.address === undefined) {
    report({
      path: `${path}.address`,
      message: `${cluster.name} has no cluster IP address`,
      rule: 'S-053',
      hint: 'add address, a free IP address of the subnet that users will connect to',
    })
  }
  if (cluster.externalLoadBalancer) {
    report({
      path: `${path}.externalLoadBalancer`,
      message: `${cluster.name} is a cluster, which balances by itself`,
      rule: 'S-003',
      hint: 'remove externalLoadBalancer (recommended), or set mode: standalone',
    })
  }
  for (const { node, path: at } of listMembers(placed)) {
    if (node.loadBalancer !== undefined) continue
    report({
      path: `${at}.loadBalancer`,
      message: `${node.name} has no load balancer IP address`,
      rule: 'S-050',
      hint: 'add loadBalancer, a free IP address of the subnet; every node of a cluster has its own',
    })
  }
}

function checkStandalone(placed: PlacedCluster, report: (issue: Issue) => void): void {
  const { cluster, path } = placed
  if (cluster.address !== undefined) {
    report({
      path: `${path}.address`,
      message: `${cluster.name} is standalone and has the cluster IP address ${cluster.address}`,
      rule: 'S-056',
      hint: 'remove address, or set mode: cluster',
    })
  }
  for (const { node, path: at } of listMembers(placed)) {
    if (node.loadBalancer === undefined) continue
    report({
      path: `${at}.loadBalancer`,
      message: `${node.name} is standalone and has the load balancer IP address ${node.loadBalancer}`,
      rule: 'S-052',
      hint: 'remove loadBalancer, or set mode: cluster',
    })
  }
}
