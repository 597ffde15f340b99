import type { Lease, LeaseFile } from '../model/lease.ts'
import { faults } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { storeFile } from '../upload.ts'
import { openSource, type Source } from './open-source.ts'
import { readTarMember } from './tar-member.ts'

/** How the server goes about it. */
export interface Pull {
  readonly signal: AbortSignal
  readonly report: (percent: number) => void
}

/** Fetches the files of an import from where the client says; throws the fault of the first that cannot be had. */
export async function pullFiles(
  world: World,
  { lease, sources }: { readonly lease: Lease; readonly sources: readonly Source[] },
  { signal, report }: Pull,
): Promise<void> {
  const pairs = sources.map((source) => ({ source, file: findFile(lease, source) }))
  for (const [index, { source, file }] of pairs.entries()) {
    const response = await openSource(world, source, signal)
    const size = Number(source.size ?? response.headers['content-length'] ?? 0)
    let taken = 0
    let told = -1
    const note = (bytes: number): void => {
      taken += bytes
      const part = size > 0 ? Math.min(1, taken / size) : 0
      const percent = Math.floor(((index + part) / pairs.length) * 100)
      // A tenth is enough to show that it goes on.
      if (percent < told + 10) return
      told = percent
      report(percent)
    }
    try {
      const body = response as AsyncIterable<Buffer>
      const bytes = source.memberName === undefined ? body : readTarMember(body, source.memberName)
      const status = await storeFile({ lease, file }, bytes, { size: source.size, onBytes: note })
      // The lease has ended meanwhile.
      if (status === 404) throw faults.invalidState()
      if (status !== 200) throw faults.systemError(`${source.url} is not the disk that was announced`)
    } finally {
      response.destroy()
    }
  }
}

/** Whether the server can fetch each of the files. */
export async function probeSources(
  world: World,
  sources: readonly Source[],
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  return Promise.all(
    sources.map(async (source) => {
      try {
        const response = await openSource(world, source, signal)
        response.destroy()
        return true
      } catch {
        return false
      }
    }),
  )
}

function findFile(lease: Lease, { targetDeviceId }: Source): LeaseFile {
  const file = lease.files.find(({ key, importKey }) => [key, importKey].includes(targetDeviceId))
  if (file === undefined) throw faults.invalidArgument('files.targetDeviceId')
  return file
}
