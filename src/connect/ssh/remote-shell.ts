import { randomBytes } from 'node:crypto'

import type { CommandResult } from '../../model/command-result.ts'
import { ConnectError } from '../../model/error.ts'
import { withDeadline } from '../deadline.ts'
import { createShared } from '../shared.ts'
import { renderWords } from './failure.ts'
import { isRefusedChannel, type LiveClient } from './open-channel.ts'
import { openPersistentShell, type PersistentShell } from './persistent-shell.ts'
import { parseWatchdog, WATCHDOG_PROBE, type Watchdog } from './remote-deadline.ts'
import { runCommand } from './run-command.ts'

/**
 * What a server runs: `sh`; single commands only, as a restricted shell does; or none at all, as one that is there for
 * transfers only.
 */
export type Speech =
  | { readonly kind: 'sh'; readonly watchdog: Watchdog }
  | { readonly kind: 'bare' }
  | { readonly kind: 'none'; readonly reason: string }

/** The shell of a server as far as it has one, found out when it is first needed. */
export interface RemoteShell {
  /** What the server runs. */
  learn(options: { readonly signal: AbortSignal }): Promise<Speech>
  /** The shell that stays, claimed for one command, where there is one and it has nothing to do. */
  take(options: { readonly signal: AbortSignal }): Promise<PersistentShell | undefined>
  /** Gives the channel of the shell that stays back to a server that has too few. */
  makeRoom(): Promise<void>
  close(): Promise<void>
}

/** Seconds of wall time in which a shell has to show that it is one. */
const PATIENCE = 15

interface ShellOptions {
  /** Runs what opens a channel, again where there is no room for one. */
  readonly withRoom: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>
}

/** The last thing that somebody said who did not do what was asked. */
function lastWords(result: CommandResult): string {
  const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n')
  return renderWords(lines.at(-1) ?? '')
}

/** Makes one that knows nothing yet. */
export function createRemoteShell(live: LiveClient, { withRoom }: ShellOptions): RemoteShell {
  let shell: PersistentShell | undefined
  let isCrowded = false
  let opening: Promise<PersistentShell | undefined> | undefined

  const late = (): Error => new ConnectError('timeout', 'the shell did not answer')

  /** Asks whether single commands are run, where there is no `sh`. */
  async function learnBare(signal: AbortSignal, shown: string): Promise<Speech> {
    const word = randomBytes(6).toString('hex')
    try {
      const result = await withDeadline(
        (bounded) =>
          withRoom(() => runCommand(live, `echo ${word}`, { signal: bounded, limit: 4096 }), bounded),
        { signal, seconds: PATIENCE, late },
      )
      if (result.stdout.includes(word)) return { kind: 'bare' }
      return { kind: 'none', reason: lastWords(result) || shown || 'it says nothing' }
    } catch (cause) {
      signal.throwIfAborted()
      if (!live.isOpen()) throw cause
      return { kind: 'none', reason: shown || 'it says nothing' }
    }
  }

  async function learn(signal: AbortSignal): Promise<Speech> {
    const fresh = await withRoom(() => openPersistentShell(live, { signal }), signal)
    let shown = ''
    try {
      const result = await withDeadline(
        (bounded) => fresh.run(WATCHDOG_PROBE, { signal: bounded, limit: 4096 }),
        { signal, seconds: PATIENCE, late },
      )
      if (result.kind === 'exited') {
        shell = fresh
        return { kind: 'sh', watchdog: parseWatchdog(result.stdout) }
      }
      shown = lastWords(result)
    } catch (cause) {
      signal.throwIfAborted()
      if (!(cause instanceof ConnectError)) throw cause
    }
    if (!live.isOpen()) throw new ConnectError('closed', 'the SSH connection was lost')
    await fresh.close()
    return learnBare(signal, shown)
  }

  const speech = createShared<Speech>({
    open: ({ signal }) => learn(signal),
    // It may come to run some: when a password that is too old has been changed.
    isOpen: ({ kind }) => kind !== 'none',
    close: async () => undefined,
  })

  /** A new one in the place of one that has ended; only one is opened at a time. */
  async function reopen(signal: AbortSignal): Promise<PersistentShell | undefined> {
    try {
      shell = await openPersistentShell(live, { signal })
      return shell.claim() ? shell : undefined
    } catch (cause) {
      if (!isRefusedChannel(cause)) throw cause
      isCrowded = true
      return undefined
    }
  }

  return {
    learn: (options) => speech.take(options),
    async take({ signal }) {
      const { kind } = await speech.take({ signal })
      if (kind !== 'sh' || isCrowded || opening !== undefined) return undefined
      if (shell?.isOpen() === true) return shell.claim() ? shell : undefined
      opening = reopen(signal).finally(() => {
        opening = undefined
      })
      return opening
    },
    async makeRoom() {
      if (shell?.claim() !== true) return
      isCrowded = true
      await shell.close()
    },
    async close() {
      await speech.close()
      if (shell?.isOpen() === true) await shell.close()
    },
  }
}
