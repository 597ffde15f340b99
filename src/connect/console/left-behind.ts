import { withoutMessages } from '../dialogue/stopped-at.ts'
import { BLANK, isGlyph } from './cells.ts'
import { findLoginPrompt } from './find-login-prompt.ts'
import { UNREADABLE } from './glyph-book.ts'
import { NEW_PASSWORD, OLD_PASSWORD, PASSWORD, RETYPE_PASSWORD, SHELL } from './prompts.ts'
import { cursorRow, joinedText, joinRows, promptOf, type Screen } from './screen.ts'

/**
 * How a console was left: at a prompt, in a command of ours that still runs or at a prompt that messages have buried, with
 * something typed at the log-in, or with a log-in prompt that messages have buried.
 */
export type LeftBehind = 'prompt' | 'command' | 'typed' | 'buried'

const PROMPTS = [/^\s*sudo password/, OLD_PASSWORD, NEW_PASSWORD, RETYPE_PASSWORD, PASSWORD]

// Names of devices end with the sign of a prompt, and so does what counts to 100 %; a bare sign, a loader, a debugger and a
// question for the root file system belong to a machine that stopped in its boot.
const NO_SHELL = /<|(?:^|[\s(.:=])\d+%\s*$|^\s*[#>]\s*$/
const IN_BOOT = /^\s*(?:db|mountroot|loader)>/i

// What stands above the prompt of a machine that stopped in its boot, and waits for a person.
const STOPPED = /multi-?user|single.user|pathname of shell/i
const SINGLE_USER = /pathname of shell/i
const ABOVE = 5

/** Up to the row that the machine stopped at. */
function lastRows(screen: Screen): readonly string[] {
  const at = cursorRow(screen)
  return screen.rows.slice(Math.max(0, at - ABOVE), at + 1)
}

/** Whether the machine has stopped in its boot for certain, whatever was on its screen before. */
export function isStoppedInBoot(screen: Screen): boolean {
  return IN_BOOT.test(promptOf(screen)) || lastRows(screen).some((row) => SINGLE_USER.test(row))
}

// What only we type: a command in a shell of its own, whose end prints a mark.
const COMMAND = /[$%#>] sh -c '/g
const ENDED = /@@[0-9a-f]{6}:\d+:/

function isOurCommand(screen: Screen): boolean {
  const text = joinedText(screen)
  const typed = [...text.matchAll(COMMAND)].at(-1)
  if (typed === undefined) return false
  const since = text.slice(typed.index)
  return !ENDED.test(since) && !since.includes('login:')
}

const isShellLine = (line: string): boolean => SHELL.test(line) && !NO_SHELL.test(line) && !IN_BOOT.test(line)

const isPromptLine = (line: string): boolean =>
  PROMPTS.some((prompt) => prompt.test(line)) || isShellLine(line)

function isPrompt(screen: Screen): boolean {
  if (lastRows(screen).some((row) => STOPPED.test(row))) return false
  const line = promptOf(screen)
  if (PROMPTS.some((prompt) => prompt.test(line))) return true
  // The end of a line that is wider than the screen is none.
  const whole = joinRows([...screen.rows.slice(0, cursorRow(screen)), line]).at(-1) ?? ''
  return isShellLine(line) && isShellLine(whole)
}

/** Whether keys stand behind a log-in prompt in a font that nobody knows yet, as whoever was learning it leaves them. */
function isTypedAtLogin(screen: Screen): boolean {
  if (!promptOf(screen).includes(UNREADABLE)) return false
  const { rows } = screen.grid
  const at = rows.findLastIndex((shapes) => shapes.some((shape) => shape !== BLANK))
  const shapes = rows[at] ?? []
  const end = shapes.findLastIndex(isGlyph) + 1
  const start = shapes.slice(0, end).findLastIndex((shape) => !isGlyph(shape)) + 1
  const typed = shapes.slice(start, end)
  if (new Set(typed).size !== typed.length) return false
  return findLoginPrompt({ rows: [...rows.slice(0, at), shapes.slice(0, start)] }) !== undefined
}

/** The line that messages stand over, and these; empty where the last line that is no message has none over it or under it. */
function lastUnderMessages(lines: readonly string[]): readonly string[] {
  const at = lines.findLastIndex((line) => withoutMessages(line).trim() !== '')
  const last = lines.slice(Math.max(0, at))
  return last.some((line) => withoutMessages(line) !== line) ? last : []
}

/** Whether messages stand over a prompt at which nobody has typed, on a machine that is not about to go down. */
function isPromptBuried(screen: Screen): boolean {
  const rows = lastRows(screen)
  if (rows.some((row) => STOPPED.test(row) || GOING_DOWN.test(row) || IN_BOOT.test(row))) return false
  const lines = joinRows(screen.rows.slice(0, cursorRow(screen) + 1)).slice(-ABOVE)
  return isPromptLine(withoutMessages(lastUnderMessages(lines)[0] ?? '').trimEnd())
}

// A log-in row, and what stands below one only where somebody has come further; names of devices end with a bracket, too.
const LOGIN_ROW = /^(?:\S+ )?login:(.*)$/i
const BELOW = /login:|password|last login|[$#%](?: |$)|^[^<]*>(?: |$)/i
// What a machine says that goes down, or has stopped: there a key may restart it, or keep it from restarting.
const GOING_DOWN = /shut ?down|halted|reboot|press (?:a|any) key|pathname of shell/i

/** Whether messages of the kernel stand over an idle log-in prompt: nobody has typed a name at it, or come further. */
function isBuried({ rows, grid }: Screen): boolean {
  const at = rows.findLastIndex((row) => LOGIN_ROW.test(row))
  if (at !== -1) {
    // One word is a person’s name.
    const said = (LOGIN_ROW.exec(rows[at] ?? '')?.[1] ?? '').trim()
    if (/^[\w.-]+$/.test(said) || rows.slice(at).some((row) => GOING_DOWN.test(row))) return false
    return !rows.slice(at + 1).some((row) => BELOW.test(withoutMessages(row)))
  }
  // In a font that nobody knows yet, the last row begins with the form of a prompt. What fills a row, but for a blank, goes on
  // in the next.
  let last = rows.findLastIndex((row) => row.trim() !== '')
  while (last > 0 && rows[last - 1]?.slice(-2).trim() !== '') last -= 1
  const shapes = grid.rows[last] ?? []
  return (
    rows[last]?.includes(UNREADABLE) === true &&
    shapes.some(
      (shape, column) =>
        shape === BLANK && column > 5 && findLoginPrompt({ rows: [shapes.slice(0, column)] }) !== undefined,
    )
  )
}

/**
 * Whether nothing but messages stand over and under the prompt of a shell: there nobody has typed, or logged out, and the
 * machine has not gone down.
 */
export function isShellBuried(screen: Screen): boolean {
  const { rows } = screen
  // What a screen that has scrolled begins with may be the end of a line.
  const hasScrolled = cursorRow(screen) === rows.length - 1
  const last = lastUnderMessages(joinRows(rows).slice(hasScrolled ? 1 : 0))
  if (last.some((line) => GOING_DOWN.test(line)) || rows.some((row) => IN_BOOT.test(row))) return false
  return isShellLine(withoutMessages(last[0] ?? '').trimEnd())
}

/**
 * Says what was left on a console, where that is certain; nothing where a machine may be starting, or somebody may be
 * working: there no key may be pressed.
 */
export function findLeftBehind(screen: Screen): LeftBehind | undefined {
  if (isPrompt(screen)) return 'prompt'
  if (isOurCommand(screen) || isPromptBuried(screen)) return 'command'
  if (/^(?:\S+ )?login: \S+\s*$/i.test(promptOf(screen))) return 'typed'
  if (isTypedAtLogin(screen)) return 'typed'
  return isBuried(screen) ? 'buried' : undefined
}
