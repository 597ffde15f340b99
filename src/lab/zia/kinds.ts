import type { Resource } from './resource.ts'
import { cluster } from './resources/cluster.ts'
import { firewallRule } from './resources/firewall-rule.ts'
import { location } from './resources/location.ts'
import { node } from './resources/node.ts'
import { sourceGroup } from './resources/source-group.ts'
import type { Kind } from './state.ts'

/** How the objects of each kind behave. */
export const RESOURCE_OF: Readonly<Record<Kind, Resource>> = {
  virtualZenNodes: node,
  virtualZenClusters: cluster,
  locations: location,
  firewallFilteringRules: firewallRule,
  ipSourceGroups: sourceGroup,
}
