import { CommandError, ConnectError, type Answered, type CommandResult } from '#sdk'

const LIMIT = 2000

/** What a command printed, where it succeeded. Throws a `CommandError` with what it printed where it did not. */
export function outputOf({ code, output }: Answered, command: string): string {
  if (code === 0) return output
  throw new CommandError(`${command} ended with exit code ${code}: ${lastLine(output)}`, {
    output: output.slice(-LIMIT),
  })
}

/** The same for a command that was run on its own. A connection that broke is a `ConnectError`. */
export function outputOfResult(result: CommandResult, command: string): string {
  if (result.kind === 'lost') throw new ConnectError(result.failure, `${command}: ${result.reason}`)
  const output = `${result.stdout}${result.stderr}`
  if (result.kind === 'exited') return outputOf({ code: result.code, output }, command)
  throw new CommandError(`${command} was ended by ${result.signal}`, { output: output.slice(-LIMIT) })
}

/** The last line that says anything. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
