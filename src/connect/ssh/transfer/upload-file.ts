import type { SFTPWrapper } from 'ssh2'

import type { CommandResult } from '../../../model/command-result.ts'
import { ConnectError } from '../../../model/error.ts'
import type { Progress } from '../../../model/progress.ts'
import type { CommandLine } from '../../../shell/sh.ts'
import type { Speech } from '../remote-shell.ts'
import type { RunTextOptions } from '../run-command.ts'
import { watchStall } from '../stall.ts'
import { createCommandFile } from './command-file.ts'
import { deliver, type Attempt } from './deliver.ts'
import { readLocalFile } from './local-file.ts'
import { withSftp } from './sftp-session.ts'
import { createSftpFile, putBySftp } from './sftp.ts'
import { putByCat, putByScp } from './stream-put.ts'

/** What an upload is told. */
export interface UploadFileOptions {
  /** Absolute path on the remote side. */
  readonly to: string
  readonly signal: AbortSignal
  readonly progress?: ((progress: Progress) => void) | undefined
}

/** The channels that an upload needs, one at a time. */
export interface UploadChannels {
  readonly speech: Speech
  /** Rejects with a `ConnectError` where there is no SFTP. */
  openSftp(): Promise<SFTPWrapper>
  run(text: string, options: RunTextOptions): Promise<CommandResult>
  isOpen(): boolean
}

/** Seconds of wall time in which not a byte gets on. */
const IDLE = 60

/** Seconds that a look at a file may take there, its hash included. */
const LOOK = 300

/** The slowest line that is waited for, in bytes a second. */
const SLOWEST = 8 * 1024

/**
 * Uploads a file under a temporary name beside the final one, has its SHA-256 checked by the remote side, and only then
 * gives it its name. Sends nothing where it is there already, and only the rest where an earlier upload was cut off. Goes
 * by SFTP, by `scp` where there is none, and by `cat` where there is no `scp` either.
 */
export async function uploadFile(
  channels: UploadChannels,
  path: string,
  { to, signal: given, progress }: UploadFileOptions,
): Promise<void> {
  const { speech } = channels
  const file = await readLocalFile(path, given)
  const part = `${to}.${file.sha256.slice(0, 12)}.part`
  const names = { to, part, size: file.size, sha256: file.sha256 }
  const stall = watchStall(`the upload of ${path}`, { idle: IDLE, signal: given })
  const { signal } = stall
  const isOpen = (): boolean => channels.isOpen()

  const tell = (done: number): void => progress?.({ done, total: file.size, unit: 'bytes' })
  const meter = (from: number): ((bytes: number) => void) => {
    let done = from
    return (bytes) => {
      stall.heard()
      done += bytes
      tell(done)
    }
  }

  const run = (command: CommandLine, { input }: Pick<RunTextOptions, 'input'> = {}): Promise<CommandResult> =>
    channels.run(command.text, {
      signal,
      input,
      seconds: LOOK + (input === undefined ? 0 : file.size / SLOWEST),
    })
  const overSftp = (use: (sftp: SFTPWrapper) => Promise<void>): Promise<boolean> =>
    withSftp(use, { open: () => channels.openSftp(), isOpen, signal })

  async function send(attempt: Attempt): Promise<void> {
    const { from, partial } = attempt
    if (await overSftp((sftp) => putBySftp(sftp, file, { ...attempt, part, onSent: meter(from) }))) return
    if (from === 0 && (await putByScp(file, { part, run, onSent: meter(0) }))) return
    // It can only add at the end.
    const end = from === 0 ? 0 : partial
    await putByCat(file, { part, run, onSent: meter(end), from: end })
  }

  try {
    if (speech.kind !== 'none') {
      const remote = createCommandFile(names, { run, isShell: speech.kind === 'sh' })
      if (!(await deliver(remote, { file, to, send, isOpen, signal }))) tell(file.size)
      return
    }
    const taken = await overSftp(async (sftp) => {
      const put = (attempt: Attempt): Promise<void> =>
        putBySftp(sftp, file, { ...attempt, part, onSent: meter(attempt.from) })
      if (!(await deliver(createSftpFile(sftp, names), { file, to, send: put, isOpen, signal })))
        tell(file.size)
    })
    if (taken) return
    throw new ConnectError('protocol', `${path} cannot be uploaded: the server has no SFTP`, {
      hint: `it runs no commands either: ${speech.reason}`,
    })
  } finally {
    stall.stop()
  }
}
