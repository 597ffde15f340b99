import type { SFTPWrapper } from 'ssh2'

import { ConnectError } from '../../../model/error.ts'
import { untilAborted } from '../../deadline.ts'
import { isRefusedChannel } from '../open-channel.ts'

/** How a session of SFTP is come by. */
export interface SftpSessionOptions {
  /** Rejects with a `ConnectError` where there is none. */
  readonly open: () => Promise<SFTPWrapper>
  /** Whether the connection can still be used. */
  readonly isOpen: () => boolean
  readonly signal: AbortSignal
}

/**
 * Holds a session of SFTP for as long as `use` takes, and gives its channel back; false where the server has no SFTP, as
 * opposed to no room.
 */
export async function withSftp(
  use: (sftp: SFTPWrapper) => Promise<void>,
  { open, isOpen, signal }: SftpSessionOptions,
): Promise<boolean> {
  let sftp: SFTPWrapper
  try {
    sftp = await open()
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof ConnectError) || isRefusedChannel(cause) || !isOpen()) throw cause
    return false
  }
  let broken: Error | undefined
  sftp.on('error', (cause: Error) => (broken = cause))
  const ended = new Promise<void>((resolve) => {
    sftp.once('close', () => resolve())
  })
  const lost = ended.then((): never => {
    throw broken ?? new ConnectError('closed', 'the upload broke off: the server ended its SFTP session')
  })
  lost.catch(() => undefined)
  const used = use(sftp)
  used.catch(() => undefined)
  try {
    await untilAborted(Promise.race([used, lost]), signal)
  } finally {
    sftp.end()
  }
  return true
}
