import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import type { Lease, LeaseFile } from './model/lease.ts'
import { faults } from './model/method-fault.ts'
import type { World } from './model/world.ts'

/** How a stream-optimized disk begins. */
const MAGIC = Buffer.from('KDMV', 'latin1')

/** What an upload came to: the status of the answer, or `cut` where the connection is to be dropped. */
export type Received = 200 | 404 | 405 | 500 | 'cut'

/** A file of an import, and the lease that waits for it. */
export interface UploadTarget {
  readonly lease: Lease
  readonly file: LeaseFile
}

/** Finds the file that a path such as `/nfc/<token>/disk-0.vmdk` is for, while its lease is ready. */
export function findUpload(world: World, path: string): UploadTarget | undefined {
  const [, area, token = '', name] = path.split('/')
  if (area !== 'nfc') return undefined
  const lease = world.leases.find(token)
  const file = lease?.files.find((each) => each.name === name)
  return lease === undefined || file === undefined || lease.state !== 'ready' ? undefined : { lease, file }
}

/** Takes a file in as a client sends it. */
export async function receiveUpload(
  world: World,
  target: UploadTarget,
  request: IncomingMessage,
): Promise<Received> {
  if (request.method !== 'POST' && request.method !== 'PUT') return 405
  const declared = request.headers['content-length']
  return storeFile(target, request as AsyncIterable<Buffer>, {
    size: declared === undefined ? undefined : BigInt(declared),
    strike: takeStrike(world, target.lease),
  })
}

/** How a file comes in. */
export interface Storing {
  /** Bytes that it has to have. */
  readonly size?: bigint | undefined
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Done with every piece; `cut` where the connection is to be dropped. */
  readonly strike?: (() => Promise<'cut' | undefined>) | undefined
}

/** Takes a file in: hashes it as it comes, and keeps nothing of it. */
export async function storeFile(
  { lease, file }: UploadTarget,
  bytes: AsyncIterable<Buffer>,
  { size: wanted, onBytes, strike }: Storing,
): Promise<Received> {
  const sha1 = createHash('sha1')
  const checksum = file.checksumType === 'sha1' ? undefined : createHash(file.checksumType)
  let head = Buffer.alloc(0)
  let size = 0
  for await (const chunk of bytes) {
    if ((await strike?.()) === 'cut') return 'cut'
    if (lease.state !== 'ready') return 404
    if (head.length < MAGIC.length) head = Buffer.concat([head, chunk.subarray(0, MAGIC.length)])
    size += chunk.length
    sha1.update(chunk)
    checksum?.update(chunk)
    onBytes?.(chunk.length)
  }
  if (wanted !== undefined && Number(wanted) !== size) return 500
  if (file.disk && !head.subarray(0, MAGIC.length).equals(MAGIC)) return 500
  const digest = sha1.digest('hex')
  file.received = { size, sha1: digest, checksum: checksum?.digest('hex') ?? digest }
  return 200
}

/** Milliseconds of the lab's time between two pieces of an upload that is taken in slowly, and how many are. */
const DROP = { pause: 10_000, pieces: 20 }

// What befalls this upload in its middle; decided when it begins.
function takeStrike(world: World, lease: Lease): Storing['strike'] {
  const { faults: named, sessions, clock, signal } = world
  if (named.take('reset')) return () => Promise.resolve('cut')
  if (named.take('upload-session-expiry')) {
    return once(async () => sessions.endAll())
  }
  if (named.take('upload-lease-error')) {
    return once(() => lease.fail(faults.systemError('the import was made to fail')))
  }
  if (!named.take('slow-upload')) return undefined
  let left = DROP.pieces
  return async () => {
    if (left-- > 0) await clock.sleep(DROP.pause, { signal })
    return undefined
  }
}

function once(strike: () => Promise<void>): Storing['strike'] {
  let isDone = false
  return async () => {
    if (!isDone) await strike()
    isDone = true
    return undefined
  }
}
