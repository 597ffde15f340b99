import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import type { Lease, LeaseFile } from './model/lease.ts'
import type { World } from './model/world.ts'

/** How a stream-optimized disk begins. */
const MAGIC = Buffer.from('KDMV', 'latin1')

/** What an upload came to: the status of the answer, or `cut` where the connection is to be dropped. */
export type Received = 200 | 404 | 405 | 500 | 'cut'

/** Finds the file that a path such as `/nfc/<token>/disk-0.vmdk` is for, while its lease is ready. */
export function findUpload(
  world: World,
  path: string,
): { readonly lease: Lease; readonly file: LeaseFile } | undefined {
  const [, area, token = '', name] = path.split('/')
  if (area !== 'nfc') return undefined
  const lease = world.leases.find(token)
  const file = lease?.files.find((each) => each.name === name)
  return lease === undefined || file === undefined || lease.state !== 'ready' ? undefined : { lease, file }
}

/** Takes a file in: hashes it as it comes, and keeps nothing of it. */
export async function receiveUpload(
  world: World,
  { lease, file }: { readonly lease: Lease; readonly file: LeaseFile },
  request: IncomingMessage,
): Promise<Received> {
  if (request.method !== 'POST' && request.method !== 'PUT') return 405
  const sha1 = createHash('sha1')
  const checksum = file.checksumType === 'sha1' ? undefined : createHash(file.checksumType)
  const isCut = world.faults.take('reset')
  let head = Buffer.alloc(0)
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (isCut) return 'cut'
    if (lease.state !== 'ready') return 404
    if (head.length < MAGIC.length) head = Buffer.concat([head, chunk.subarray(0, MAGIC.length)])
    size += chunk.length
    sha1.update(chunk)
    checksum?.update(chunk)
  }
  const declared = request.headers['content-length']
  if (declared !== undefined && Number(declared) !== size) return 500
  if (file.disk && !head.subarray(0, MAGIC.length).equals(MAGIC)) return 500
  const digest = sha1.digest('hex')
  file.received = { size, sha1: digest, checksum: checksum?.digest('hex') ?? digest }
  return 200
}
