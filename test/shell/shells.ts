import { spawnSync } from 'node:child_process'

/** The shells of this machine that a remote may have as a login shell: all POSIX ones must agree. */
export const SHELLS = ['/bin/sh', 'dash', 'bash', 'ksh', 'zsh'].filter(isThere)

/** csh and its descendants, which are not POSIX; often none is installed. */
export const C_SHELLS = ['csh', 'tcsh'].filter(isThere)

function isThere(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0
}

/** The arguments that a program gets when the shell runs it with `words` behind it. */
export function readArguments(shell: string, words: string): readonly string[] {
  const program = `${JSON.stringify(process.execPath)} -e 'process.stdout.write(JSON.stringify(process.argv.slice(1)))' --`
  const { status, stdout, stderr } = spawnSync(shell, ['-c', `${program} ${words}`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as readonly string[]
}
