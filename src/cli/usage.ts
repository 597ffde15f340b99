import { COMMAND_WORDS, COMMANDS } from './command-table.ts'
import type { CommandName } from './invocation.ts'
import { optionOf, type OptionKey } from './option-table.ts'

const COLUMNS = 80
const LABELS = 26

/** Breaks a text into lines of at most `width` columns, between words. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Two columns: what is written, and what it means; a label that is too long stands on a line of its own. */
function renderRow(label: string, meaning: string): readonly string[] {
  const [first = '', ...rest] = wrap(meaning, COLUMNS - LABELS - 2)
  const below = rest.map((line) => ' '.repeat(LABELS) + line)
  const start = `  ${label}`
  if (start.length > LABELS - 2) return [start, ' '.repeat(LABELS) + first, ...below]
  return [start.padEnd(LABELS) + first, ...below]
}

function renderOption(key: OptionKey): readonly string[] {
  const { long, short, value, summary } = optionOf(key)
  const label = `${short === undefined ? '    ' : `-${short}, `}--${long}${value === undefined ? '' : ` ${value}`}`
  return renderRow(label, summary)
}

function renderExample([line, meaning]: readonly [string, string]): readonly string[] {
  return [`  ${line}`, `      ${meaning}`]
}

const renderCommands = (): readonly string[] => [
  'Commands:',
  ...renderRow('RUNBOOK', COMMANDS.run.summary),
  ...COMMAND_WORDS.flatMap((word) =>
    word === 'help'
      ? renderRow('help [COMMAND]', 'Shows how a command is used, with examples.')
      : renderRow(word, COMMANDS[word].summary),
  ),
  '',
]

const renderExitCodes = (): readonly string[] => [
  'Exit codes: 0 all fine, 1 could not run, 2 a target failed, 4 a target was',
  'unreachable, 130 interrupted.',
]

/** The help of a command, or of the whole: at most 80 columns wide, ends with a line break. */
export function renderUsage(topic: CommandName): string {
  const { synopsis, summary, options, examples } = COMMANDS[topic]
  const lines = [
    ...wrap(`Usage: runbook ${synopsis}`, COLUMNS),
    '',
    ...wrap(summary, COLUMNS),
    '',
    ...(topic === 'runbook' ? renderCommands() : []),
    'Options:',
    ...options.flatMap(renderOption),
    '',
    'Examples:',
    ...examples.flatMap(renderExample),
    ...(topic === 'runbook' || topic === 'run' ? ['', ...renderExitCodes()] : []),
  ]
  return `${lines.join('\n')}\n`
}
