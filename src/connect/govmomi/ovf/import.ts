import type { RawXml } from '../codec/encode.ts'
import { VimError } from '../error.ts'
import { useLease, type ReadyLease } from '../nfc.ts'
import type { Arguments, MoRef, Result, Value } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { sendFile } from '../upload.ts'
import type { Watcher } from '../watch.ts'
import { patchImportSpec, type ImportPatch } from './import-spec.ts'
import type { Ova } from './ova.ts'

/** Where an imported virtual machine goes. */
export interface Placement {
  readonly resourcePool: MoRef
  readonly datastore: MoRef
  readonly folder: MoRef | undefined
  readonly host: MoRef | undefined
}

/** An import: what, where to, and under which name. */
export interface Import {
  readonly ova: Ova
  readonly name: string
  readonly placement: Placement
  /** The network for each of the descriptor's networks. */
  readonly networks: Readonly<Record<string, MoRef>>
  readonly thin: boolean
  readonly patch: ImportPatch
  readonly signal: AbortSignal
  readonly onProgress?: ((sent: number, total: number) => void) | undefined
  readonly onWarning?: ((message: string) => void) | undefined
}

type FileItem = Value<'OvfFileItem'>

async function createSpec(
  session: Session,
  { ova, name, placement, networks, thin, signal, onWarning }: Import,
) {
  const self = session.content.ovfManager
  if (self === undefined) throw new VimError('protocol', `${session.address.host} cannot import OVAs`)
  const args: Arguments<'CreateImportSpec'> = {
    ovfDescriptor: ova.descriptorText,
    resourcePool: placement.resourcePool,
    datastore: placement.datastore,
    cisp: {
      locale: '',
      deploymentOption: '',
      entityName: name,
      hostSystem: placement.host,
      networkMapping: Object.entries(networks).map(([from, network]) => ({ name: from, network })),
      diskProvisioning: thin ? 'thin' : 'thick',
    },
  }
  const raw = new Set(['OvfCreateImportSpecResult.importSpec'])
  const result: Result<'CreateImportSpec'> = await session.call('CreateImportSpec', {
    self,
    args,
    signal,
    raw,
  })
  const [failure] = result.error
  if (failure !== undefined) {
    throw new VimError(
      'archive',
      `${session.address.host} refuses the OVA: ${failure.localizedMessage ?? failure.fault.$type}`,
      {
        hint: 'check that the networks and the datastore are reachable from the place where it should run',
      },
    )
  }
  for (const { localizedMessage, fault } of result.warning) onWarning?.(localizedMessage ?? fault.$type ?? '')
  const spec = result.importSpec as unknown as RawXml | undefined
  if (spec === undefined || typeof spec.$xml === 'string') {
    throw new VimError('protocol', `${session.address.host} made no import specification`)
  }
  return { spec: spec.$xml, files: result.fileItem }
}

async function sendFiles(
  session: Session,
  { ova, signal, onProgress }: Import,
  { lease, files }: { readonly lease: ReadyLease; readonly files: readonly FileItem[] },
): Promise<void> {
  const total = files.reduce((sum, file) => sum + ova.member(file.path).size, 0)
  let sent = 0
  onProgress?.(0, total)
  for (const file of files) {
    const url = lease.info.deviceUrl.find(({ importKey }) => importKey === file.deviceId)
    if (url === undefined) {
      throw new VimError('protocol', `the lease has no place for ${file.path} (${file.deviceId})`)
    }
    const { size, digest } = ova.member(file.path)
    await sendFile(session, {
      name: file.path,
      url: url.url,
      thumbprint: url.sslThumbprint,
      size,
      digest,
      create: file.create,
      open: () => ova.read(file.path),
      signal,
      onBytes(bytes) {
        sent += bytes
        lease.report(total === 0 ? 100 : (sent / total) * 100)
        onProgress?.(sent, total)
      },
    })
  }
}

/**
 * Imports an OVA: specification, lease, upload straight out of the archive, completion. Gives the virtual machine. Where it
 * fails or is aborted, the lease is aborted, and with it the server removes what it has made.
 */
export async function importOva(
  { session, watcher }: { readonly session: Session; readonly watcher: Watcher },
  wanted: Import,
): Promise<MoRef> {
  const { spec, files } = await createSpec(session, wanted)
  const { placement, patch, signal, name } = wanted
  const patched: RawXml = { $xml: patchImportSpec(spec, patch) }
  const lease = await session.call('ImportVApp', {
    self: placement.resourcePool,
    args: { spec: patched, folder: placement.folder, host: placement.host },
    signal,
  })
  return useLease(lease, { session, watcher, signal, what: `import of ${name}` }, (ready, lifetime) =>
    sendFiles(session, { ...wanted, signal: lifetime }, { lease: ready, files }),
  )
}
