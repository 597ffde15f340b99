import { VimError } from '../error.ts'
import type { ReadyLease } from '../nfc.ts'
import type { Value } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { sendFile } from '../upload.ts'
import type { Ova } from './ova.ts'

/** Files on their way into a lease. */
export interface Delivery {
  readonly ova: Ova
  readonly files: readonly Value<'OvfFileItem'>[]
  readonly lease: ReadyLease
  readonly signal: AbortSignal
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  readonly onWarning?: ((message: string) => void) | undefined
}

/** Pauses before a file is sent again from its beginning, in milliseconds. */
const AGAIN_AFTER = [1000, 5000, 20_000]

/** The lease's place for a file. Throws a `VimError` where it has none. */
export function findDeviceUrl(
  { info }: ReadyLease,
  { path, deviceId }: Value<'OvfFileItem'>,
): Value<'HttpNfcLeaseDeviceUrl'> {
  const found = info.deviceUrl.find(({ importKey }) => importKey === deviceId)
  if (found !== undefined) return found
  throw new VimError('protocol', `the lease has no place for ${path} (${deviceId})`)
}

const isPassing = (error: unknown): error is VimError =>
  error instanceof VimError && (error.code === 'connection' || error.code === 'timeout')

/**
 * Sends the files of an image one after another, straight out of it. A file whose connection breaks is sent again from its
 * beginning, as often as there is a pause left, while the server still holds the lease.
 */
export async function sendFiles(session: Session, delivery: Delivery): Promise<void> {
  const { ova, files, lease, signal, onProgress, onWarning } = delivery
  const total = files.reduce((sum, { path }) => sum + ova.member(path).size, 0)
  let before = 0
  onProgress?.(0, total)

  async function send(file: Value<'OvfFileItem'>): Promise<void> {
    const { url, sslThumbprint } = findDeviceUrl(lease, file)
    const { name, size, digest } = ova.member(file.path)
    let sent = before
    await sendFile(session, {
      name,
      url,
      thumbprint: sslThumbprint,
      size,
      digest,
      create: file.create,
      open: (until) => ova.read(name, { signal: until }),
      signal,
      onBytes(bytes) {
        sent += bytes
        lease.report((sent / total) * 100)
        onProgress?.(sent, total)
      },
    })
    before = sent
  }

  for (const file of files) {
    const pauses = [...AGAIN_AFTER]
    for (;;) {
      try {
        await send(file)
        break
      } catch (error) {
        const pause = pauses.shift()
        if (pause === undefined || !isPassing(error) || !(await lease.isReady())) throw error
        const next = error.isUnsent
          ? `trying again to send ${file.path}`
          : `sending ${file.path} again from its beginning`
        onWarning?.(`${error.message}; ${next}`)
        await session.sleep(pause, { signal })
      }
    }
  }
}
