import type { Reporter } from '../model/reporter.ts'

/** Makes a reporter that says nothing: the exit code is all there is. */
export function createSilent(): Reporter {
  return { report: () => undefined, close: () => Promise.resolve() }
}
