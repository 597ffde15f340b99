import type { Cluster, Estate, Node, Scope, Site } from '#sdk'

import { cluster } from './cluster.ts'
import { estate } from './estate.ts'
import { node } from './node.ts'
import { site } from './site.ts'

/** The variables of every level. */
export const levels = { estate, site, cluster, node }

/** The levels as a type. */
export type VseLevels = typeof levels

/** The whole inventory, checked. */
export type VseEstate = Estate<VseLevels>

/** A site, checked. */
export type VseSite = Site<VseLevels>

/** A cluster, checked. */
export type VseCluster = Cluster<VseLevels>

/** A node, checked. */
export type VseNode = Node<VseLevels>

/** What a step per node may look at. */
export type VseNodeScope = Scope<VseLevels, 'node'>

/** What a step per cluster may look at. */
export type VseClusterScope = Scope<VseLevels, 'cluster'>
