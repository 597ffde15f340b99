import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'

import type { CommandResult } from '../../../model/command-result.ts'
import { CommandError, ConnectError } from '../../../model/error.ts'
import { sh, type CommandLine } from '../../../shell/sh.ts'
import type { LocalFile } from './local-file.ts'

/** How a file is given to a command that writes it down. */
export interface StreamPutOptions {
  readonly part: string
  readonly run: (command: CommandLine, options: { readonly input: Readable }) => Promise<CommandResult>
  readonly onSent: (bytes: number) => void
}

/** The program is not there. */
const NOT_FOUND = 127

async function* listBytes(
  file: LocalFile,
  { from, onSent }: { readonly from: number; readonly onSent: (bytes: number) => void },
): AsyncGenerator<Buffer> {
  if (from >= file.size) return
  // No more than was announced, whatever has been added meanwhile.
  for await (const chunk of createReadStream(file.path, { start: from, end: file.size - 1 })) {
    yield chunk as Buffer
    onSent((chunk as Buffer).length)
  }
}

function refuse(result: CommandResult, words: string): never {
  if (result.kind === 'lost') throw new ConnectError(result.failure, result.reason)
  throw new CommandError(words.trim().split('\n').at(-1) ?? 'no reason given')
}

/**
 * Sends a file as `scp` does, to the `scp` of the other side: a line that announces it, its bytes, and a zero. What it
 * answers meanwhile is read at the end; an answer that is not zero is followed by a message. False where there is no `scp`.
 */
export async function putByScp(file: LocalFile, { part, run, onSent }: StreamPutOptions): Promise<boolean> {
  async function* speak(): AsyncGenerator<Buffer> {
    yield Buffer.from(`C0600 ${file.size} ${basename(part)}\n`)
    yield* listBytes(file, { from: 0, onSent })
    yield Buffer.from([0])
  }
  const result = await run(sh`scp -t -- ${part}`, { input: Readable.from(speak()) })
  if (result.kind === 'exited' && result.code === NOT_FOUND) return false
  // oxlint-disable-next-line no-control-regex -- the protocol's own marks of a message
  const [, message] = /[\u0001\u0002]([^\n]*)/.exec(result.stdout) ?? []
  if (message === undefined && result.kind === 'exited' && result.code === 0) return true
  return refuse(result, message ?? `${result.stdout}${result.stderr}`)
}

/** Sends the rest of a file to `cat`, which every shell has. */
export async function putByCat(
  file: LocalFile,
  { part, run, onSent, from }: StreamPutOptions & { readonly from: number },
): Promise<void> {
  const command = from > 0 ? sh`umask 077; cat >>${part}` : sh`umask 077; cat >${part}`
  const result = await run(command, { input: Readable.from(listBytes(file, { from, onSent })) })
  if (result.kind === 'exited' && result.code === 0) return
  refuse(result, `${result.stdout}${result.stderr}`)
}
