import { ConnectError } from '../../model/error.ts'
import { Secret } from '../../model/secret.ts'
import type { Answer } from '../dialogue/dialogue.ts'
import type { SendOptions } from '../dialogue/terminal.ts'
import { controlKey, ENTER, isTypable, keysOf } from './keys.ts'
import type { ConsoleMachine } from './machine.ts'
import { cursorRow, joinedText, promptOf, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'
import { typeSecret } from './type-secret.ts'

/** The place on the screen where something was typed: what comes after it is the reply. */
export interface Anchor {
  /** The row as it stands once the line is typed. */
  readonly row: string
  /** Which row of `before` that is. */
  readonly at: number
  /** The screen before the line break. */
  readonly before: Screen
  /** Whether `before` shows the whole line already. */
  readonly shown: boolean
}

const BATCH = 24
const ATTEMPTS = 3
const LOOKS = 10

async function waitForEcho(
  machine: ConsoleMachine,
  { text, signal }: { readonly text: string; readonly signal: AbortSignal },
): Promise<Screen | undefined> {
  let screen = await machine.reader.look(signal)
  for (let looks = 0; looks < LOOKS; looks++) {
    if (joinedText(screen).trimEnd().endsWith(text.trimEnd())) return screen
    screen = await machine.reader.lookPast(screen, { quiet: 500, signal })
  }
  return undefined
}

/** The row that a typed line ends in. One that ends at the edge of the screen may have sent the cursor on to the next. */
function anchorAt(screen: Screen): Pick<Anchor, 'row' | 'at'> {
  const at = cursorRow(screen)
  const row = promptOf(screen).trimEnd()
  if (row !== '' || at === 0) return { row, at }
  return { row: (screen.rows[at - 1] ?? '').trimEnd(), at: at - 1 }
}

async function press(machine: ConsoleMachine, text: string, options: { signal: AbortSignal; batch: number }) {
  return typeKeys(machine.port, keysOf(text), { clock: machine.clock, ...options })
}

/**
 * Types a line and the Enter key. A visible line is read back before Enter, and typed again, key by key, where it does
 * not show as it should. A secret does not show: only its keys can be counted. `seen` is the screen that is answered,
 * where the caller has it.
 */
export async function typeLine(
  machine: ConsoleMachine,
  answer: Answer,
  { seen, signal, hidden = false }: SendOptions & { readonly seen: Screen | undefined },
): Promise<Anchor> {
  const { reader, port, clock, name } = machine
  const text = answer instanceof Secret ? answer.reveal() : answer
  if (!(answer instanceof Secret) && !isTypable(text)) {
    throw new ConnectError(
      'protocol',
      `“${answer}” cannot be typed on the console of ${name}: a US keyboard lacks a character of it`,
      { hint: 'use printable ASCII characters for what has to be typed on a console' },
    )
  }
  if (answer instanceof Secret) {
    const before = await typeSecret(machine, text, { hidden, signal })
    return { row: promptOf(before).trimEnd(), at: cursorRow(before), before, shown: false }
  }
  if (text.length <= 1) {
    const before = seen ?? (await reader.look(signal))
    await typeKeys(port, [...keysOf(text), ENTER], { clock, signal, batch: BATCH })
    return { row: (promptOf(before) + text).trimEnd(), at: cursorRow(before), before, shown: false }
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await press(machine, text, { signal, batch: attempt === 0 ? BATCH : 1 })
    const typed = await waitForEcho(machine, { text, signal })
    if (typed !== undefined) {
      await typeKeys(port, [ENTER], { clock, signal, batch: 1 })
      return { ...anchorAt(typed), before: typed, shown: true }
    }
    await typeKeys(port, [controlKey('u')], { clock, signal, batch: 1 })
  }
  throw new ConnectError(
    'protocol',
    `what was typed on the console of ${name} does not show as it was typed`,
    {
      hint: 'see whether the keyboard layout of the console is US, and whether somebody else is typing',
    },
  )
}
