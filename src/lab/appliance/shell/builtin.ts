import { resolvePath } from '../disk/disk.ts'
import type { Streams } from './redirect.ts'
import type { ShellState } from './state.ts'

type Builtin = (args: readonly string[], standing: Standing) => number | Promise<number>

/** A shell and the streams that a builtin of it was given. */
export interface Standing {
  readonly shell: ShellState
  readonly streams: Streams
}

function leave([code]: readonly string[], { shell }: Standing): number {
  shell.exited = true
  shell.status = code === undefined ? shell.status : Number.parseInt(code, 10) & 0xff || 0
  return shell.status
}

const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  exit: leave,
  logout: leave,
  set: () => 0,
  cd([target], { shell, streams }) {
    const path = resolvePath(target ?? shell.env.get('HOME') ?? '/', shell.cwd)
    const found = shell.host.disk.stat(path)
    if (found?.isFolder !== true) {
      streams.stderr.write(
        `cd: ${target ?? ''}: ${found === undefined ? 'No such file or directory' : 'Not a directory'}\n`,
      )
      return 2
    }
    shell.cwd = path
    return 0
  },
  pwd(_, { shell, streams }) {
    streams.stdout.write(`${shell.cwd}\n`)
    return 0
  },
  export(args, { shell }) {
    for (const arg of args) {
      const [name = '', ...value] = arg.split('=')
      if (arg.includes('=')) shell.env.set(name, value.join('='))
    }
    return 0
  },
  unset(names, { shell }) {
    for (const name of names) shell.env.delete(name)
    return 0
  },
  async read(args, { shell, streams }) {
    const names = args.filter((arg) => !arg.startsWith('-'))
    const line = await streams.stdin.readLine({ signal: shell.signal })
    if (line === undefined) return 1
    const fields = line.trim().split(/[ \t]+/)
    names.forEach((name, index) => {
      shell.env.set(name, index === names.length - 1 ? fields.slice(index).join(' ') : (fields[index] ?? ''))
    })
    return 0
  },
  command(args, { shell, streams }) {
    const name = args.at(-1) ?? ''
    if (args[0] !== '-v' || name === '-v') return 2
    const programs = shell.host.programs()
    if (!Object.hasOwn(programs, name)) return Object.hasOwn(BUILTINS, name) ? 0 : 127
    const path = name === 'vzen' ? '/sc/update/vzen' : `/usr/bin/${name}`
    streams.stdout.write(`${name.startsWith('/') ? name : path}\n`)
    return 0
  },
}

/** Runs a command that the shell does itself; gives nothing where it is none of those. */
export async function runBuiltin(argv: readonly string[], standing: Standing): Promise<number | undefined> {
  const [name = '', ...args] = argv
  const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined
  return builtin?.(args, standing)
}
