import { CommandError, ConnectError, RunbookError } from '../../../model/error.ts'
import type { LocalFile } from './local-file.ts'
import { findFull, type RemoteFile, type RemoteState } from './remote-file.ts'
import { CHUNK } from './sftp.ts'

/** How one attempt to send a file goes about it. */
export interface Attempt {
  /** The first byte that is sent. */
  readonly from: number
  /** Bytes that an earlier upload has left. */
  readonly partial: number
  /** Writes that are under way at once, where they are answered one by one. */
  readonly concurrency: number
}

/** What a delivery is made with. */
export interface DeliverOptions {
  readonly file: LocalFile
  readonly to: string
  readonly send: (attempt: Attempt) => Promise<void>
  /** Whether the connection can still be used. */
  readonly isOpen: () => boolean
  readonly signal: AbortSignal
}

/** More than a line across the world and a quick server can have on their way. */
const MANY = 16

/** First what an earlier upload has left out, then all of it, then all of it in order, for a server that mixes up writes. */
function planAttempts({ partial }: RemoteState, { size }: LocalFile): readonly Attempt[] {
  // Writes that were under way when it broke off may have left holes at the end.
  const sure = Math.floor((partial - MANY * CHUNK) / CHUNK) * CHUNK
  const fresh = [
    { from: 0, partial, concurrency: MANY },
    { from: 0, partial, concurrency: 1 },
  ]
  return partial <= size && sure > 0 ? [{ from: sure, partial, concurrency: MANY }, ...fresh] : fresh
}

/** The error of an upload that the other side refused while the connection was fine. */
function explain(
  cause: unknown,
  { file, to, full }: Pick<DeliverOptions, 'file' | 'to'> & { readonly full: string | undefined },
): Error {
  if (full !== undefined) {
    return new CommandError(`the upload of ${file.path} to ${to} failed: ${full}`, {
      hint: 'make room there, or raise the quota of the user, and run it again',
      cause,
    })
  }
  if (!(cause instanceof Error) || (cause instanceof RunbookError && cause.hint !== undefined))
    return cause as Error
  return new CommandError(`the upload of ${file.path} to ${to} failed: ${cause.message}`, {
    hint: 'see whether the directory exists there, may be written and has room',
    cause,
  })
}

async function sendAndVerify(
  remote: RemoteFile,
  { file, send, state }: Pick<DeliverOptions, 'file' | 'send'> & { readonly state: RemoteState },
): Promise<void> {
  let there: string | undefined
  for (const attempt of planAttempts(state, file)) {
    await send(attempt)
    const end = await remote.settle()
    if (end === 'settled') return
    there = end.hash
  }
  throw new CommandError(
    `the upload of ${file.path} has SHA-256 ${there ?? 'unknown'} there, not ${file.sha256}`,
    {
      hint: 'it was sent more than once; look for a fault on the way or on the disk there, and for sha256sum or openssl',
    },
  )
}

/**
 * Sends a file, has it verified, and gives it its name; false where it was there already. What has come stays where it can
 * be gone on with, after a connection that broke or when somebody stopped it; else it is thrown away.
 */
export async function deliver(remote: RemoteFile, options: DeliverOptions): Promise<boolean> {
  const { file, to, isOpen, signal } = options
  const state = await remote.look()
  if (state.same) return false
  try {
    await sendAndVerify(remote, { ...options, state })
    return true
  } catch (cause) {
    signal.throwIfAborted()
    if (!isOpen()) {
      throw new ConnectError('closed', `the upload of ${file.path} broke off: ${(cause as Error).message}`, {
        hint: 'run it again: it goes on where it stopped',
        cause,
      })
    }
    const said = cause instanceof Error ? findFull(cause.message) : undefined
    const full = said ?? (await remote.whyFull().catch(() => undefined))
    await remote.remove().catch(() => undefined)
    throw explain(cause, { file, to, full })
  }
}
