import type { ConnectionKind } from '../model/module.ts'
import type { Target } from '../model/target.ts'

/** Where check mode has predicted a change, so that what follows from it cannot be known yet. */
export interface Predictions {
  /** `connection`: what the change goes over, where that is known. */
  add(target: Target, connection?: ConnectionKind): void
  /** Whether a change over this kind of connection was predicted anywhere. */
  hasOver(connection: ConnectionKind): boolean
  /** Whether a predicted change may be what a step against this target looks for: one beside, above or below it. */
  mayExplain(target: Target): boolean
}

/** Makes the predictions of one run. Those for a node count for its whole cluster. */
export function createPredictions(): Predictions {
  const places = new Set<string>()
  const connections = new Set<ConnectionKind>()
  const sitesBelow = new Set<string>()
  let isEstateChanged = false

  return {
    hasOver: (connection) => connections.has(connection),
    add({ level, cluster, site }, connection) {
      if (connection !== undefined) connections.add(connection)
      if (level === 'estate') isEstateChanged = true
      if (site !== undefined) sitesBelow.add(site)
      const place = cluster ?? site
      if (place !== undefined) places.add(place)
    },
    mayExplain({ level, cluster, site }) {
      if (isEstateChanged) return true
      if (level === 'estate') return sitesBelow.size > 0
      if (level === 'site') return site !== undefined && sitesBelow.has(site)
      return [cluster, site].some((name) => name !== undefined && places.has(name))
    },
  }
}
