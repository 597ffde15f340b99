import type { Appliance } from '../appliance.ts'
import { resolvePath } from '../disk/disk.ts'
import type { Call, Program, Programs } from '../shell/program.ts'

const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '-eq': (left, right) => left === right,
  '-ne': (left, right) => left !== right,
  '-lt': (left, right) => left < right,
  '-le': (left, right) => left <= right,
  '-gt': (left, right) => left > right,
  '-ge': (left, right) => left >= right,
}

/** `test`, also known as `[`, and the two programs with a settled opinion. */
export function createTestPrograms({ disk }: Appliance): Programs {
  function unary(operator: string, { operand, call }: { operand: string; call: Call }): boolean | undefined {
    const found = disk.stat(resolvePath(operand, call.cwd))
    switch (operator) {
      case '-n':
        return operand !== ''
      case '-z':
        return operand === ''
      case '-e':
        return found !== undefined
      case '-f':
        return found?.isFolder === false
      case '-d':
        return found?.isFolder === true
      case '-s':
        return (found?.size ?? 0) > 0
      case '-r':
        return (
          found !== undefined && (call.user === 'root' || (found.mode & 4) !== 0 || found.owner === call.user)
        )
      case '-w':
        return found !== undefined && (call.user === 'root' || found.owner === call.user)
      case '-x':
        return found !== undefined && (found.mode & 0o111) !== 0
      case '-t':
        return call.session.tty !== undefined
      default:
        return undefined
    }
  }

  function holds(args: readonly string[], call: Call): boolean | undefined {
    const [first = '', operator = '', third = ''] = args
    if (first === '!') {
      const rest = holds(args.slice(1), call)
      return rest === undefined ? undefined : !rest
    }
    for (const joint of ['-o', '-a']) {
      const at = args.indexOf(joint, 1)
      if (at < 0 || args.length <= 3) continue
      const left = holds(args.slice(0, at), call)
      const right = holds(args.slice(at + 1), call)
      return joint === '-o' ? left === true || right === true : left === true && right === true
    }
    if (args.length === 0) return false
    if (args.length === 1) return first !== ''
    if (args.length === 2) return unary(first, { operand: operator, call })
    if (operator === '=' || operator === '==') return first === third
    if (operator === '!=') return first !== third
    return COMPARE[operator]?.(Number(first), Number(third))
  }

  const test: Program = async (call) => {
    const args = call.name === '[' && call.args.at(-1) === ']' ? call.args.slice(0, -1) : call.args
    const result = holds(args, call)
    if (result === undefined) {
      call.stderr.write(`${call.name}: ${args.join(' ')}: unexpected operator\n`)
      return 2
    }
    return result ? 0 : 1
  }

  return { test, '[': test, true: async () => 0, false: async () => 1 }
}
