import type { RawXml } from '../codec/encode.ts'
import { useLease } from '../nfc.ts'
import type { MoRef } from '../schema/values.ts'
import type { Session } from '../session.ts'
import type { Watcher } from '../watch.ts'
import { chooseChecksum, compareManifest } from './compare-manifest.ts'
import { createSpec, type SpecOrder } from './create-spec.ts'
import { patchImportSpec, type ImportPatch } from './import-spec.ts'
import { pullFiles } from './pull-files.ts'
import { sendFiles, type Delivery } from './send-files.ts'

/** An import: what, where to, and under which name. */
export interface Import extends SpecOrder {
  readonly patch: ImportPatch
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

interface Server {
  readonly session: Session
  readonly watcher: Watcher
}

async function deliver(server: Server, delivery: Delivery): Promise<void> {
  const { session } = server
  const { ova, files, onWarning } = delivery
  const canCompare = await chooseChecksum(session, delivery)
  const isPulled = await pullFiles(server, delivery)
  if (!isPulled) {
    await sendFiles(session, delivery)
    await ova.finish(delivery.signal)
  }
  const compared = canCompare ? await compareManifest(session, delivery) : 0
  // What was sent from here was hashed on its way; what the server fetched, only it has seen.
  if (isPulled && compared < files.filter(({ path }) => ova.member(path).digest !== undefined).length) {
    onWarning?.(
      'the server does not say the digests of what it fetched: nothing compares them with the manifest',
    )
  }
}

/**
 * Imports an OVA: specification, lease, files, completion. The server fetches the files itself where the image is a URL that
 * it reaches; otherwise they are sent straight out of the archive. Gives the virtual machine. Where it fails or is aborted,
 * the lease is aborted, and with it the server removes what it has made.
 */
export async function importOva(server: Server, wanted: Import): Promise<MoRef> {
  const { session } = server
  for (const warning of wanted.ova.warnings) wanted.onWarning?.(warning)
  const { spec, files } = await createSpec(session, wanted)
  const { ova, placement, patch, signal, name, onProgress, onWarning } = wanted
  const patched: RawXml = { $xml: patchImportSpec(spec, patch) }
  const lease = await session.call('ImportVApp', {
    self: placement.resourcePool,
    args: { spec: patched, folder: placement.folder, host: placement.host },
    signal,
  })
  return useLease(lease, { session, signal, what: `import of ${name}` }, (ready, lifetime) =>
    deliver(server, { ova, files, lease: ready, signal: lifetime, onProgress, onWarning }),
  )
}
