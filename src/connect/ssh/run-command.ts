import type { Client, ClientChannel } from 'ssh2'

import type { CommandResult } from '../../model/command-result.ts'
import { ConnectError } from '../../model/error.ts'
import { untilAborted } from '../deadline.ts'
import { createBoundedOutput } from './bounded-output.ts'
import { connectFailureOf } from './failure.ts'

/** How a command is run. */
export interface ExecOptions {
  readonly signal: AbortSignal
  /** What the command reads on its input, before the end of it. */
  readonly input?: string | undefined
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
  /** Bytes kept of each stream. Default 1 MiB. */
  readonly limit?: number | undefined
}

/** How a channel ended: the exit that the server told, or that it told none. */
export interface ChannelEnd {
  readonly code?: number
  readonly signal?: string
}

/** An open channel and its end. */
export interface OpenedChannel {
  readonly channel: ClientChannel
  readonly ended: Promise<ChannelEnd>
}

/** Opens a channel for a command, with a terminal or without. Rejects where the server refuses it. */
export function openChannel(
  client: Client,
  command: string,
  { terminal, signal }: { readonly terminal: boolean; readonly signal: AbortSignal },
): Promise<OpenedChannel> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(new ConnectError('closed', 'the SSH connection was lost'))
    const abort = (): void => {
      client.off('close', lost)
      reject(signal.reason as Error)
    }
    const settle = (): void => {
      client.off('close', lost)
      signal.removeEventListener('abort', abort)
    }
    client.once('close', lost)
    signal.addEventListener('abort', abort, { once: true })
    const opened = (cause: Error | undefined, channel: ClientChannel): void => {
      settle()
      if (cause !== undefined) {
        reject(new ConnectError(connectFailureOf(cause), `no SSH channel: ${cause.message}`, { cause }))
      } else if (signal.aborted) {
        channel.destroy()
      } else {
        // At once: a quick command's exit arrives in the same packet, before any promise goes on.
        resolve({ channel, ended: watchEnd(channel) })
      }
    }
    try {
      if (terminal) client.exec(command, { pty: { term: 'dumb', cols: 512, rows: 50 } }, opened)
      else client.exec(command, opened)
    } catch (cause) {
      settle()
      reject(new ConnectError('closed', 'the SSH connection was lost', { cause }))
    }
  })
}

function watchEnd(channel: ClientChannel): Promise<ChannelEnd> {
  return new Promise((resolve) => {
    let end: ChannelEnd = {}
    channel.on('exit', (code: number | null, signal?: string) => {
      if (code !== null) end = { code }
      else if (typeof signal === 'string')
        end = { signal: signal.startsWith('SIG') ? signal : `SIG${signal}` }
    })
    channel.on('error', () => undefined)
    channel.once('close', () => resolve(end))
  })
}

/** Makes a result of how a channel ended and what it printed. */
export function resultOf(
  end: ChannelEnd,
  output: { readonly stdout: string; readonly stderr: string; readonly truncated: boolean },
): CommandResult {
  if (end.code !== undefined) return { kind: 'exited', code: end.code, ...output }
  if (end.signal !== undefined) return { kind: 'signalled', signal: end.signal, ...output }
  return {
    kind: 'lost',
    failure: 'closed',
    reason: 'the connection broke before the command ended',
    ...output,
  }
}

/** Runs one command to its end. Rejects only where the channel cannot be opened or the signal is aborted. */
export async function runCommand(
  client: Client,
  command: string,
  { signal, input, onOutput, limit = 1024 * 1024 }: ExecOptions,
): Promise<CommandResult> {
  const { channel, ended } = await openChannel(client, command, { terminal: false, signal })
  const stdout = createBoundedOutput(limit)
  const stderr = createBoundedOutput(limit)
  channel.on('data', (chunk: Buffer) => {
    stdout.push(chunk)
    onOutput?.(chunk)
  })
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk)
    onOutput?.(chunk)
  })
  const abort = (): void => {
    channel.close()
    channel.destroy()
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    channel.end(input ?? '')
    const end = await untilAborted(ended, signal)
    const [out, err] = [stdout.read(), stderr.read()]
    return resultOf(end, {
      stdout: out.text,
      stderr: err.text,
      truncated: out.truncated || err.truncated,
    })
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
