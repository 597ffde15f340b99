import { posix } from 'node:path'

import type { CommandResult } from '../../../model/command-result.ts'
import { CommandError, ConnectError } from '../../../model/error.ts'
import { sh, type CommandLine } from '../../../shell/sh.ts'
import { findFull, findHash, type RemoteFile, type RemoteNames } from './remote-file.ts'

/** How commands get to the other side. */
export interface CommandFileOptions {
  readonly run: (command: CommandLine) => Promise<CommandResult>
  /** Whether there is an `sh`, or only single commands are run. */
  readonly isShell: boolean
}

/** Bytes from which on it pays to start the larger program, which is the faster one. */
const LARGE = 8 * 1024 * 1024

/** BSD has the first, GNU the one that begins with its name, and nearly everything `openssl`. */
function listHashers(path: string, size: number): readonly CommandLine[] {
  const [small, large] = [sh`sha256sum ${path}`, sh`openssl dgst -sha256 ${path}`]
  return [sh`sha256 -q ${path}`, ...(size < LARGE ? [small, large] : [large, small])]
}

function hashInShell(path: string, size: number): CommandLine {
  const [first = sh``, second = sh``, third = sh``] = listHashers(path, size)
  return sh`{ ${first} || ${second} || ${third}; } 2>/dev/null`
}

/** A file on the other side, as its own programs see it. */
export function createCommandFile(
  { to, part, size, sha256 }: RemoteNames,
  { run, isShell }: CommandFileOptions,
): RemoteFile {
  async function ask(command: CommandLine): Promise<Exclude<CommandResult, { kind: 'lost' }>> {
    const result = await run(command)
    if (result.kind === 'lost')
      throw new ConnectError(result.failure, `the upload of ${to} broke off: ${result.reason}`)
    return result
  }

  function checkMoved(result: CommandResult): void {
    if (result.kind === 'exited' && result.code === 0) return
    throw new CommandError(`${part} cannot be renamed to ${to}: ${result.stderr.trim()}`)
  }

  async function hashOf(path: string): Promise<string | undefined> {
    for (const command of listHashers(path, size)) {
      const found = findHash((await ask(command)).stdout)
      if (found !== undefined) return found
    }
    return undefined
  }

  return {
    async look() {
      if (!isShell) return { same: (await hashOf(to)) === sha256, partial: 0 }
      const isThere = sh`[ -f ${to} ] && [ $(wc -c <${to}) -eq ${size} ]`
      // One round trip: the hash where the size is right, and on the last line how much came earlier.
      const { stdout } = await ask(
        sh`if ${isThere}; then ${hashInShell(to, size)}; fi; echo; if [ -f ${part} ]; then wc -c <${part}; fi`,
      )
      const [, partial = '0'] = /\n\s*(\d+)\s*$/.exec(stdout) ?? []
      return { same: findHash(stdout) === sha256, partial: Number(partial) }
    },
    async settle() {
      const move = sh`mv -f ${part} ${to}`
      if (!isShell) {
        const hash = await hashOf(part)
        if (hash !== sha256) return { hash }
        checkMoved(await ask(move))
        return 'settled'
      }
      const whole = hashInShell(part, size)
      const result = await ask(
        sh`if [ -d ${to} ]; then echo 'Is a directory' >&2; false; elif ${whole} | grep -q ${sha256}; then ${move} && echo settled; else ${whole}; true; fi`,
      )
      checkMoved(result)
      return result.stdout.trim() === 'settled' ? 'settled' : { hash: findHash(result.stdout) }
    },
    async remove() {
      await ask(sh`rm -f ${part}`)
    },
    async whyFull() {
      if (!isShell) return undefined
      const folder = posix.dirname(to)
      const { stdout, stderr } = await ask(
        sh`dd if=/dev/zero bs=65536 count=1 2>&1 >>${part}; df -k ${folder} 2>/dev/null`,
      )
      const reason = findFull(`${stdout}\n${stderr}`)
      const [, free] = /^\S+\s+\d+\s+\d+\s+(-?\d+)\s+\d+%/m.exec(stdout) ?? []
      return reason === undefined || free === undefined ? reason : `${reason} (${free} KiB free in ${folder})`
    },
  }
}
