import type { CommandResult } from '../../model/command-result.ts'
import { ConnectError } from '../../model/error.ts'
import type { Heard, Terminal } from '../dialogue/terminal.ts'
import { UNREADABLE } from './glyph-book.ts'
import { controlKey } from './keys.ts'
import type { ConsoleMachine } from './machine.ts'
import { cursorRow, promptOf, type Screen } from './screen.ts'
import { typeKeys } from './type-keys.ts'
import { typeLine, type Anchor } from './type-line.ts'

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

/** What came after the line that was typed; nothing while the machine has not taken it yet. */
function replyTo({ row, before, shown }: Anchor, screen: Screen): string | undefined {
  if (screen === before) return undefined
  const at = cursorRow(screen)
  const found = screen.rows.findLastIndex((text, index) => index < at && text.trimEnd() === row)
  if (found >= 0) return renderRows(screen, found + 1)
  // Not above the cursor: either it is still being typed, or so much came that it scrolled away.
  const line = promptOf(screen).trimEnd()
  const typing = line === row || (!shown && line !== '' && row.startsWith(line))
  return typing ? undefined : renderRows(screen, 0)
}

/**
 * The console as a terminal. Without a marker it is the bare console, which never ends; with one, a command whose end the
 * shell tells by printing `marker:code:`.
 */
export function createConsoleTerminal(
  machine: ConsoleMachine,
  { marker }: { readonly marker?: string } = {},
): Terminal {
  const { reader, clock, port, name } = machine
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

  return {
    async listen({ quiet, signal }) {
      const seen = screen
      let current = await reader.look(signal)
      if (seen !== undefined && current === seen) current = await reader.lookPast(seen, { quiet, signal })
      const news = current !== seen
      screen = current
      const heard = heardOn(current, news) ?? { text: '', ended: undefined, news }
      if (!heard.text.includes(UNREADABLE)) return heard
      if (news) return { text: '', ended: undefined, news }
      throw new ConnectError('protocol', `the console of ${name} shows something that cannot be read`, {
        hint: `the unreadable characters are marked here: ${heard.text.trim().slice(-200)}`,
      })
    },
    async send(answer, { signal }) {
      anchor = await typeLine(machine, answer, { seen: screen, signal })
      screen = undefined
    },
    async interrupt() {
      if (ended !== undefined) return
      await typeKeys(port, [controlKey('c')], { clock, signal: AbortSignal.timeout(10_000), batch: 1 })
    },
  }
}
