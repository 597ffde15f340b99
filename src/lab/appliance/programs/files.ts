import { createHash } from 'node:crypto'

import { CommandError } from '../../../model/error.ts'
import type { Appliance } from '../appliance.ts'
import { resolvePath } from '../disk/disk.ts'
import type { Call, Program, Programs } from '../shell/program.ts'
import { readAll } from '../shell/streams.ts'

const optionsOf = ({ args }: Call): string =>
  args.flatMap((arg) => (/^-[A-Za-z0-9]+$/.test(arg) ? [arg.slice(1)] : [])).join('')

const operandsOf = ({ args }: Call): readonly string[] =>
  args.filter((arg) => arg === '-' || !arg.startsWith('-'))

/** Says what went wrong with one operand, as every program does, and goes on with the next. */
async function each(
  call: Call,
  act: (operand: string, path: string) => void | Promise<void>,
): Promise<number> {
  let status = 0
  for (const operand of operandsOf(call)) {
    try {
      await act(operand, resolvePath(operand, call.cwd))
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      call.stderr.write(`${call.name}: ${operand}: ${error.message}\n`)
      status = 1
    }
  }
  return status
}

function usage(call: Call, text: string): number {
  call.stderr.write(`usage: ${call.name} ${text}\n`)
  return 64
}

function renderMode(mode: number, isFolder: boolean): string {
  const bits = Array.from('rwxrwxrwx', (letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-')).join('')
  return (isFolder ? 'd' : '-') + (mode & 0o1000 ? bits.replace(/.$/, 't') : bits)
}

/** Programs that look at files and change them. */
export function createFilePrograms(appliance: Appliance): Programs {
  const { disk } = appliance
  /** The text of an operand: a file's, or the standard input's for `-` and `/dev/stdin`. */
  async function content(operand: string, call: Call): Promise<string> {
    return operand === '-' || operand === '/dev/stdin'
      ? readAll(call.stdin, call)
      : disk.read(resolvePath(operand, call.cwd), call.user)
  }

  /** Bytes of a file, or of all files below a folder. */
  function weigh(path: string): number {
    const found = disk.stat(path)
    if (found?.isFolder !== true) return found?.size ?? 0
    return disk.list(path, 'root').reduce((sum, name) => sum + weigh(`${path}/${name}`), 0)
  }

  const cat: Program = async (call) => {
    if (operandsOf(call).length === 0) {
      for (;;) {
        const chunk = await call.stdin.read(call)
        if (chunk === undefined) return 0
        call.stdout.write(chunk)
      }
    }
    return each(call, async (operand) => call.stdout.write(await content(operand, call)))
  }

  const rm: Program = async (call) => {
    const options = optionsOf(call)
    function remove(path: string): void {
      if (/r/i.test(options) && disk.stat(path)?.isFolder === true) {
        for (const name of disk.list(path, call.user)) remove(`${path}/${name}`)
      }
      disk.remove(path, call.user)
    }
    return each(call, (_, path) => {
      const found = disk.stat(path)
      if (found === undefined && options.includes('f')) return
      if (found?.isFolder === true && !/r/i.test(options)) throw new CommandError('is a directory')
      remove(path)
    })
  }

  const move =
    (keep: boolean): Program =>
    async (call) => {
      const operands = operandsOf(call)
      const [from = '', to = ''] = operands
      if (operands.length !== 2) return usage(call, 'source target')
      const source = resolvePath(from, call.cwd)
      let target = resolvePath(to, call.cwd)
      if (disk.stat(target)?.isFolder === true) target += source.slice(source.lastIndexOf('/'))
      try {
        if (keep) disk.write(target, { data: disk.read(source, call.user), as: call.user })
        else disk.rename(source, { to: target, as: call.user })
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        call.stderr.write(`${call.name}: rename ${from} to ${to}: ${error.message}\n`)
        return 1
      }
      return 0
    }

  const ls: Program = async (call) => {
    const options = optionsOf(call)
    const named = operandsOf(call)
    const print = (name: string, path: string): void => {
      const found = disk.stat(path)
      if (found === undefined) throw new CommandError('No such file or directory')
      const date = new Date(found.changed).toUTCString()
      const group = found.owner === 'root' ? 'wheel' : found.owner
      const details = options.includes('l')
        ? `${renderMode(found.mode, found.isFolder)}  1 ${found.owner}  ${group}  ${String(found.size).padStart(6)} ${date.slice(8, 11)} ${date.slice(5, 7)} ${date.slice(17, 22)} `
        : ''
      call.stdout.write(`${details}${name}\n`)
    }
    const show = (operand: string, path: string): void => {
      if (disk.stat(path)?.isFolder !== true || options.includes('d')) print(operand, path)
      else for (const name of disk.list(path, call.user)) print(name, `${path === '/' ? '' : path}/${name}`)
    }
    if (named.length > 0) return each(call, show)
    show('.', resolvePath('.', call.cwd))
    return 0
  }

  const digest =
    (algorithm: 'sha256' | 'md5' | 'sha1'): Program =>
    async (call) => {
      const sum = (text: string): string =>
        createHash(algorithm).update(Buffer.from(text, 'latin1')).digest('hex')
      if (operandsOf(call).length === 0) {
        call.stdout.write(`${sum(await readAll(call.stdin, call))}\n`)
        return 0
      }
      return each(call, async (operand) => {
        const value = sum(await content(operand, call))
        if (optionsOf(call).includes('q')) call.stdout.write(`${value}\n`)
        else if (optionsOf(call).includes('r')) call.stdout.write(`${value} ${operand}\n`)
        else call.stdout.write(`${algorithm.toUpperCase()} (${operand}) = ${value}\n`)
      })
    }

  const tee: Program = async (call) => {
    const text = await readAll(call.stdin, call)
    call.stdout.write(text)
    return each(call, (_, path) => {
      const content = { data: text, as: call.user }
      if (optionsOf(call).includes('a')) disk.append(path, content)
      else disk.write(path, content)
    })
  }

  return {
    cat,
    rm,
    ls,
    tee,
    mv: move(false),
    cp: move(true),
    sha256: digest('sha256'),
    sha1: digest('sha1'),
    md5: digest('md5'),
    mkdir: async (call) =>
      each(call, (_, path) => {
        if (optionsOf(call).includes('p') && disk.stat(path)?.isFolder === true) return
        disk.makeFolder(path, call.user)
      }),
    du: async (call) =>
      each(call, (operand, path) => {
        if (disk.stat(path) === undefined) throw new CommandError('No such file or directory')
        const own = path === '/sc/update' ? (appliance.updater.job?.kilobytes ?? 0) : 0
        call.stdout.write(`${own + Math.ceil(weigh(path) / 1024)}\t${operand}\n`)
      }),
    touch: async (call) =>
      each(call, (_, path) => {
        const before = disk.stat(path)
        disk.write(path, { data: before?.data ?? '', as: call.user })
      }),
    chmod: async (call) => {
      const [mode = '', ...operands] = call.args
      if (!/^[0-7]{3,4}$/.test(mode)) return usage(call, 'mode file ...')
      return each({ ...call, args: operands }, (_, path) =>
        disk.chmod(path, { mode: Number.parseInt(mode, 8), as: call.user }),
      )
    },
    stat: async (call) => {
      const format = call.args[0] === '-f' ? call.args[1] : undefined
      const operands = format === undefined ? call.args : call.args.slice(2)
      return each({ ...call, args: operands }, (operand, path) => {
        const found = disk.stat(path)
        if (found === undefined) throw new CommandError('No such file or directory')
        const mode = found.mode.toString(8)
        call.stdout.write(
          `${(format ?? '%Su %Lp %z %N').replaceAll('%Su', found.owner).replaceAll('%Lp', mode).replaceAll('%z', String(found.size)).replaceAll('%N', operand)}\n`,
        )
      })
    },
  }
}
