import { ModuleError } from '../model/error.ts'
import { isFault } from './govmomi/error.ts'
import { chooseHost } from './govmomi/object/choose-host.ts'
import { cloneMachine, type NamedNetwork } from './govmomi/object/clone.ts'
import { readPlace, type Place } from './govmomi/object/place.ts'
import { importOva } from './govmomi/ovf/import.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import type { Session } from './govmomi/session.ts'
import { readImageHash } from './image-hash.ts'
import { IMAGE_MARK } from './import-mark.ts'
import { isUrl, openImage } from './open-image.ts'
import type { Ground } from './vsphere-ground.ts'
import { findNetworks, mapNetworks } from './vsphere-networks.ts'
import { removeRests } from './vsphere-rests.ts'
import { forgetTemplate, takeTemplate, type TemplateOrder } from './vsphere-template.ts'
import type { OvaImport } from './vsphere.ts'

/** A machine on its way to its place. */
interface Arrival {
  readonly wanted: OvaImport
  readonly place: Place
  readonly networks: readonly NamedNetwork[]
}

/** Under which name, and with which notes, an image is imported. */
interface Label {
  readonly name: string
  readonly annotation: string
  readonly settings: Readonly<Record<string, string>>
  readonly onProgress: OvaImport['onProgress']
}

async function send(ground: Ground, { wanted, place, networks }: Arrival, label: Label): Promise<MoRef> {
  const { session, watcher, signal } = ground
  const ova = await openImage(session, wanted, signal)
  try {
    return await importOva(
      { session, watcher },
      {
        ova,
        name: label.name,
        placement: place,
        networks: mapNetworks(ova.descriptor, networks),
        thin: wanted.thin,
        patch: { annotation: label.annotation, extraConfig: label.settings },
        signal,
        onProgress: (done, total) =>
          label.onProgress({ done, total, unit: 'bytes', text: 'uploading the image' }),
        onWarning: wanted.onWarning,
      },
    )
  } finally {
    await ova.close()
  }
}

async function readHash({ signal }: Ground, { image, sha256, onProgress }: OvaImport): Promise<string> {
  const expected = sha256?.toLowerCase()
  if (isUrl(image) && expected !== undefined) return expected
  const found = await readImageHash(image, {
    signal,
    onBytes: (done, total) => onProgress({ done, total, unit: 'bytes', text: 'reading the image' }),
  })
  if (expected === undefined || expected === found) return found
  throw new ModuleError(`${image} has the SHA-256 ${found}, not ${expected}`, {
    hint: 'it is another image than the one that was wanted; download that again',
  })
}

async function copy(ground: Ground, arrival: Arrival, sha256: string): Promise<MoRef> {
  const { wanted, place, networks } = arrival
  const { datastore, folder, resourcePool, host } = place
  const { image, name, annotation, settings, thin, onProgress } = wanted
  const order: TemplateOrder = {
    datastore,
    datastoreName: wanted.placement.datastore,
    sha256,
    thin,
    onProgress,
    make: (label, marks, tell) =>
      send(ground, arrival, {
        name: label,
        annotation: `Image ${image.replace(/^.*[\\/]/, '')} with SHA-256 ${sha256}, kept by runbook: virtual machines are cloned from it. It is made again when it is missing.`,
        settings: marks,
        onProgress: tell,
      }),
  }
  const clone = async (): Promise<MoRef> =>
    cloneMachine(ground, {
      source: await takeTemplate(ground, order),
      name,
      folder,
      resourcePool,
      datastore,
      host,
      networks,
      annotation,
      settings: { ...settings, [IMAGE_MARK]: sha256 },
      signal: ground.signal,
      onProgress: (percent) =>
        onProgress({ done: percent, total: 100, unit: 'percent', text: 'cloning the template' }),
    })
  try {
    return await clone()
  } catch (error) {
    // Somebody removed the template since it was last seen.
    if (!isFault(error, 'ManagedObjectNotFound')) throw error
    forgetTemplate(ground, order)
    return clone()
  }
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

/**
 * Makes a virtual machine of an image, with places and networks by name. Where templates are wanted and the server is a
 * vCenter, the image is uploaded once per datastore, and machines are clones of it.
 */
export async function importInto(ground: Ground, wanted: OvaImport): Promise<MoRef> {
  const { session } = ground
  const { name: what, rests, onProgress: tell } = wanted
  if (rests !== undefined && !(await removeRests(ground, rests, { what, onProgress: tell }))) {
    throw new ModuleError(`${what} was finished by somebody else meanwhile`, { hint: 'run again' })
  }
  const found = await readPlace(ground, wanted.placement)
  const networks = findNetworks(found, wanted.networks, wanted)
  const arrival = { wanted, place: await settle(ground, found, { wanted, networks }), networks }
  if (wanted.template && session.content.about.apiType !== 'HostAgent') {
    return copy(ground, arrival, await readHash(ground, wanted))
  }
  const { name, annotation, settings, onProgress } = wanted
  // A file whose hash is expected is compared before anything is sent; a URL's while it is.
  if (wanted.sha256 !== undefined) await readHash(ground, wanted)
  return send(ground, arrival, { name, annotation, settings, onProgress })
}
