import { CommandError, ConnectError, TimeoutError } from '../../model/error.ts'
import { calibrate } from './calibrate.ts'
import { findLoginPrompt } from './find-login-prompt.ts'
import { UNREADABLE } from './glyph-book.ts'
import { controlKey, ENTER } from './keys.ts'
import { findLeftBehind, type LeftBehind } from './left-behind.ts'
import type { ConsoleMachine } from './machine.ts'
import type { Key } from './port.ts'
import { LOGIN } from './prompts.ts'
import { promptOf, type LookOptions, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'
import { withPicture } from './with-picture.ts'

// A boot takes a minute or more: nobody has to look on all the time.
const BOOT_DELAY = 5000
// How long what was left behind has to stand still before a key is pressed, in milliseconds: it may be on its way out
// already, and what is typed too late ends up in the next log-in. A command may only be slow, so that its wait doubles.
const SETTLED = 2000
const STILL = 20_000
const STILL_MOST = 600_000
const TRIES = 20
// A check of a large file system says nothing for minutes. What stands still for longer waits for a person, and so does a
// machine of which there is no picture for as long.
const PATIENCE = 600_000

// What takes each back. Nothing else is ever pressed here: a key that reaches a machine while it checks its disks can leave
// it in single-user mode.
const [CANCEL, LOG_OUT, ERASE] = [controlKey('c'), controlKey('d'), controlKey('u')]
const KEYS = {
  prompt: [CANCEL, LOG_OUT],
  command: [CANCEL, LOG_OUT],
  typed: [ERASE],
  // An empty line makes the terminal ask again.
  buried: [ERASE, ENTER],
} satisfies Record<LeftBehind, readonly Key[]>

/** Where a machine is: `font` at what may be a log-in prompt, in a font that nobody knows yet. */
type Place = 'login' | 'font' | 'waiting' | LeftBehind

/**
 * Whether the next look may show what this one could not: a machine that starts, or moves to another host, has no picture
 * now and then, and firmware shows itself in graphics modes that no cell fits into.
 */
function isPassing(cause: unknown): cause is CommandError | ConnectError | TimeoutError {
  if (cause instanceof ConnectError) return !['absent', 'host-key', 'tls'].includes(cause.kind)
  return cause instanceof CommandError || cause instanceof TimeoutError
}

/** Makes looks of which any number may fail, for as long as anything is waited for here; then the last failure is told. */
function createEyes({ clock, name }: ConsoleMachine, signal: AbortSignal) {
  let blind:
    | { readonly since: number; readonly why: Error & { readonly hint?: string | undefined } }
    | undefined
  return {
    /** Nothing where no text is shown, or no picture could be taken. */
    async see(looking: Promise<Screen>): Promise<Screen | undefined> {
      try {
        const screen = await looking
        blind = undefined
        return screen
      } catch (cause) {
        if (signal.aborted || !isPassing(cause)) throw cause
        blind = { since: blind?.since ?? clock.now(), why: cause }
        if (clock.now() - blind.since >= PATIENCE) throw cause
        return undefined
      }
    },
    /** The error of a wait whose time ran out while nothing could be seen; any other one as it is. */
    explain(cause: unknown): unknown {
      const late: unknown = signal.reason
      if (blind === undefined || !(late instanceof TimeoutError)) return cause
      const { message, hint = `\`runbook console ${name}\` shows it` } = blind.why
      return new TimeoutError(`${late.message}: ${message}`, { cause: blind.why, hint })
    },
  }
}

/** Learns the font where this prompt cannot be read yet; one machine at a time, and only if nobody else just did. */
async function learn(machine: ConsoleMachine, signal: AbortSignal): Promise<void> {
  await machine.book.exclusively(async () => {
    const screen = await machine.reader.look(signal)
    if (LOGIN.test(promptOf(screen)) || findLoginPrompt(screen.grid) === undefined) return
    const { port, reader, clock } = machine
    machine.book.add(await calibrate(port, { reader, clock, signal }))
  })
}

function placeOf(screen: Screen): Place {
  if (LOGIN.test(promptOf(screen))) return 'login'
  const place = findLoginPrompt(screen.grid)
  // A row that can be read, and is no log-in prompt, only has the form of one.
  if (place !== undefined && screen.rows[place.row]?.includes(UNREADABLE) === true) return 'font'
  return findLeftBehind(screen) ?? 'waiting'
}

/**
 * Waits until the machine shows its log-in prompt, through all of its boot, and learns the font where nobody has yet.
 * What was left at a known prompt, and a command of ours that an earlier run left, is cancelled and logged out. At anything
 * else nothing is typed: where it stands still for long it is a `ConnectError`, and the picture is kept.
 */
export async function reachLogin(machine: ConsoleMachine, signal: AbortSignal): Promise<void> {
  const eyes = createEyes(machine, signal)
  try {
    await waitForLogin(machine, { eyes, signal })
  } catch (cause) {
    throw eyes.explain(cause)
  }
}

async function waitForLogin(
  machine: ConsoleMachine,
  { eyes, signal }: { readonly eyes: ReturnType<typeof createEyes>; readonly signal: AbortSignal },
): Promise<void> {
  const { port, clock, reader } = machine
  let tries = 0
  let pause = 500
  let still = STILL
  let seen: Screen | undefined
  for (;;) {
    const screen = seen ?? (await eyes.see(reader.look(signal)))
    if (screen === undefined) {
      await clock.sleep(pause, { signal })
      pause = Math.min(pause * 1.5, BOOT_DELAY)
      continue
    }
    const place = placeOf(screen)
    if (place === 'login') return
    const wait: Omit<LookOptions, 'signal'> = {
      waiting: { quiet: PATIENCE, first: BOOT_DELAY },
      command: { quiet: still, first: BOOT_DELAY },
      prompt: { quiet: SETTLED },
      typed: { quiet: SETTLED },
      // A machine that shuts down, or boots below an old prompt, says more.
      buried: { quiet: STILL, first: BOOT_DELAY },
      font: { quiet: SETTLED },
    }[place]
    seen = await eyes.see(reader.lookPast(screen, { ...wait, signal }))
    if (seen !== screen) continue
    seen = undefined
    if (place === 'waiting' || ++tries > TRIES) throw await explainStop(machine, { place, screen })
    if (place === 'font') {
      await learn(machine, signal)
      continue
    }
    if (place === 'command') still = Math.min(still * 2, STILL_MOST)
    for (const key of KEYS[place]) {
      await typeKeys(port, [key], { clock, signal, batch: 1 })
      await clock.sleep(500, { signal })
    }
  }
}

function explainStop(
  machine: ConsoleMachine,
  { place, screen }: { readonly place: Place; readonly screen: Screen },
): Promise<ConnectError> {
  const { name } = machine
  const line = promptOf(screen).trim() || (screen.rows.findLast((row) => row.trim() !== '') ?? '').trim()
  if (place !== 'waiting') {
    return withPicture(machine, {
      message: `the console of ${name} does not come to a log-in prompt`,
      hint: `\`runbook console ${name}\` shows it; it stopped at “${line}”`,
    })
  }
  return withPicture(machine, {
    message: `the console of ${name} has stood still for ${PATIENCE / 60_000} minutes at something that is no log-in prompt: “${line}”`,
    hint:
      `nothing was typed at it, since the machine may be starting or somebody may be working there; \`runbook console ${name}\` shows it: ` +
      'bring it to its log-in prompt, then run this again',
  })
}
