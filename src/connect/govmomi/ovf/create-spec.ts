import type { XmlElement } from '../codec/element.ts'
import type { RawXml } from '../codec/encode.ts'
import { VimError } from '../error.ts'
import type { Arguments, MoRef, Result, Value } from '../schema/values.ts'
import type { Session } from '../session.ts'
import type { Ova } from './ova.ts'

/** Where an imported virtual machine goes. */
export interface Placement {
  readonly resourcePool: MoRef
  readonly datastore: MoRef
  readonly folder: MoRef | undefined
  readonly host: MoRef | undefined
}

/** What a server is asked to make a specification of. */
export interface SpecOrder {
  readonly ova: Ova
  readonly name: string
  readonly placement: Placement
  /** The network for each of the descriptor's networks. */
  readonly networks: Readonly<Record<string, MoRef>>
  readonly thin: boolean
  readonly signal: AbortSignal
  readonly onWarning?: ((message: string) => void) | undefined
}

/** A specification to import by, exactly as the server made it, and the files that it wants. */
export interface ImportPlan {
  readonly spec: XmlElement
  readonly files: readonly Value<'OvfFileItem'>[]
}

function checkFile({ path, compressionMethod, chunkSize }: Value<'OvfFileItem'>, ova: Ova): void {
  ova.member(path)
  const isSplit = chunkSize !== undefined && chunkSize > 0n
  if (!isSplit && (compressionMethod === undefined || compressionMethod === '')) return
  throw new VimError('archive', `the server wants ${path} ${isSplit ? 'in pieces' : 'unpacked first'}`, {
    hint: 'repack the image with ovftool, without chunks and compression',
  })
}

/** Has the server turn a descriptor into a specification. Throws its objections, all at once, as a `VimError`. */
export async function createSpec(session: Session, order: SpecOrder): Promise<ImportPlan> {
  const { ova, name, placement, networks, thin, signal, onWarning } = order
  const { host } = session.address
  const self = session.content.ovfManager
  if (self === undefined) throw new VimError('protocol', `${host} cannot import OVAs`)
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
  if (result.error.length > 0) {
    const said = result.error.map(({ localizedMessage, fault }) => localizedMessage ?? fault.$type ?? '')
    throw new VimError('archive', `${host} refuses the OVA: ${said.join('; ')}`, {
      hint: 'check that the networks and the datastore are reachable from the place where it should run',
    })
  }
  for (const { localizedMessage, fault } of result.warning) onWarning?.(localizedMessage ?? fault.$type ?? '')
  for (const file of result.fileItem) checkFile(file, ova)
  const spec = result.importSpec as unknown as RawXml | undefined
  if (spec === undefined || typeof spec.$xml === 'string') {
    throw new VimError('protocol', `${host} made no import specification`)
  }
  return { spec: spec.$xml, files: result.fileItem }
}
