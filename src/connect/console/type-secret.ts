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

// How long a character may take to show at least, in milliseconds: a machine may be busy, and a picture takes its time.
const ECHO = 1000
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

/**
 * What stands behind the prompt that was answered, in every row that begins with it. Where a message had buried the prompt,
 * it is what stands in the row of the cursor.
 */
function behind(before: Screen, after: Screen): readonly string[] {
  const prompt = promptOf(before).trimEnd()
  if (prompt === '') return [promptOf(after).trim()]
  return after.rows.filter((row) => row.startsWith(prompt)).map((row) => row.slice(prompt.length).trim())
}

/**
 * Whether the character that was typed shows. What else comes meanwhile, such as a mask or a message of the kernel, is
 * waited for to its end: the character may stand before it or behind it.
 */
async function isShown(
  { reader }: ConsoleMachine,
  { character, before, signal }: { character: string; before: Screen; signal: AbortSignal },
): Promise<boolean> {
  let screen = before
  for (;;) {
    const next = await reader.lookPast(screen, { quiet: ECHO, first: ECHO, signal })
    if (next === screen) break
    screen = next
  }
  if (screen === before) return false
  const typed = behind(before, screen).some((text) => text.startsWith(character))
  return typed || promptOf(screen).trimEnd().endsWith(character)
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
    if (await isShown(machine, { character: text.slice(0, 1), before, signal }))
      throw await refuse(`the console of ${name} shows what is typed at “${promptOf(before).trim()}”`)
  }
  await typeKeys(port, keys.slice(1), { clock, signal, batch: BATCH })
  const masks = behind(before, await reader.look(signal))
  if (masks.some((mask) => /^([*•.])\1*$/.test(mask) && mask.length > text.length))
    throw await refuse(`the console of ${name} counted more keys than a password has`)
  await typeKeys(port, [ENTER], { clock, signal, batch: 1 })
  return before
}
