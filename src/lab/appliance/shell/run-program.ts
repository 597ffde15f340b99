import { CommandError } from '../../../model/error.ts'
import type { Call, Programs, RunChanges } from './program.ts'
import type { Streams } from './redirect.ts'
import type { ShellState } from './state.ts'
import { tellProcess } from './tell-process.ts'

/** Folders whose programs are found by their name alone. */
const PROGRAM_FOLDERS = /^\/(?:usr\/)?(?:local\/)?s?bin\//

/** Depth of shells within shells that a machine puts up with. */
const DEPTH_LIMIT = 40

/** Finds a program by the name it was called with. */
function selectProgram(name: string, programs: Programs): Programs[string] | undefined {
  const key = name.replace(PROGRAM_FOLDERS, '')
  return Object.hasOwn(programs, key) ? programs[key] : undefined
}

/** Runs a program of the machine to its end, in the shell's standing and with the streams it was given. */
export async function runProgram(
  argv: readonly string[],
  shell: ShellState & { readonly given: Streams },
): Promise<number> {
  const { given, host, interpreter } = shell
  const [name = '', ...args] = argv
  tellProcess(argv)
  const program = selectProgram(name, host.programs())
  if (program === undefined) {
    given.stderr.write(`${name}: ${name.includes('/') ? 'No such file or directory' : 'not found'}\n`)
    return 127
  }
  const depth = Number(shell.env.get('SHLVL') ?? '0')
  if (depth > DEPTH_LIMIT) throw new CommandError('Resource temporarily unavailable')
  const inner = (changes: RunChanges): ShellState => ({
    ...shell,
    ...given,
    user: changes.user ?? shell.user,
    signal: changes.signal ?? shell.signal,
    reap: changes.reap ?? shell.reap,
    kind: 'sh',
    env: new Map([...shell.env, ...(changes.env ?? []), ['SHLVL', String(depth + 1)]]),
    exited: false,
  })
  const call: Call = {
    ...given,
    name,
    args,
    user: shell.user,
    session: shell.session,
    signal: shell.signal,
    cwd: shell.cwd,
    env: shell.env,
    run: (other, changes = {}) => {
      const state = inner(changes)
      return runProgram(other, { ...state, given })
    },
    shell: (script, changes = {}) => {
      const state = inner(changes)
      return script === undefined ? interpreter.interactive(state) : interpreter.script(script, state)
    },
    leave: (left) => shell.reap?.(left),
  }
  try {
    return await program(call)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    given.stderr.write(`${name}: ${error.message}\n`)
    return 1
  }
}
