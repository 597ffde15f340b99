import { StringDecoder } from 'node:string_decoder'

import type { Clock } from '../../model/clock.ts'
import { ConnectError } from '../../model/error.ts'
import { Secret } from '../../model/secret.ts'
import { renderPlainText } from '../dialogue/plain-text.ts'
import type { Terminal } from '../dialogue/terminal.ts'
import { openChannel, type ChannelEnd, type LiveClient } from './open-channel.ts'
import { resultOf } from './run-command.ts'

const LIMIT = 256 * 1024
// How long a character may take to come back at least, in milliseconds.
const ECHO = 400

/** Runs a command on a pseudo-terminal of its own, wide enough that nothing wraps. */
export async function openTerminal(
  live: LiveClient,
  command: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Terminal> {
  const asked = clock.now()
  const { channel, ended } = await openChannel(live, command, { terminal: true, signal })
  // A channel, its terminal and its command are asked for one after the other: so long is never less than two ways there
  // and back, and longer where the other side is slow itself.
  const patience = Math.max(ECHO, clock.now() - asked)
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

  /** Waits for something to come, or until `quiet` milliseconds are over. */
  async function waitForNews(quiet: number, signal: AbortSignal): Promise<void> {
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
  }

  /**
   * Types the first character of a secret alone: where it comes back, the prompt shows what is typed. Whatever else comes
   * meanwhile, such as a mask or a message of the kernel, is waited for to its end.
   */
  async function tryEcho(character: string, signal: AbortSignal): Promise<void> {
    channel.write(character)
    do {
      news = false
      await waitForNews(patience, signal)
    } while (news)
    const text = renderPlainText(raw)
    // Before what came, behind it, or at the end of a line of it: rather one refusal too many than a password on a screen.
    const isShown = text.startsWith(character) || text.split('\n').some((line) => line.endsWith(character))
    if (!isShown) return
    // Taken back, so that it is not left on a line that somebody else may send.
    channel.write('\u0015')
    throw new ConnectError('protocol', 'the prompt shows what is typed: no password is typed there', {
      hint: 'whatever asked is no prompt for a password; see whether the wording takes it for one',
    })
  }

  return {
    async listen({ quiet, signal }) {
      await waitForNews(quiet, signal)
      const text = renderPlainText(raw)
      const heard = {
        text,
        news,
        ended: end === undefined ? undefined : resultOf(end, { stdout: text, stderr: '', truncated: false }),
      }
      news = false
      return heard
    },
    async send(answer, { signal, hidden = false }) {
      signal.throwIfAborted()
      raw = ''
      news = false
      const text = answer instanceof Secret ? answer.reveal() : answer
      const isTried = answer instanceof Secret && !hidden && text !== ''
      if (isTried) await tryEcho(text.slice(0, 1), signal)
      if (end !== undefined) {
        news = true
        return
      }
      channel.write(`${isTried ? text.slice(1) : text}\r`)
    },
    async interrupt() {
      if (end !== undefined) return
      channel.write('\u0003')
      channel.close()
      channel.destroy()
    },
  }
}
