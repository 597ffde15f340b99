import type { Readable } from 'node:stream'

import type { ClientChannel } from 'ssh2'

import type { CommandOutput, CommandResult } from '../../model/command-result.ts'
import { untilAborted } from '../deadline.ts'
import { createOutputTail } from '../output-tail.ts'
import { openChannel, type ChannelEnd, type LiveClient } from './open-channel.ts'
import { watchStall, type StallLimits } from './stall.ts'

/** How a command is run. */
export interface ExecOptions extends StallLimits {
  readonly signal: AbortSignal
  /** What the command reads on its input, before the end of it: text, or bytes that come as they are wanted. */
  readonly input?: string | Readable | undefined
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
  /** Bytes kept of each stream. Default 1 MiB. */
  readonly limit?: number | undefined
}

/** How a text of `sh` is run. */
export interface RunTextOptions extends ExecOptions {
  /** Seconds after which the server itself ends it. */
  readonly seconds: number
  /** Goes before the command line, as `sudo ` does. */
  readonly prefix?: string | undefined
  /** Whether it may leave something running that the server is not to end with it. */
  readonly leaves?: boolean | undefined
}

/** Bytes of each stream that are kept where nothing else is said. */
export const OUTPUT_LIMIT = 1024 * 1024

/** Makes a result of how a channel ended and what it printed. */
export function resultOf(end: ChannelEnd, output: CommandOutput): CommandResult {
  if (end.code !== undefined) return { kind: 'exited', code: end.code, ...output }
  if (end.signal !== undefined) return { kind: 'signalled', signal: end.signal, ...output }
  return {
    kind: 'lost',
    failure: 'closed',
    reason: 'the connection broke before the command ended',
    ...output,
  }
}

function give(channel: ClientChannel, input: ExecOptions['input']): void {
  if (input === undefined || typeof input === 'string') {
    channel.end(input ?? '')
    return
  }
  // A command may end before it has read everything; what is left is nobody's.
  channel.once('close', () => input.destroy())
  input.once('error', () => channel.close())
  input.pipe(channel)
}

/** Runs one command to its end. Rejects only where the channel cannot be opened or the signal is aborted. */
export async function runCommand(
  live: LiveClient,
  command: string,
  { signal, input, onOutput, limit = OUTPUT_LIMIT, firstByte, idle }: ExecOptions,
): Promise<CommandResult> {
  const { channel, ended } = await openChannel(live, command, { terminal: false, signal })
  const stall = watchStall(command, { firstByte, idle, signal })
  const tails = [channel, channel.stderr].map((stream) => {
    const tail = createOutputTail(limit)
    stream.on('data', (chunk: Buffer) => {
      stall.heard()
      tail.push(chunk)
      onOutput?.(chunk)
    })
    return tail
  })
  try {
    give(channel, input)
    const end = await untilAborted(ended, stall.signal)
    const [stdout, stderr] = tails.map((tail) => tail.text())
    return resultOf(end, {
      stdout: stdout ?? '',
      stderr: stderr ?? '',
      truncated: tails.some(({ truncated }) => truncated),
    })
  } catch (cause) {
    channel.close()
    channel.destroy()
    throw cause
  } finally {
    stall.stop()
  }
}
