import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

import type { Client, SFTPWrapper } from 'ssh2'

import type { CommandResult } from '../../model/command-result.ts'
import { CommandError, ConfigError, ConnectError, RunbookError } from '../../model/error.ts'
import type { Progress } from '../../model/progress.ts'
import { sh } from '../../shell/sh.ts'
import { untilAborted } from '../deadline.ts'

/** What an upload is told. */
export interface UploadFileOptions {
  /** Absolute path on the remote side. */
  readonly to: string
  readonly signal: AbortSignal
  readonly progress?: ((progress: Progress) => void) | undefined
}

/** The channels that an upload needs, two at once. */
export interface UploadChannels {
  openSftp(): Promise<SFTPWrapper>
  run(command: string): Promise<CommandResult>
}

interface LocalFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

async function readLocal(path: string, signal: AbortSignal): Promise<LocalFile> {
  try {
    const { size } = await stat(path)
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash, { signal })
    return { path, size, sha256: hash.digest('hex') }
  } catch (cause) {
    signal.throwIfAborted()
    throw new ConfigError(`the file ${path} cannot be read`, {
      hint: 'check that it is there and readable',
      cause,
    })
  }
}

type Done = (cause?: Error | null) => void

function call(work: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((cause) => (cause === undefined || cause === null ? resolve() : reject(cause)))
  })
}

/** Opens a channel for SFTP. Rejects where the server has none, or no room for one. */
export function openSftp(client: Client, { signal }: { readonly signal: AbortSignal }): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    const lost = (cause?: unknown): void => {
      client.off('close', lost)
      reject(new ConnectError('closed', 'the SSH connection was lost', { cause }))
    }
    client.once('close', lost)
    try {
      client.sftp((cause, sftp) => {
        client.off('close', lost)
        if (cause === undefined) {
          // Nobody waits for it any more, so nobody would end it.
          if (signal.aborted) sftp.end()
          resolve(sftp)
        } else reject(new ConnectError('protocol', `the server offers no SFTP: ${cause.message}`, { cause }))
      })
    } catch (cause) {
      lost(cause)
    }
  })
}

async function put(
  sftp: SFTPWrapper,
  file: LocalFile,
  { to, progress }: Pick<UploadFileOptions, 'to' | 'progress'>,
): Promise<void> {
  if (file.size === 0) {
    // fastPut makes nothing at all of an empty file.
    await call((done) => sftp.writeFile(to, '', { mode: 0o600 }, done))
    return
  }
  await call((done) =>
    sftp.fastPut(
      file.path,
      to,
      {
        concurrency: 32,
        chunkSize: 32 * 1024,
        mode: 0o600,
        step: (sent) => progress?.({ done: sent, total: file.size, unit: 'bytes' }),
      },
      done,
    ),
  )
}

async function verify(
  sftp: SFTPWrapper,
  { file, at, run }: { file: LocalFile; at: string; run: UploadChannels['run'] },
): Promise<void> {
  const size = await new Promise<number>((resolve, reject) => {
    sftp.stat(at, (cause, stats) => (cause === undefined ? resolve(stats.size) : reject(cause)))
  })
  if (size !== file.size)
    throw new CommandError(`the upload of ${file.path} is ${size} bytes long there, not ${file.size}`)
  const hash = sh`sha256 -q ${at} 2>/dev/null || sha256sum ${at} 2>/dev/null || openssl dgst -sha256 ${at}`
  const result = await run(sh`sh -c ${hash.text}`.text)
  if (result.kind === 'lost')
    throw new ConnectError(result.failure, `the upload of ${file.path} was not verified: ${result.reason}`)
  const there = /\b[0-9a-f]{64}\b/.exec(result.stdout)?.[0]
  if (there !== file.sha256) {
    throw new CommandError(
      `the upload of ${file.path} has SHA-256 ${there ?? 'unknown'} there, not ${file.sha256}`,
      { output: result.stderr.slice(0, 500) },
    )
  }
}

async function rename(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  try {
    await call((done) => sftp.ext_openssh_rename(from, to, done))
  } catch {
    // Without the extension a rename refuses to replace: the old file has to go first.
    await call((done) => sftp.unlink(to, done)).catch(() => undefined)
    await call((done) => sftp.rename(from, to, done))
  }
}

function explain(cause: unknown, file: string, to: string): Error {
  if (!(cause instanceof Error) || cause instanceof RunbookError) return cause as Error
  const lost = /No response|not connected|closed/i.test(cause.message)
  if (lost) return new ConnectError('closed', `the upload of ${file} broke off: ${cause.message}`, { cause })
  return new CommandError(`the upload of ${file} to ${to} failed: ${cause.message}`, {
    hint: 'see whether the directory exists there, may be written and has room',
    cause,
  })
}

/**
 * Uploads a file under a temporary name beside the final one, has size and SHA-256 checked by the remote side, and only
 * then gives it its name. Leaves nothing behind where that fails.
 */
export async function uploadFile(
  channels: UploadChannels,
  path: string,
  { to, signal, progress }: UploadFileOptions,
): Promise<void> {
  const file = await readLocal(path, signal)
  const sftp = await untilAborted(channels.openSftp(), signal)
  const lost = new Promise<never>((_resolve, reject) => {
    sftp.once('close', () => reject(new ConnectError('closed', `the upload of ${path} broke off`)))
    sftp.on('error', (cause: Error) => reject(cause))
  })
  lost.catch(() => undefined)
  const temporary = `${to}.${randomBytes(4).toString('hex')}.part`
  try {
    const work = async (): Promise<void> => {
      await put(sftp, file, { to: temporary, progress })
      await verify(sftp, { file, at: temporary, run: (command) => channels.run(command) })
      await rename(sftp, temporary, to)
    }
    const done = work()
    done.catch(() => undefined)
    await untilAborted(Promise.race([done, lost]), signal)
  } catch (cause) {
    sftp.unlink(temporary, () => sftp.end())
    signal.throwIfAborted()
    throw explain(cause, path, to)
  }
  sftp.end()
}
