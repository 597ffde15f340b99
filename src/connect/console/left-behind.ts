import { BLANK, isGlyph } from './cells.ts'
import { findLoginPrompt } from './find-login-prompt.ts'
import { UNREADABLE } from './glyph-book.ts'
import { NEW_PASSWORD, OLD_PASSWORD, PASSWORD, RETYPE_PASSWORD, SHELL } from './prompts.ts'
import { cursorRow, joinedText, promptOf, type Screen } from './screen.ts'

/**
 * How a console was left: at a prompt, in a command of ours that still runs, with something typed at the log-in, or with a
 * log-in prompt that messages of the kernel have buried.
 */
export type LeftBehind = 'prompt' | 'command' | 'typed' | 'buried'

const PROMPTS = [/^\s*sudo password/, OLD_PASSWORD, NEW_PASSWORD, RETYPE_PASSWORD, PASSWORD]

// Names of devices end with the sign of a prompt, and so does what counts to 100 %; a bare sign, a debugger and a question
// for the root file system belong to a machine that stopped in its boot.
const NO_SHELL = /<|(?:^|[\s(.:=])\d+%\s*$|^\s*[#>]\s*$|^\s*(?:db|mountroot|loader)>/i

// What stands above the prompt of a machine that stopped in its boot, and waits for a person.
const STOPPED = /multi-?user|single.user|pathname of shell/i
const ABOVE = 5

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

function isPrompt(screen: Screen): boolean {
  const line = promptOf(screen)
  const at = cursorRow(screen)
  if (screen.rows.slice(Math.max(0, at - ABOVE), at + 1).some((row) => STOPPED.test(row))) return false
  return PROMPTS.some((prompt) => prompt.test(line)) || (SHELL.test(line) && !NO_SHELL.test(line))
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
    return !rows.slice(at + 1).some((row) => BELOW.test(row))
  }
  // In a font that nobody knows yet, the last row begins with the form of a prompt.
  const last = rows.findLastIndex((row) => row.trim() !== '')
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
 * Says what was left on a console, where that is certain; nothing where a machine may be starting, or somebody may be
 * working: there no key may be pressed.
 */
export function findLeftBehind(screen: Screen): LeftBehind | undefined {
  if (isPrompt(screen)) return 'prompt'
  if (isOurCommand(screen)) return 'command'
  if (/^(?:\S+ )?login: \S+\s*$/i.test(promptOf(screen))) return 'typed'
  if (isTypedAtLogin(screen)) return 'typed'
  return isBuried(screen) ? 'buried' : undefined
}
