import { ConfigError, InternalError, RunbookError } from '../model/error.ts'
import type { Issue } from '../model/issue.ts'
import { explainDisk } from '../state/write-error.ts'
import { exitCodeOfError, isInterruption, type ExitCode } from './exit-code.ts'

/** Tells on standard error why a command could not run, and gives its exit code. Only a bug of ours shows a stack. */
export function explainError(error: unknown): ExitCode {
  process.stderr.write(`${renderFailure(error).join('\n')}\n`)
  return exitCodeOfError(error)
}

/** The lines that explain a failure: what, where, and what to do next. */
export function renderFailure(thrown: unknown): readonly string[] {
  const error = explainDisk(thrown) ?? thrown
  if (isInterruption(error)) return ['runbook: interrupted']
  if (!(error instanceof RunbookError) || error instanceof InternalError) return renderBug(error)
  const issues = error instanceof ConfigError ? error.issues.flatMap(renderIssue) : []
  return [
    `runbook: ${error.message}`,
    ...issues,
    ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`]),
  ]
}

function renderIssue({ path, message, rule, hint, file, line }: Issue): readonly string[] {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `
  const where = path === '' ? place : `${place}${path}: `
  const what = `  - ${where}${message}${rule === undefined ? '' : ` [${rule}]`}`
  return hint === undefined ? [what] : [what, `      ${hint}`]
}

function renderBug(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [`runbook: this is a bug: please report it with what follows`, stack]
}
