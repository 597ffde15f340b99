import { TimeoutError } from '../../../model/error.ts'
import type { Program } from '../shell/program.ts'

/** The status of a program that was killed. */
const KILLED = 137

/**
 * Runs another program and ends it when its time is over. Its seconds are the wall’s: whoever sends it counts by that, and
 * a machine that lives faster must not be cut short for it.
 */
export const timeout: Program = async (call) => {
  const operands = call.args.slice()
  while (operands[0]?.startsWith('-') === true) {
    const flag = operands.shift()
    if (flag === '-s' || flag === '-k') operands.shift()
  }
  const [limit = '', ...argv] = operands
  const seconds = Number(limit)
  if (argv.length === 0 || !(seconds >= 0)) {
    call.stderr.write('usage: timeout [--foreground] [-k time] [-s sig] duration command\n')
    return 125
  }
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new TimeoutError(`${argv[0] ?? ''} was killed`)), seconds * 1000)
  try {
    return await call.run(argv, { signal: AbortSignal.any([call.signal, late.signal]) })
  } catch (error) {
    if (late.signal.aborted && !call.signal.aborted) return KILLED
    throw error
  } finally {
    clearTimeout(timer)
  }
}
