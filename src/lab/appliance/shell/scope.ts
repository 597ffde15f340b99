import { resolvePath } from '../disk/disk.ts'
import type { Scope } from './expand.ts'
import type { ShellState } from './state.ts'
import { createPipe, readAll } from './streams.ts'

/** Paths that match a pattern in their last part. */
function selectPaths(pattern: string, { host, cwd, user }: ShellState): readonly string[] {
  const cut = pattern.lastIndexOf('/')
  const folder = cut < 0 ? '' : pattern.slice(0, cut + 1)
  const path = resolvePath(folder, cwd)
  if (host.disk.stat(path)?.isFolder !== true) return []
  const source = pattern
    .slice(cut + 1)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const matcher = new RegExp(`^(?!\\.)${source}$`)
  const names = host.disk.list(path, user).filter((name) => matcher.test(name))
  return names.map((name) => folder + name)
}

/** What the words of a shell's commands are expanded with. */
export function scopeOf(shell: ShellState): Scope {
  return {
    home: shell.env.get('HOME') ?? '/',
    variable: (name) => (name === '?' ? String(shell.status) : name === '$' ? '4711' : shell.env.get(name)),
    async output(source) {
      const pipe = createPipe()
      const inner: ShellState = { ...shell, env: new Map(shell.env), stdout: pipe, exited: false }
      shell.status = await shell.interpreter.script(source, inner)
      pipe.end()
      return (await readAll(pipe, shell)).replace(/\n+$/, '')
    },
    matches: (pattern) => selectPaths(pattern, shell),
  }
}
