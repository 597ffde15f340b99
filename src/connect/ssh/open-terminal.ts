import { StringDecoder } from 'node:string_decoder'

import type { Client } from 'ssh2'

import type { Clock } from '../../model/clock.ts'
import { Secret } from '../../model/secret.ts'
import { renderPlainText } from '../dialogue/plain-text.ts'
import type { Terminal } from '../dialogue/terminal.ts'
import { openChannel, resultOf, type ChannelEnd } from './run-command.ts'

const LIMIT = 256 * 1024

/** Runs a command on a pseudo-terminal of its own, wide enough that nothing wraps. */
export async function openTerminal(
  client: Client,
  command: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Terminal> {
  const { channel, ended } = await openChannel(client, command, { terminal: true, signal })
  const decoder = new StringDecoder('utf8')
  let raw = ''
  let news = false
  let end: ChannelEnd | undefined
  let wake = (): void => undefined

  const take = (chunk: Buffer): void => {
    raw = (raw + decoder.write(chunk)).slice(-LIMIT)
    news = true
    wake()
  }
  channel.on('data', take)
  channel.stderr.on('data', take)
  const watch = async (): Promise<void> => {
    end = await ended
    news = true
    wake()
  }
  void watch()

  return {
    async listen({ quiet, signal }) {
      if (!news) {
        const control = new AbortController()
        const abort = (): void => control.abort(signal.reason)
        signal.addEventListener('abort', abort, { once: true })
        wake = () => control.abort()
        await clock.sleep(quiet, { signal: control.signal }).catch(() => undefined)
        wake = () => undefined
        signal.removeEventListener('abort', abort)
      }
      signal.throwIfAborted()
      const text = renderPlainText(raw)
      const heard = {
        text,
        news,
        ended: end === undefined ? undefined : resultOf(end, { stdout: text, stderr: '', truncated: false }),
      }
      news = false
      return heard
    },
    async send(answer, { signal }) {
      signal.throwIfAborted()
      raw = ''
      news = false
      channel.write(`${answer instanceof Secret ? answer.reveal() : answer}\r`)
    },
    async interrupt() {
      if (end !== undefined) return
      channel.write('\u0003')
      channel.close()
      channel.destroy()
    },
  }
}
