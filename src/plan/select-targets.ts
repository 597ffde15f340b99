import type { Estate } from '../model/inventory.ts'
import type { Target } from '../model/target.ts'
import { matchPattern } from './match-pattern.ts'

/** A limit, and what it can pick from. */
export interface Limited {
  readonly estate: Estate
  readonly limit: string | undefined
  /** What stands in the files that the limit names by `@file`. */
  readonly files?: ReadonlyMap<string, string> | undefined
}

/**
 * The targets that a run may touch. A limit picks nodes; a cluster or a site is in when all its nodes are, so that a
 * limit to one node leaves what its cluster shares alone. The estate is always in.
 */
export function selectTargets(all: readonly Target[], { estate, limit, files }: Limited): readonly Target[] {
  if (limit === undefined) return all
  const nodesOf = new Map<string, readonly string[]>()
  for (const site of estate.sites) {
    const inSite = site.clusters.flatMap((cluster) => {
      const names = cluster.nodes.map(({ name }) => name)
      nodesOf.set(cluster.name, names)
      return names
    })
    nodesOf.set(site.name, inSite)
  }
  const groups = [...nodesOf].map(([name, members]) => ({ name, members }))
  const nodes = all.filter(({ level }) => level === 'node').map(({ name }) => name)
  const picked = new Set(matchPattern(limit, { nodes, groups, ...(files === undefined ? {} : { files }) }))
  return all.filter(({ name, level }) =>
    level === 'estate'
      ? true
      : level === 'node'
        ? picked.has(name)
        : (nodesOf.get(name) ?? []).every((n) => picked.has(n)),
  )
}
