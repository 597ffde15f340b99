import { ConnectError } from '../../model/error.ts'
import { controlKey, ENTER, isTypable, keysOf } from './keys.ts'
import type { ConsoleMachine } from './machine.ts'
import { promptOf, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'

// Other keys type these on British keyboards, or on American ones whose accents wait for a letter. The other keyboards are
// noticed before: there the log-in prompt, or the name of the user, does not read as it was typed.
const AMBIGUOUS = /["'#@~^`|\\]/

/** Why a secret must not be typed on a console, in words that do not tell it; nothing where it may be. */
export function explainUntypable(text: string): string | undefined {
  if (!isTypable(text)) return 'a US keyboard lacks a character of it'
  return AMBIGUOUS.test(text)
    ? 'it has one of the characters " \' # @ ~ ^ ` | \\, which are not on the same keys everywhere'
    : undefined
}

/** Refuses a secret that cannot be typed on a console for certain, before anything of it was typed. */
export function checkTypable(text: string, { name }: Pick<ConsoleMachine, 'name'>): void {
  const reason = explainUntypable(text)
  if (reason === undefined) return
  throw new ConnectError('protocol', `a password cannot be typed on the console of ${name}: ${reason}`, {
    hint: 'choose a password of letters, digits, blanks and ! $ % & ( ) * + , - . / : ; < = > ? [ ] _ { } for what has to be typed on a console',
  })
}

// How long a character may take to show, in milliseconds.
const ECHO = 400
const STILL = 500
const BATCH = 24

/**
 * Waits until nothing more comes. Some programs show their prompt first and then throw away what was typed before they
 * were ready to read it.
 */
async function waitUntilStill({ reader }: ConsoleMachine, signal: AbortSignal): Promise<Screen> {
  let screen = await reader.look(signal)
  for (;;) {
    const next = await reader.lookPast(screen, { quiet: STILL, signal })
    if (next === screen) return screen
    screen = next
  }
}

/** What stands on the line behind the prompt that was answered. */
function behind(before: Screen, after: Screen): string {
  const [prompt, line] = [promptOf(before).trimEnd(), promptOf(after).trimEnd()]
  return line.startsWith(prompt) ? line.slice(prompt.length).trim() : ''
}

/**
 * Types a secret and the Enter key in answer to the prompt that is shown. Its first key is pressed alone and looked for:
 * where the screen shows it, nothing more is typed. Where it shows something else for every key, that is counted.
 */
export async function typeSecret(
  machine: ConsoleMachine,
  text: string,
  { hidden, signal }: { readonly hidden: boolean; readonly signal: AbortSignal },
): Promise<Screen> {
  const { reader, port, clock, name } = machine
  checkTypable(text, machine)
  const before = await waitUntilStill(machine, signal)
  const keys = keysOf(text)
  const refuse = async (message: string): Promise<ConnectError> => {
    await typeKeys(port, [controlKey('u')], { clock, signal, batch: 1 })
    return new ConnectError('protocol', message, {
      hint: `nothing was confirmed; look at the console of ${name}: whatever asked is no prompt for a password`,
    })
  }
  await typeKeys(port, keys.slice(0, 1), { clock, signal, batch: 1 })
  if (!hidden) {
    const shown = behind(before, await reader.lookPast(before, { quiet: ECHO, signal }))
    if (shown === text.slice(0, 1))
      throw await refuse(`the console of ${name} shows what is typed at “${promptOf(before).trim()}”`)
  }
  await typeKeys(port, keys.slice(1), { clock, signal, batch: BATCH })
  const masks = behind(before, await reader.look(signal))
  if (/^([*•.])\1*$/.test(masks) && masks.length > text.length)
    throw await refuse(`the console of ${name} counted more keys than a password has`)
  await typeKeys(port, [ENTER], { clock, signal, batch: 1 })
  return before
}
