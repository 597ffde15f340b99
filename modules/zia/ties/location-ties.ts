import type { Change } from '#sdk'

import type { Edges, Reference } from './objects.ts'

/** A location to be removed. */
interface Location {
  readonly name: string
  /** The clusters of the inventory that may be bound to it. */
  readonly clusters: readonly string[]
  /** The standalone instances of the inventory that may be bound to it. */
  readonly instances: readonly string[]
}

/** What hangs on a location beside our own clusters and instances, so that it cannot be removed; nothing where it is gone. */
export function findLocationTies(
  { locations, virtualZenClusters, virtualZenNodes }: Edges,
  { name, clusters, instances }: Location,
): readonly Change[] {
  const found = locations.find((one) => one.name === name)
  if (found === undefined) return []
  const fields = new Map<string, unknown>(Object.entries(found))
  const ties: readonly (readonly [string, readonly unknown[]])[] = [
    [
      'Service Edge clusters',
      foreign(found.virtualZenClusters, { objects: virtualZenClusters, ours: clusters }),
    ],
    ['Service Edges', foreign(found.virtualZens, { objects: virtualZenNodes, ours: instances })],
    ['static IP addresses', listOrNothing(fields.get('ipAddresses'))],
    ['VPN credentials', listOrNothing(fields.get('vpnCredentials'))],
    ['proxy ports', listOrNothing(fields.get('ports'))],
    ['static location groups', listOrNothing(fields.get('staticLocationGroups'))],
    ['sublocations', Array.from({ length: Number(fields.get('childCount') ?? 0) })],
  ]
  return ties
    .filter(([, entries]) => entries.length > 0)
    .map(([what, entries]) => ({
      path: `location ${name} › ${what}`,
      from: entries.every((entry) => typeof entry === 'string') ? entries : `${entries.length} of them`,
      note: 'others use the location: leave out --tags location to keep it',
    }))
}

interface Known {
  readonly objects: readonly { readonly id: number; readonly name: string }[]
  readonly ours: readonly string[]
}

/** The names of those that are referred to and are not ours. */
function foreign(
  references: readonly Reference[] | null | undefined,
  { objects, ours }: Known,
): readonly string[] {
  return (references ?? [])
    .map(({ id }) => objects.find((one) => one.id === id)?.name ?? `id ${id}`)
    .filter((name) => !ours.includes(name))
}

const listOrNothing = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
