import { AbortError } from '../model/error.ts'

/** All fine · could not run · a target failed · a target was unreachable · interrupted. */
export type ExitCode = 0 | 1 | 2 | 4 | 130

const SIGNALS: ReadonlySet<unknown> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP'])

/** Whether an error only says that somebody interrupted: ours, Node's, or the name of a signal as an abort's reason. */
export function isInterruption(error: unknown): boolean {
  if (SIGNALS.has(error)) return true
  return error instanceof AbortError || (error instanceof Error && error.name === 'AbortError')
}

/** The exit code of a command that ended with an error instead of a recap. */
export function exitCodeOfError(error: unknown): 1 | 130 {
  return isInterruption(error) ? 130 : 1
}
