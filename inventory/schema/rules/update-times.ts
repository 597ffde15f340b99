import type { InventoryRule, Issue } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { listClusters, listMembers, type PlacedCluster, type PlacedNode } from '../walk.ts'

const DAY = 24 * 60
const HOUR = 60

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

/** Minutes between two times of day, the shorter way around midnight. */
export function minutesApart(one: string, other: string): number {
  const apart = Math.abs(minutesOf(one) - minutesOf(other))
  return Math.min(apart, DAY - apart)
}

/** Updates of nodes that replace each other must not meet. */
export const updateTimes: InventoryRule<VseLevels> = {
  summary:
    'Update times are set on all nodes of a cluster or on none, at least one hour apart around midnight.',
  check(estate, report) {
    for (const placed of listClusters(estate)) {
      const { mode, externalLoadBalancer } = placed.cluster
      if (mode === 'cluster') checkCluster(placed, report)
      else if (externalLoadBalancer) checkGroups(placed, report)
    }
  },
}

function checkCluster(placed: PlacedCluster, report: (issue: Issue) => void): void {
  const members = listMembers(placed)
  const timed = members.filter(({ node }) => node.updateAt !== undefined)
  if (timed.length === 0) return
  for (const { node, path } of members) {
    if (node.updateAt !== undefined) continue
    report({
      path: `${path}.updateAt`,
      message: `${node.name} has no update time, and others of ${placed.cluster.name} have one`,
      rule: 'S-143',
      hint: 'set updateAt on every node of the cluster, or on none',
    })
  }
  for (const [index, one] of timed.entries()) {
    const near = timed.slice(0, index).find((other) => apartOf(one, other) < HOUR)
    if (near !== undefined) report(tooClose(one, near))
  }
}

function apartOf(one: PlacedNode, other: PlacedNode): number {
  return minutesApart(one.node.updateAt ?? '', other.node.updateAt ?? '')
}

function tooClose(one: PlacedNode, other: PlacedNode): Issue {
  const apart = apartOf(one, other)
  return {
    path: `${one.path}.updateAt`,
    message: `${one.node.updateAt ?? ''} is ${apart === 0 ? 'also the time' : `${apart} minutes from the ${other.node.updateAt ?? ''}`} of ${other.node.name}`,
    rule: 'S-147',
    hint: 'leave at least one hour between the nodes of a cluster, also around midnight',
  }
}

/** Standalone nodes behind a load balancer update in two groups: equal times are a group. */
function checkGroups(placed: PlacedCluster, report: (issue: Issue) => void): void {
  const timed = listMembers(placed).filter(({ node }) => node.updateAt !== undefined)
  const groups = [...new Map(timed.map((member) => [member.node.updateAt, member])).values()]
  if (timed.length > 1 && groups.length === 1) {
    report({
      path: `${placed.path}.nodes`,
      message: `all nodes of ${placed.cluster.name} update at ${groups[0]?.node.updateAt ?? ''}`,
      rule: 'S-149',
      hint: 'split them into two groups, the second at least one hour after the first',
    })
  }
  for (const [index, one] of groups.entries()) {
    const near = groups.slice(0, index).find((other) => apartOf(one, other) < HOUR)
    if (near !== undefined) report({ ...tooClose(one, near), rule: 'S-149' })
  }
}
