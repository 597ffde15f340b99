import { VimError } from '../error.ts'
import type { Value } from '../schema/values.ts'
import type { Session } from '../session.ts'
import type { Digest } from './manifest.ts'
import { findDeviceUrl, type Delivery } from './send-files.ts'

type Entry = Value<'HttpNfcLeaseManifestEntry'>

async function tolerate<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    // Not every server offers it, and each says so with another fault.
    if (error instanceof VimError && error.code === 'fault') return undefined
    throw error
  }
}

/** Asks the server to hash what it takes in by the image's own algorithm. Gives false where it cannot. */
export async function chooseChecksum(
  session: Session,
  { ova, files, lease, signal }: Delivery,
): Promise<boolean> {
  const digests = files.map((file) => ({ file, digest: ova.member(file.path).digest }))
  // SHA-1 is what servers compute anyhow.
  if (digests.every(({ digest }) => digest?.algorithm === 'sha1')) return files.length > 0
  const wanted = digests.flatMap(({ file, digest }) =>
    digest?.algorithm === 'sha256' ? [{ key: findDeviceUrl(lease, file).key, value: 'sha256' }] : [],
  )
  if (wanted.length === 0) return false
  const args = { deviceUrlsToChecksumTypes: wanted }
  const answer = await tolerate(async () => {
    await session.call('HttpNfcLeaseSetManifestChecksumType', { self: lease.ref, args, signal })
    return true
  })
  return answer ?? false
}

function serversDigest({ checksum, checksumType, sha1 }: Entry, algorithm: Digest['algorithm']): string {
  if (checksum !== undefined && checksumType?.toLowerCase() === algorithm) return checksum.toLowerCase()
  return algorithm === 'sha1' ? sha1.toLowerCase() : ''
}

/**
 * Compares what the server says it has taken in with the image's manifest, and gives how many files could be compared.
 * Throws a `VimError` for the first that differs.
 */
export async function compareManifest(
  session: Session,
  { ova, files, lease, signal }: Delivery,
): Promise<number> {
  const entries = await tolerate(() =>
    session.call('HttpNfcLeaseGetManifest', { self: lease.ref, args: {}, signal }),
  )
  let compared = 0
  for (const file of files) {
    const { key } = findDeviceUrl(lease, file)
    const entry = entries?.find((each) => each.key === key)
    const { digest } = ova.member(file.path)
    if (entry === undefined || digest === undefined) continue
    const arrived = serversDigest(entry, digest.algorithm)
    if (arrived === '') continue
    if (arrived !== digest.hex) {
      throw new VimError(
        'archive',
        `${file.path} did not arrive as the image’s manifest describes it: the server has ${digest.algorithm} ${arrived}`,
        { hint: 'download the image again, or look at what stands between here and the server' },
      )
    }
    compared += 1
  }
  return compared
}
