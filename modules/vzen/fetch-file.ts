import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

import { CommandError, sh, type SshWriter } from '#sdk'

import { outputOf, outputOfResult } from './answer.ts'

/** What to fetch, and where it goes. */
export interface FetchOptions {
  /** Absolute path on the appliance; read as root. */
  readonly from: string
  /** Absolute path here; there only once it is whole. */
  readonly to: string
  readonly signal: AbortSignal
}

// What support archives grow to is not documented: an hour is long, and no more than this is taken.
const SECONDS = 3600
const LARGEST = 2 * 2 ** 30

/**
 * Fetches a file that only root may read, as text in Base64 over a plain command, so that it needs neither SFTP nor a copy
 * that others could read. Verified by its SHA-256. Gives its size in bytes.
 */
export async function fetchFile(ssh: SshWriter, { from, to, signal }: FetchOptions): Promise<number> {
  const hash = createHash('sha256')
  const part = `${to}.part`
  await mkdir(dirname(to), { recursive: true })
  const file = openSync(part, 'w', 0o600)
  let pending = ''
  let size = 0
  let isOpen = true
  // What goes wrong here while the file comes has to end the command there.
  const stop = new AbortController()

  const take = (text: string, isLast: boolean): void => {
    pending += text.replaceAll(/[^A-Za-z0-9+/=]/g, '')
    const length = isLast ? pending.length : pending.length - (pending.length % 4)
    const bytes = Buffer.from(pending.slice(0, length), 'base64')
    pending = pending.slice(length)
    size += bytes.length
    if (size > LARGEST) throw new CommandError(`${from} is larger than ${LARGEST / 2 ** 30} GB`)
    hash.update(bytes)
    // Written at once: nothing piles up where the disk is slower than the line.
    writeSync(file, bytes)
  }

  try {
    const result = await ssh.run(sh`openssl base64 -in ${from}`, {
      signal: AbortSignal.any([signal, stop.signal]),
      sudo: true,
      timeout: SECONDS,
      onOutput(text) {
        try {
          if (!stop.signal.aborted) take(text, false)
        } catch (cause) {
          stop.abort(cause)
        }
      },
    })
    outputOfResult(result, `reading ${from}`)
    take('', true)
    const { sum } = await ssh.query({ sum: sh`openssl dgst -sha256 ${from}` }, { signal, sudo: true })
    const wanted = /\b[0-9a-f]{64}\b/.exec(outputOf(sum, `hashing ${from}`))?.[0]
    if (wanted !== hash.digest('hex'))
      throw new CommandError(`${from} changed on its way, or while it was read`)
    closeSync(file)
    isOpen = false
    await rename(part, to)
    return size
  } catch (cause) {
    throw stop.signal.aborted ? stop.signal.reason : cause
  } finally {
    if (isOpen) closeSync(file)
    await rm(part, { force: true })
  }
}
