import { TimeoutError } from '../../../model/error.ts'
import type { Left, Program, RunChanges } from '../shell/program.ts'

/** The status of a program whose time was over, whatever signal ended it. */
const TIMED_OUT = 124

function waitUntil(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
  })
}

/**
 * Runs another program and ends it when its time is over, as FreeBSD’s does: what the program leaves running is waited for
 * and ended, too, unless it stays in the foreground. Its seconds are the wall’s: whoever sends it counts by that, and a
 * machine that lives faster must not be cut short for it.
 */
export const timeout: Program = async (call) => {
  const operands = call.args.slice()
  let isForeground = false
  while (operands[0]?.startsWith('-') === true) {
    const flag = operands.shift()
    if (flag === '-s' || flag === '-k') operands.shift()
    if (flag === '--foreground') isForeground = true
  }
  const [limit = '', ...argv] = operands
  const seconds = Number(limit)
  if (argv.length === 0 || !(seconds >= 0)) {
    call.stderr.write('usage: timeout [--foreground] [-k time] [-s sig] duration command\n')
    return 125
  }
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new TimeoutError(`${argv[0] ?? ''} was killed`)), seconds * 1000)
  const signal = AbortSignal.any([call.signal, late.signal])
  const left: Left[] = []
  const reaping: RunChanges = isForeground ? {} : { reap: (one) => void left.push(one) }
  try {
    const status = await call.run(argv, { signal, ...reaping })
    if (left.length > 0) await waitUntil(signal)
    return status
  } catch (error) {
    if (!late.signal.aborted || call.signal.aborted) throw error
    for (const one of left) await one.kill()
    return TIMED_OUT
  } finally {
    clearTimeout(timer)
  }
}
