import { ConnectError } from '../../model/error.ts'
import { calibrate } from './calibrate.ts'
import { findLoginPrompt } from './find-login-prompt.ts'
import { UNREADABLE } from './glyph-book.ts'
import type { ConsoleMachine } from './machine.ts'
import type { Key } from './port.ts'
import { promptOf, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'
import { typeLine } from './type-line.ts'

/** What a person does at a console. */
export type ConsoleAction =
  | { readonly kind: 'type'; readonly text: string }
  | { readonly kind: 'keys'; readonly keys: readonly Key[] }

/** How a person goes about it. */
export interface OperateOptions {
  readonly signal: AbortSignal
  /** Asked before anything is typed, with the line that the machine stopped at. Rejects where it may not be. */
  allow(this: void, what: string, stoppedAt: string): Promise<void>
}

// How long a machine may take to answer what was typed, in milliseconds.
const ANSWER = 2000

/** Whether most of what stands on a screen can be read. */
export function isReadable({ rows }: Screen): boolean {
  const text = rows.join('').replaceAll(' ', '')
  return text.replaceAll(UNREADABLE, '').length >= text.length * 0.9
}

/** The screen as text, without the blanks at the ends of its lines and the empty lines at its end. */
export function renderScreen({ rows }: Screen): string {
  return rows
    .map((row) => row.trimEnd())
    .join('\n')
    .trimEnd()
}

/**
 * Reads the screen. A font that nobody knows yet is learned at the log-in prompt, if that is shown and may be typed at.
 * Throws a `ConnectError` where the screen cannot be read.
 */
export async function readConsole(
  machine: ConsoleMachine,
  { signal, allow }: OperateOptions,
): Promise<Screen> {
  const { reader, port, clock, book, name } = machine
  const screen = await reader.look(signal)
  if (isReadable(screen)) return screen
  if (findLoginPrompt(screen.grid) === undefined) {
    throw new ConnectError('protocol', `what the console of ${name} shows cannot be read yet`, {
      hint: `its font is learned at a log-in prompt, which it does not show; \`runbook console ${name} --png screen.png\` keeps the picture`,
    })
  }
  await allow(
    'the characters of the keyboard, to learn the font (the line is cleared again)',
    'a log-in prompt',
  )
  book.add(await calibrate(port, { reader, clock, signal }))
  return reader.look(signal)
}

/** Types a line, read back before it is confirmed, or presses keys; gives what the screen shows then. */
export async function operateConsole(
  machine: ConsoleMachine,
  action: ConsoleAction,
  options: OperateOptions,
): Promise<Screen> {
  const { reader, port, clock } = machine
  const { signal } = options
  const before = action.kind === 'type' ? await readConsole(machine, options) : await reader.look(signal)
  const stoppedAt = promptOf(before).trim()
  if (action.kind === 'type') {
    await options.allow(`“${action.text}” and Enter`, stoppedAt)
    await typeLine(machine, action.text, { seen: before, signal })
  } else {
    const count = action.keys.length
    await options.allow(count === 1 ? 'one key' : `${count} keys`, stoppedAt)
    await typeKeys(port, action.keys, { clock, signal, batch: 1 })
  }
  let screen = await reader.look(signal)
  for (;;) {
    const next = await reader.lookPast(screen, { quiet: ANSWER, signal })
    if (next === screen) return screen
    screen = next
  }
}
