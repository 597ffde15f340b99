import type { Appliance } from '../appliance.ts'
import { resolvePath } from '../disk/disk.ts'
import type { Call, Program, Programs } from '../shell/program.ts'
import { readAll } from '../shell/streams.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  '\\': '\\',
  e: '\x1b',
}

function unescape(text: string): string {
  return text.replace(/\\(0?[0-7]{1,3}|x[0-9a-f]{1,2}|.)/gi, (whole, code: string) => {
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff)
    if (/^x./i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return ESCAPES[code] ?? whole
  })
}

/** What `printf` prints: its format again and again until its operands are used up. */
function renderFormat(format: string, operands: readonly string[]): string {
  let text = ''
  let next = 0
  do {
    const before = next
    text += unescape(format.replaceAll('%%', '\\045')).replace(
      /%(-?)(0?)(\d*)([sdxb])/g,
      (...[, left, zero, width, kind]: readonly string[]) => {
        const operand = operands[next++] ?? ''
        const value =
          kind === 'b'
            ? unescape(operand)
            : kind === 'd'
              ? String(Number.parseInt(operand, 10) || 0)
              : kind === 'x'
                ? (Number.parseInt(operand, 10) || 0).toString(16)
                : operand
        return left === '-'
          ? value.padEnd(Number(width ?? ''))
          : value.padStart(Number(width ?? ''), zero === '0' ? '0' : ' ')
      },
    )
    if (next === before) break
  } while (next < operands.length)
  return text
}

/** A basic or extended regular expression as JavaScript takes it; none where it is not one. */
function parsePattern(source: string, flags: string): RegExp | undefined {
  const translated = flags.includes('F')
    ? source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : flags.includes('E')
      ? source
      : source.replace(/\\?[+?(){}|]/g, (token) => (token.startsWith('\\') ? token.slice(1) : `\\${token}`))
  const classes = translated
    .replaceAll('[:space:]', '\\s')
    .replaceAll('[:digit:]', '\\d')
    .replaceAll('[:alnum:]', '\\w')
  try {
    return new RegExp(classes, flags.includes('i') ? 'i' : '')
  } catch {
    return undefined
  }
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** Programs that make and pick text. */
export function createTextPrograms({ disk }: Appliance): Programs {
  async function inputs(
    call: Call,
    operands: readonly string[],
  ): Promise<readonly (readonly [string, string])[]> {
    if (operands.length === 0) return [['(standard input)', await readAll(call.stdin, call)]]
    return operands.map((name) => [name, disk.read(resolvePath(name, call.cwd), call.user)] as const)
  }

  const grep: Program = async (call) => {
    let flags = ''
    const operands: string[] = []
    let source: string | undefined
    for (let index = 0; index < call.args.length; index += 1) {
      const arg = call.args[index] ?? ''
      if (arg === '-e') source = call.args[++index]
      else if (/^-\w+$/.test(arg)) flags += arg.slice(1)
      else operands.push(arg)
    }
    source ??= operands.shift()
    const pattern = parsePattern(source ?? '', call.name.startsWith('egrep') ? `${flags}E` : flags)
    if (source === undefined || pattern === undefined) {
      call.stderr.write('usage: grep [-cEFiqv] [-e pattern] [pattern] [file ...]\n')
      return 2
    }
    let count = 0
    for (const [name, text] of await inputs(call, operands)) {
      const found = linesOf(text).filter((line) => pattern.test(line) !== flags.includes('v'))
      count += found.length
      if (flags.includes('q')) continue
      const label = operands.length > 1 && !flags.includes('h') ? `${name}:` : ''
      if (flags.includes('c')) call.stdout.write(`${label}${found.length}\n`)
      else if (flags.includes('o')) {
        for (const line of found) call.stdout.write(`${label}${pattern.exec(line)?.[0] ?? ''}\n`)
      } else for (const line of found) call.stdout.write(`${label}${line}\n`)
    }
    return count > 0 ? 0 : 1
  }

  const part =
    (from: 'head' | 'tail'): Program =>
    async (call) => {
      let count = 10
      const operands: string[] = []
      for (let index = 0; index < call.args.length; index += 1) {
        const arg = call.args[index] ?? ''
        if (arg === '-n') count = Number.parseInt(call.args[++index] ?? '', 10)
        else if (/^-n?\d+$/.test(arg)) count = Number.parseInt(arg.replace(/^-n?/, ''), 10)
        else operands.push(arg)
      }
      if (Number.isNaN(count)) {
        call.stderr.write(`${from}: illegal line count\n`)
        return 1
      }
      for (const [, text] of await inputs(call, operands)) {
        const lines = linesOf(text)
        const chosen =
          from === 'head' ? lines.slice(0, count) : lines.slice(Math.max(0, lines.length - count))
        for (const line of chosen) call.stdout.write(`${line}\n`)
      }
      return 0
    }

  return {
    grep,
    egrep: grep,
    head: part('head'),
    tail: part('tail'),
    echo: async ({ args, stdout }) => {
      const isBare = args[0] === '-n'
      stdout.write(args.slice(isBare ? 1 : 0).join(' ') + (isBare ? '' : '\n'))
      return 0
    },
    printf: async ({ args: [format, ...operands], stdout, stderr }) => {
      if (format === undefined) {
        stderr.write('usage: printf format [arguments ...]\n')
        return 1
      }
      stdout.write(renderFormat(format === '--' ? (operands.shift() ?? '') : format, operands))
      return 0
    },
    wc: async (call) => {
      const operands = call.args.filter((arg) => !arg.startsWith('-'))
      for (const [name, text] of await inputs(call, operands)) {
        const counts = {
          l: linesOf(text).length,
          w: text.split(/\s+/).filter(Boolean).length,
          c: text.length,
        }
        const wanted = call.args.find((arg) => arg.startsWith('-'))?.slice(1) ?? 'lwc'
        const shown = (['l', 'w', 'c'] as const).filter((key) => wanted.includes(key))
        const label = operands.length > 0 ? ` ${name}` : ''
        call.stdout.write(`${shown.map((key) => String(counts[key]).padStart(8)).join('')}${label}\n`)
      }
      return 0
    },
    sort: async (call) => {
      const operands = call.args.filter((arg) => !arg.startsWith('-'))
      const lines = (await inputs(call, operands)).flatMap(([, text]) => linesOf(text)).sort()
      for (const line of call.args.includes('-u') ? new Set(lines) : lines) call.stdout.write(`${line}\n`)
      return 0
    },
    cut: async (call) => {
      const option = (flag: string): string | undefined => {
        const at = call.args.findIndex((arg) => arg.startsWith(flag))
        const arg = call.args[at] ?? ''
        return at < 0 ? undefined : arg.length > 2 ? arg.slice(2) : call.args[at + 1]
      }
      const field = Number.parseInt(option('-f') ?? '', 10)
      if (!(field > 0)) {
        call.stderr.write('usage: cut -f field [-d delim]\n')
        return 1
      }
      for (const line of linesOf(await readAll(call.stdin, call))) {
        call.stdout.write(`${line.split(option('-d') ?? '\t')[field - 1] ?? ''}\n`)
      }
      return 0
    },
    tr: async (call) => {
      const [from = '', to = ''] = call.args.filter((arg) => arg !== '-d').map(unescape)
      const text = await readAll(call.stdin, call)
      const isDeleting = call.args.includes('-d')
      const last = to.at(-1) ?? ''
      call.stdout.write(
        Array.from(text)
          .map((character) => {
            const at = from.indexOf(character)
            if (at < 0) return character
            return isDeleting ? '' : (to[at] ?? last)
          })
          .join(''),
      )
      return 0
    },
  }
}
