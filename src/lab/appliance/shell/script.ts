import { CommandError } from '../../../model/error.ts'
import { findCshProblem } from './csh.ts'
import { INCOMPLETE } from './lexer.ts'
import type { ShellState } from './state.ts'
import { runSteps } from './steps.ts'
import { parseScript } from './syntax.ts'

/** Runs a script to its end; gives its status. Rejects with the signal's reason when stopped. */
export async function runScript(source: string, shell: ShellState): Promise<number> {
  const refused = shell.kind === 'csh' ? findCshProblem(source) : undefined
  if (refused !== undefined) {
    shell.stderr.write(`${refused}\n`)
    return 1
  }
  let script: ReturnType<typeof parseScript>
  try {
    script = parseScript(source)
    if (script === INCOMPLETE) throw new CommandError('Syntax error: end of file unexpected')
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    shell.stderr.write(`sh: ${error.message}\n`)
    return 2
  }
  shell.status = 0
  return runSteps(script, shell)
}
