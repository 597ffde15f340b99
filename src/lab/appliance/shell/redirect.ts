import type { Disk, User } from '../disk/disk.ts'
import { resolvePath } from '../disk/disk.ts'
import type { Session } from './program.ts'
import { createPipe, emptyInput, type Input, type Output } from './streams.ts'

/** Standard input, output and error of a command. */
export interface Streams {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
}

/** Where a redirection finds things. */
export interface RedirectScope {
  readonly disk: Disk
  readonly user: User
  readonly session: Session
  readonly cwd: string
}

/** A redirection with its target expanded. */
export interface OpenRedirect {
  readonly operator: '<' | '>' | '>>' | '>&' | '<&'
  readonly descriptor: number
  readonly target: string
}

const nowhere: Output = { write: () => undefined }

function openInput(target: string, { disk, user, cwd, session }: RedirectScope): Input {
  if (target === '/dev/null') return emptyInput
  if (target === '/dev/tty') return session.tty ?? emptyInput
  const pipe = createPipe()
  pipe.write(disk.read(resolvePath(target, cwd), user))
  pipe.end()
  return pipe
}

function openOutput({ operator, target }: OpenRedirect, scope: RedirectScope): Output {
  const { disk, user, cwd, session } = scope
  if (target === '/dev/null') return nowhere
  if (target === '/dev/tty') return session.tty ?? nowhere
  const path = resolvePath(target, cwd)
  if (operator === '>' || disk.stat(path) === undefined) disk.write(path, { data: '', as: user })
  return { write: (data) => disk.append(path, { data, as: user }) }
}

/** Applies redirections from left to right. */
export function openRedirects(
  redirects: readonly OpenRedirect[],
  { streams, scope }: { readonly streams: Streams; readonly scope: RedirectScope },
): Streams {
  let { stdin, stdout, stderr } = streams
  for (const redirect of redirects) {
    if (redirect.operator === '<') {
      if (redirect.target !== '/dev/stdin') stdin = openInput(redirect.target, scope)
      continue
    }
    if (redirect.operator === '<&') continue
    const duplicate =
      redirect.operator === '>&' ? redirect.target : redirect.target.replace(/^\/dev\/std/, '')
    let output: Output
    if (duplicate === '1' || duplicate === 'out') output = stdout
    else if (duplicate === '2' || duplicate === 'err') output = stderr
    else output = openOutput(redirect, scope)
    if (redirect.descriptor === 2) stderr = output
    else stdout = output
  }
  return { stdin, stdout, stderr }
}
