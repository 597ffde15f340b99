import { chooseHost } from './govmomi/object/choose-host.ts'
import type { NamedNetwork } from './govmomi/object/clone.ts'
import { readPlace, type Place } from './govmomi/object/place.ts'
import type { Session } from './govmomi/session.ts'
import type { Ground } from './vsphere-ground.ts'
import { findNetworks } from './vsphere-networks.ts'
import type { OvaImport } from './vsphere.ts'

/** A machine on its way to its place. */
export interface Arrival {
  readonly wanted: OvaImport
  readonly place: Place
  readonly networks: readonly NamedNetwork[]
}

const arrivals = new WeakMap<Session, Map<string, string>>()

// A server that does not choose a host wants to be told one, for an import as for a clone. The nodes of a cluster may be made at
// the same time: each knows of the hosts that were chosen for the others.
async function settle(
  { session, properties }: Ground,
  place: Place,
  { wanted: { name, apart = [] }, networks }: Pick<Arrival, 'wanted' | 'networks'>,
): Promise<Place> {
  if (!place.wantsHost) return place
  const arriving = arrivals.get(session) ?? new Map<string, string>()
  arrivals.set(session, arriving)
  const needs = {
    compute: place.compute,
    name,
    datastores: [place.datastore],
    networks: networks.map(({ ref }) => ref),
    apart,
    arriving,
  }
  return { ...place, host: await chooseHost(properties, needs) }
}

/** Finds the place of a machine, and its networks, by name; chooses a host where the server does not. */
export async function arrive(ground: Ground, wanted: OvaImport): Promise<Arrival> {
  const place = await readPlace(ground, wanted.placement)
  const networks = findNetworks(place, wanted.networks, wanted)
  return { wanted, place: await settle(ground, place, { wanted, networks }), networks }
}
