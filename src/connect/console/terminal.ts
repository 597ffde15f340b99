import type { CommandResult } from '../../model/command-result.ts'
import { recordTerminal } from '../dialogue/record-terminal.ts'
import type { Heard, Terminal } from '../dialogue/terminal.ts'
import { UNREADABLE } from './glyph-book.ts'
import { controlKey } from './keys.ts'
import type { ConsoleMachine } from './machine.ts'
import { cursorRow, promptOf, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'
import { typeLine, type Anchor } from './type-line.ts'
import { withPicture } from './with-picture.ts'

/** Lines up to the cursor, from `first` on; a row that is full to its end goes on in the next one. */
function renderRows(screen: Screen, first: number): string {
  const last = cursorRow(screen)
  let text = ''
  for (let row = first; row < last; row++) {
    const shown = screen.rows[row] ?? ''
    text += shown.endsWith(' ') || shown === '' ? `${shown.trimEnd()}\n` : shown
  }
  return first > last ? text : text + promptOf(screen)
}

// So many rows above a typed line tell it from an earlier one that reads the same.
const CONTEXT = 6

/** The row in which the typed line stands now, which may have scrolled up; nothing where it is not to be seen. */
function findAnchor({ row, before, at }: Anchor, screen: Screen): number | undefined {
  const text = (of: Screen, index: number): string | undefined => of.rows[index]?.trimEnd()
  for (let found = cursorRow(screen); found >= 0; found--) {
    if (text(screen, found) !== row) continue
    const depth = Math.min(CONTEXT, found, at)
    const above = Array.from({ length: depth }, (_, up) => up + 1)
    if (above.every((up) => text(screen, found - up) === text(before, at - up))) return found
  }
  return undefined
}

/** What came after the line that was typed; nothing while the machine has not taken it yet. */
function replyTo(anchor: Anchor, screen: Screen): string | undefined {
  const { row, before, shown } = anchor
  if (screen === before) return undefined
  const at = cursorRow(screen)
  const found = findAnchor(anchor, screen)
  // A cursor that is not lit leaves the last row that holds anything: nothing has come after it.
  if (found === at) return undefined
  if (found !== undefined) {
    // A shell that writes its own lines leaves the row empty that it sent the cursor to from a full one.
    const isFull = (screen.rows[found] ?? '').length === row.length
    const isEmpty = isFull && found + 1 < at && screen.rows[found + 1]?.trim() === ''
    return renderRows(screen, found + (isEmpty ? 2 : 1))
  }
  // Not to be seen: either it is still being typed, or so much came that it scrolled away.
  const line = promptOf(screen).trimEnd()
  const isTyping = line === row || (!shown && line !== '' && row.startsWith(line))
  return isTyping ? undefined : renderRows(screen, 0)
}

/**
 * The console as a terminal. Without a marker it is the bare console, which never ends; with one, a command whose end the
 * shell tells by printing `marker:code:`.
 */
export function createConsoleTerminal(
  machine: ConsoleMachine,
  { marker, title = 'the console' }: { readonly marker?: string; readonly title?: string } = {},
): Terminal {
  const { reader, clock, port, name, evidence } = machine
  const ending = marker === undefined ? undefined : new RegExp(`${marker}:(\\d+):`)
  let anchor: Anchor | undefined
  let screen: Screen | undefined
  let ended: CommandResult | undefined

  function heardOn(shown: Screen, news: boolean): Heard | undefined {
    const text = anchor === undefined ? promptOf(shown) : replyTo(anchor, shown)
    if (text === undefined) return undefined
    const end = ending?.exec(text)
    if (end === undefined || end === null) return { text, ended: undefined, news }
    const stdout = text.slice(0, end.index)
    ended = { kind: 'exited', code: Number(end[1]), stdout, stderr: '', truncated: false }
    return { text: stdout, ended, news }
  }

  const bare: Terminal = {
    async listen({ quiet, signal }) {
      const seen = screen
      let current = await reader.look(signal)
      if (seen !== undefined && current === seen) current = await reader.lookPast(seen, { quiet, signal })
      const news = current !== seen
      screen = current
      const heard = heardOn(current, news) ?? { text: '', ended: undefined, news }
      if (!heard.text.includes(UNREADABLE)) return heard
      if (news) return { text: '', ended: undefined, news }
      throw await withPicture(machine, {
        message: `the console of ${name} shows something that cannot be read`,
        hint: `the unreadable characters are marked here: ${heard.text.trim().slice(-200)}`,
      })
    },
    async send(answer, options) {
      anchor = await typeLine(machine, answer, { ...options, seen: screen })
      screen = undefined
    },
    async interrupt() {
      if (ended !== undefined) return
      await typeKeys(port, [controlKey('c')], { clock, signal: AbortSignal.timeout(10_000), batch: 1 })
    },
  }
  return recordTerminal(bare, { evidence, title })
}
