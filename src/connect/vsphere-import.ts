import { ModuleError } from '../model/error.ts'
import { isFault } from './govmomi/error.ts'
import { cloneMachine, type Clone } from './govmomi/object/clone.ts'
import { importOva } from './govmomi/ovf/import.ts'
import type { Ova } from './govmomi/ovf/ova.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import { readImageHash } from './image-hash.ts'
import { IMAGE_MARK } from './import-mark.ts'
import { demandHash, isUrl, nameImage, openImage, readFileOf } from './open-image.ts'
import { arrive, type Arrival } from './vsphere-arrival.ts'
import type { Ground } from './vsphere-ground.ts'
import { mapNetworks } from './vsphere-networks.ts'
import { finishedBySomebody, makeUnlessTwin, removeRests } from './vsphere-rests.ts'
import { forgetTemplate, takeTemplate, type TemplateOrder } from './vsphere-template.ts'
import type { OvaImport } from './vsphere.ts'

/** An image, and under which name and with which notes it is imported. */
interface Label {
  readonly ova: Ova
  readonly name: string
  readonly annotation: string
  readonly settings: Readonly<Record<string, string>>
  readonly onProgress: OvaImport['onProgress']
}

async function send(
  { session, watcher, signal }: Ground,
  { wanted, place, networks }: Arrival,
  { ova, name, annotation, settings, onProgress }: Label,
): Promise<MoRef> {
  return importOva(
    { session, watcher },
    {
      ova,
      name,
      placement: place,
      networks: mapNetworks(ova.descriptor, networks),
      thin: wanted.thin,
      patch: { annotation, extraConfig: settings },
      signal,
      onProgress: (done, total) => onProgress({ done, total, unit: 'bytes', text: 'uploading the image' }),
      onWarning: wanted.onWarning,
    },
  )
}

// Opened while something else is waited for, which may fail first: then nobody asks how the opening went.
async function withImage(
  { session, signal }: Ground,
  wanted: OvaImport,
  use: (opening: Promise<Ova>) => Promise<MoRef>,
): Promise<MoRef> {
  const over = new AbortController()
  const opening = openImage(session, wanted, AbortSignal.any([signal, over.signal]))
  opening.catch(() => undefined)
  try {
    return await use(opening)
  } finally {
    over.abort()
    await opening.then((ova) => ova.close()).catch(() => undefined)
  }
}

async function readHash({ signal }: Ground, { image, sha256, onProgress }: OvaImport): Promise<string> {
  const expected = sha256?.toLowerCase()
  if (isUrl(image)) return demandHash({ image, sha256: expected })
  const onBytes = (done: number, total: number): void =>
    onProgress({ done, total, unit: 'bytes', text: 'reading the image' })
  const found = await readFileOf(image, (path) => readImageHash(path, { signal, onBytes }))
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
      withImage(ground, wanted, async (opening) =>
        send(ground, arrival, {
          ova: await opening,
          name: label,
          annotation: `Image ${nameImage(image)} with SHA-256 ${sha256}, kept by runbook: virtual machines are cloned from it. It is made again when it is missing.`,
          settings: marks,
          onProgress: tell,
        }),
      ),
  }
  const copied: Omit<Clone, 'source'> = {
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
  }
  const clone = async (): Promise<MoRef> => {
    const source = await takeTemplate(ground, order)
    const rests = { what: name, source, onProgress }
    return makeUnlessTwin(ground, rests, () => cloneMachine(ground, { ...copied, source }))
  }
  try {
    return await clone()
  } catch (error) {
    // Somebody removed the template since it was last seen.
    if (!isFault(error, 'ManagedObjectNotFound')) throw error
    forgetTemplate(ground, order)
    return clone()
  }
}

/**
 * Makes a virtual machine of an image, with places and networks by name. Where templates are wanted and the server is a
 * vCenter, the image is uploaded once per datastore, and machines are clones of it.
 */
export async function importInto(ground: Ground, wanted: OvaImport): Promise<MoRef> {
  const { session } = ground
  const { name, rests, annotation, settings, onProgress } = wanted
  const left = { what: name, onProgress }
  if (rests !== undefined && !(await removeRests(ground, rests, left))) throw finishedBySomebody(name)
  if (wanted.template && session.content.about.apiType !== 'HostAgent') {
    return copy(ground, await arrive(ground, wanted), await readHash(ground, wanted))
  }
  return withImage(ground, wanted, async (opening) => {
    const arrival = await arrive(ground, wanted)
    // A file whose hash is expected is compared before anything is sent; a URL's while it is.
    if (wanted.sha256 !== undefined) await readHash(ground, wanted)
    const ova = await opening
    return makeUnlessTwin(ground, left, () =>
      send(ground, arrival, { ova, name, annotation, settings, onProgress }),
    )
  })
}
