import { CommandError, ConfigError, InternalError, RunbookError } from '../model/error.ts'
import type { ReportedError } from '../model/event.ts'
import { explainDisk } from '../state/write-error.ts'

const OUTPUT_LIMIT = 4_000

/** An error as an event carries it: expected ones in words, a bug with its stack. */
export function reportError(thrown: unknown): ReportedError {
  const error = explainDisk(thrown) ?? thrown
  if (error instanceof RunbookError && !(error instanceof InternalError)) {
    return {
      code: error.code,
      message: [error.message, ...listIssues(error)].join('\n'),
      hint: error.hint,
      output:
        error instanceof CommandError && error.output !== '' ? error.output.slice(-OUTPUT_LIMIT) : undefined,
    }
  }
  const bug = error instanceof Error ? error : new TypeError(String(error))
  return { code: 'INTERNAL', message: bug.message, hint: 'this is a bug: please report it', stack: bug.stack }
}

function listIssues(error: RunbookError): readonly string[] {
  return error instanceof ConfigError ? error.issues.map(({ path, message }) => `${path}: ${message}`) : []
}
