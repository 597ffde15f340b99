import { randomBytes } from 'node:crypto'

import type { CommandResult } from '../../model/command-result.ts'
import { untilAborted } from '../deadline.ts'
import { createOutputTail, type OutputTail } from '../output-tail.ts'
import { openChannel, type LiveClient } from './open-channel.ts'
import { OUTPUT_LIMIT } from './run-command.ts'
import { watchStall, type StallLimits } from './stall.ts'

/** How a command is run in a shell that stays. */
export interface ShellOptions extends StallLimits {
  readonly signal: AbortSignal
  /** Bytes kept of each stream. Default 1 MiB. */
  readonly limit?: number | undefined
}

/**
 * One `sh` on a channel of its own that runs one command after the other: a command costs one round trip and no log-in
 * shell. Commands read nothing, and nothing that they do to themselves outlives them.
 */
export interface PersistentShell {
  isOpen(): boolean
  /** Takes it for one command; false where it is gone, or somebody else’s for now. */
  claim(): boolean
  /** Runs a command line of `sh` to its end, and gives the shell free. Where that is not waited for, it is given up. */
  run(line: string, options: ShellOptions): Promise<CommandResult>
  /** Gives its channel back; resolves when the server has. */
  close(): Promise<void>
}

/** A stream up to the mark that stands at the end of each command’s output. */
interface MarkedStream {
  /** Forgets what was said; calls `found` with what stands behind the mark when that has come. */
  next(mark: string, options: { readonly limit: number; readonly found: (status: string) => void }): void
  readonly tail: () => OutputTail
}

/** More than a mark and a status are long. */
const ROOM = 64

function watchMarks(
  stream: NodeJS.ReadableStream,
  { onData }: { readonly onData: () => void },
): MarkedStream {
  let tail = createOutputTail(OUTPUT_LIMIT)
  let recent = ''
  let wanted: { readonly mark: string; readonly found: (status: string) => void } | undefined
  stream.on('data', (chunk: Buffer) => {
    onData()
    tail.push(chunk)
    if (wanted === undefined) return
    const seen = recent + chunk.toString('latin1')
    recent = seen.slice(-ROOM)
    const at = seen.indexOf(wanted.mark)
    const end = at === -1 ? -1 : seen.indexOf(';', at)
    if (end === -1) return
    const { mark, found } = wanted
    wanted = undefined
    found(seen.slice(at + mark.length, end))
  })
  return {
    tail: () => tail,
    next(mark, { limit, found }) {
      tail = createOutputTail(limit + ROOM)
      recent = ''
      wanted = { mark, found }
    },
  }
}

/** What a command printed before its mark, no more than was asked to be kept. */
function cut(
  tail: OutputTail,
  { mark, limit }: { readonly mark: string; readonly limit: number },
): {
  readonly text: string
  readonly truncated: boolean
} {
  const all = tail.text()
  const end = all.lastIndexOf(mark)
  const text = end === -1 ? all : all.slice(0, end)
  if (Buffer.byteLength(text) <= limit) return { text, truncated: tail.truncated }
  const short = createOutputTail(limit)
  short.push(Buffer.from(text))
  return { text: short.text(), truncated: true }
}

/** Starts a shell. Rejects where there is no channel for it; one that is no `sh` is found out by its first answer. */
export async function openPersistentShell(
  live: LiveClient,
  { signal }: { readonly signal: AbortSignal },
): Promise<PersistentShell> {
  const { channel, ended } = await openChannel(live, 'sh', { terminal: false, signal })
  let open = true
  let busy = false
  let heard = (): void => undefined
  const onData = (): void => heard()
  const [stdout, stderr] = [watchMarks(channel, { onData }), watchMarks(channel.stderr, { onData })]
  let finish = (_status: string | undefined): void => undefined
  const watch = async (): Promise<void> => {
    await ended
    open = false
    finish(undefined)
  }
  const gone = watch()
  const prefix = randomBytes(8).toString('hex')
  let count = 0

  function end(): void {
    open = false
    channel.end()
    channel.close()
  }

  return {
    isOpen: () => open,
    claim() {
      if (!open || busy) return false
      busy = true
      return true
    },
    async run(line, { signal: given, limit = OUTPUT_LIMIT, firstByte, idle }) {
      count += 1
      const mark = `@${prefix}${count}:`
      const stall = watchStall(line, { firstByte, idle, signal: given })
      heard = () => stall.heard()
      try {
        const ending = new Promise<string | undefined>((resolve) => {
          finish = resolve
          let code: string | undefined
          let silent = false
          const settle = (): void => {
            if (silent && code !== undefined) resolve(code)
          }
          stdout.next(mark, {
            limit,
            found(status) {
              code = status
              settle()
            },
          })
          stderr.next(mark, {
            limit,
            found() {
              silent = true
              settle()
            },
          })
          if (!open) resolve(undefined)
        })
        // The status first: what follows would be the status of printing it.
        channel.write(`{ ${line}; } </dev/null\necho "${mark}$?;"; echo "${mark};" >&2\n`)
        const status = await untilAborted(ending, stall.signal)
        const [out, err] = [cut(stdout.tail(), { mark, limit }), cut(stderr.tail(), { mark, limit })]
        const output = { stdout: out.text, stderr: err.text, truncated: out.truncated || err.truncated }
        if (status !== undefined) return { kind: 'exited', code: Number(status), ...output }
        const reason = live.isOpen()
          ? 'the shell ended before the command did'
          : 'the connection broke before the command ended'
        return { kind: 'lost', failure: 'closed', reason, ...output }
      } catch (cause) {
        // The command still runs in it: the next one would wait for that.
        end()
        throw cause
      } finally {
        busy = false
        heard = () => undefined
        stall.stop()
      }
    },
    async close() {
      end()
      await Promise.race([gone, live.closed])
    },
  }
}
