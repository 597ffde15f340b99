import { CommandError } from '../../../model/error.ts'
import { runBuiltin } from './builtin.ts'
import { expandText, expandWord } from './expand.ts'
import { openRedirects, type Streams } from './redirect.ts'
import { runProgram } from './run-program.ts'
import { scopeOf } from './scope.ts'
import type { ShellState } from './state.ts'
import { createPipe } from './streams.ts'
import type { Command, Pipeline, Script } from './syntax.ts'

async function runSimple(command: Extract<Command, { kind: 'simple' }>, shell: ShellState): Promise<number> {
  const scope = scopeOf(shell)
  const argv: string[] = []
  for (const word of command.words) argv.push(...(await expandWord(word, scope)))
  const assignments: [string, string][] = []
  for (const { name, value } of command.assignments) assignments.push([name, await expandText(value, scope)])
  const given = await redirect(command, shell)
  if (given === undefined) return 1
  if (argv.length === 0) {
    for (const [name, value] of assignments) shell.env.set(name, value)
    return shell.status
  }
  const builtin = await runBuiltin(argv, { shell, streams: given })
  if (builtin !== undefined) return builtin
  const env = assignments.length === 0 ? shell.env : new Map([...shell.env, ...assignments])
  return runProgram(argv, { ...shell, env, given })
}

/** Opens a command's redirections; says why where it cannot, and gives nothing. */
async function redirect(
  command: Extract<Command, { kind: 'simple' | 'group' | 'subshell' }>,
  shell: ShellState,
): Promise<Streams | undefined> {
  const open = []
  for (const { target, ...rest } of command.redirects) {
    open.push({ ...rest, target: await expandText(target, scopeOf(shell)) })
  }
  try {
    return openRedirects(open, { streams: shell, scope: { ...shell, disk: shell.host.disk } })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    shell.stderr.write(`cannot open ${open.map(({ target }) => target).join(' ')}: ${error.message}\n`)
    return undefined
  }
}

async function runCommand(command: Command, shell: ShellState): Promise<number> {
  switch (command.kind) {
    case 'simple':
      return runSimple(command, shell)
    case 'group':
    case 'subshell': {
      const streams = await redirect(command, shell)
      if (streams === undefined) return 1
      const inner: ShellState = { ...shell, ...streams }
      if (command.kind === 'subshell') {
        return runSteps(command.body, { ...inner, env: new Map(shell.env), exited: false })
      }
      const status = await runSteps(command.body, inner)
      shell.cwd = inner.cwd
      shell.exited = inner.exited
      return status
    }
    case 'if':
      for (const { condition, body } of command.branches) {
        if ((await runSteps(condition, shell)) === 0) return runSteps(body, shell)
        if (shell.exited) return shell.status
      }
      return command.otherwise === undefined ? 0 : runSteps(command.otherwise, shell)
    case 'while': {
      let status = 0
      while (!shell.exited && ((await runSteps(command.condition, shell)) === 0) !== command.until) {
        if (shell.exited) break
        status = await runSteps(command.body, shell)
        // A loop of builtins would never let anything else run, not even what stops it.
        await new Promise(setImmediate)
        shell.signal.throwIfAborted()
      }
      return shell.exited ? shell.status : status
    }
    case 'for': {
      let status = 0
      for (const word of command.words) {
        for (const value of await expandWord(word, scopeOf(shell))) {
          if (shell.exited) return shell.status
          shell.env.set(command.name, value)
          status = await runSteps(command.body, shell)
        }
      }
      return status
    }
  }
}

async function runPipeline({ commands, negated }: Pipeline, shell: ShellState): Promise<number> {
  let status: number
  const [only] = commands
  if (commands.length === 1 && only !== undefined) status = await runCommand(only, shell)
  else {
    const pipes = commands.slice(1).map(createPipe)
    const running = commands.map(async (command, index) => {
      const before = pipes[index - 1]
      const after = pipes[index]
      const inner: ShellState = {
        ...shell,
        env: new Map(shell.env),
        stdin: before ?? shell.stdin,
        stdout: after ?? shell.stdout,
        exited: false,
      }
      try {
        return await runCommand(command, inner)
      } finally {
        // Whoever still writes to a command that has ended writes into the void.
        before?.end()
        after?.end()
      }
    })
    const results = await Promise.allSettled(running)
    const lost = results.find((result) => result.status === 'rejected')
    if (lost !== undefined) throw lost.reason
    const last = results.at(-1)
    status = last?.status === 'fulfilled' ? last.value : 1
  }
  return negated ? (status === 0 ? 1 : 0) : status
}

/** Runs the steps of a script; gives the status of the last one that ran. Rejects with the signal's reason when stopped. */
export async function runSteps(script: Script, shell: ShellState): Promise<number> {
  for (const { when, pipeline } of script) {
    shell.signal.throwIfAborted()
    if (shell.exited) break
    if (when !== 'always' && (when === 'succeeded') !== (shell.status === 0)) continue
    const status = await runPipeline(pipeline, shell)
    if (!shell.exited) shell.status = status
    await shell.host.settle()
  }
  return shell.status
}
