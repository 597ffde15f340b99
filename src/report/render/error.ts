import type { ReportedError } from '../../model/event.ts'
import type { Style } from './style.ts'

// What a command printed last is what it failed at.
const MOST_OUTPUT = 20

function renderOutput(output: string, all: boolean): readonly string[] {
  const lines = output.trimEnd().split('\n')
  if (all || lines.length <= MOST_OUTPUT) return lines.map((line) => `| ${line}`)
  const left = lines.length - MOST_OUTPUT
  return [`| (${left} lines above; -v shows them)`, ...lines.slice(-MOST_OUTPUT).map((line) => `| ${line}`)]
}

function renderHint(hint: string | undefined, style: Style): readonly string[] {
  const [first, ...rest] = hint?.split('\n') ?? []
  if (first === undefined) return []
  return [`${style.strong('hint:')} ${first}`, ...rest.map((line) => `      ${line}`)]
}

/** An error as a reader needs it: what happened, what to do next, and the end of what a command printed. */
export function renderError(
  error: ReportedError,
  { style, verbosity }: { readonly style: Style; readonly verbosity: number },
): readonly string[] {
  return [
    ...error.message.split('\n'),
    ...renderHint(error.hint, style),
    ...(error.output === undefined || error.output.trim() === ''
      ? []
      : renderOutput(error.output, verbosity > 0).map(style.faint)),
    ...(error.stack === undefined ? [] : error.stack.split('\n').map(style.faint)),
  ]
}
