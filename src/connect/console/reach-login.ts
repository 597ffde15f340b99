import { ConnectError } from '../../model/error.ts'
import { calibrate } from './calibrate.ts'
import { findLoginPrompt } from './find-login-prompt.ts'
import { controlKey } from './keys.ts'
import type { ConsoleMachine } from './machine.ts'
import { LOGIN, NEW_PASSWORD, OLD_PASSWORD, PASSWORD, RETYPE_PASSWORD, SHELL } from './prompts.ts'
import { promptOf, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'
import { withPicture } from './with-picture.ts'

// A boot takes a minute or more: nobody has to look on all the time.
const BOOT_DELAY = 5000
// A machine whose screen does not move for so long is not booting any more: somebody left it in the middle of something.
// The wait doubles each time, because what looks still may only be slow.
const STILL = 20_000
const STILL_MOST = 600_000
const RESETS = 20
// How long a prompt has to stand before it counts as left behind, in milliseconds.
const SETTLED = 2000
const LEFT_BEHIND = [/^\s*sudo password/, OLD_PASSWORD, NEW_PASSWORD, RETYPE_PASSWORD, PASSWORD, SHELL]

type Sight = { readonly kind: 'login' | 'left' | 'waiting'; readonly screen: Screen | undefined }

async function look(machine: ConsoleMachine, signal: AbortSignal): Promise<Screen | undefined> {
  try {
    return await machine.reader.look(signal)
  } catch (cause) {
    // Firmware shows itself in graphics modes that no cell fits into.
    if (cause instanceof ConnectError && cause.kind === 'protocol') return undefined
    throw cause
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

/** Says where a machine is, from what was seen last, or from what it shows now. */
async function judge(
  machine: ConsoleMachine,
  { seen, signal }: { readonly seen: Screen | undefined; readonly signal: AbortSignal },
): Promise<Sight> {
  const screen = seen ?? (await look(machine, signal))
  if (screen === undefined) return { kind: 'waiting', screen }
  const prompt = promptOf(screen)
  if (LOGIN.test(prompt)) return { kind: 'login', screen }
  if (findLoginPrompt(screen.grid) !== undefined) {
    const still = await machine.reader.lookPast(screen, { quiet: 1000, signal })
    if (still !== screen) return { kind: 'waiting', screen: still }
    await learn(machine, signal)
    return { kind: LOGIN.test(promptOf(await machine.reader.look(signal))) ? 'login' : 'waiting', screen }
  }
  return { kind: LEFT_BEHIND.some((pattern) => pattern.test(prompt)) ? 'left' : 'waiting', screen }
}

/**
 * Waits until the machine shows its log-in prompt, through all of its boot, and learns the font where nobody has yet.
 * What an earlier run left on the console is cancelled and logged out.
 */
export async function reachLogin(machine: ConsoleMachine, signal: AbortSignal): Promise<void> {
  const { port, clock, reader, name } = machine
  let resets = 0
  let pause = 500
  let still = STILL
  let seen: Screen | undefined
  for (;;) {
    const { kind, screen } = await judge(machine, { seen, signal })
    if (kind === 'login') return
    if (kind === 'waiting') {
      if (screen === undefined) {
        await clock.sleep(pause, { signal })
        pause = Math.min(pause * 1.5, BOOT_DELAY)
        continue
      }
      seen = await reader.lookPast(screen, { quiet: still, first: BOOT_DELAY, signal }).catch(() => undefined)
      if (seen !== screen) continue
    }
    if (kind === 'left' && screen !== undefined) {
      // It may be on its way out already: what is typed too late ends up in the next log-in.
      seen = await reader.lookPast(screen, { quiet: SETTLED, signal })
      if (seen !== screen) continue
    }
    seen = undefined
    still = Math.min(still * 2, STILL_MOST)
    if (kind === 'left' && ++resets > RESETS) {
      const line = screen === undefined ? '' : promptOf(screen).trim()
      throw await withPicture(machine, {
        message: `the console of ${name} does not come to a log-in prompt`,
        hint: `\`runbook console ${name}\` shows it; it stopped at “${line}”`,
      })
    }
    for (const letter of ['c', 'd']) {
      await typeKeys(port, [controlKey(letter)], { clock, signal, batch: 1 })
      await clock.sleep(500, { signal })
    }
  }
}
