import type { Target } from '../model/target.ts'

/** Where check mode has predicted a change, so that what follows from it cannot be known yet. */
export interface Predictions {
  add(target: Target): void
  /** Whether a predicted change may be what a step against this target looks for: one beside, above or below it. */
  mayExplain(target: Target): boolean
}

/** Makes the predictions of one run. Those for a node count for its whole cluster. */
export function createPredictions(): Predictions {
  const places = new Set<string>()
  const sitesBelow = new Set<string>()
  let isEstateChanged = false

  return {
    add({ level, cluster, site }) {
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
