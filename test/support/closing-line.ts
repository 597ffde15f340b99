import type { Reporter, TestModule } from 'vitest/node'

/** How many tests ended in which way. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Counts the tests of all files. A file that failed without a failed test in it counts as one failure. */
export function countTests(modules: readonly Pick<TestModule, 'children' | 'state'>[]): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0 }
  for (const module of modules) {
    const before = tally.failed
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // What is still pending when the run is over was interrupted.
      if (state === 'pending') tally.failed++
      else tally[state]++
    }
    if (module.state() === 'failed' && tally.failed === before) tally.failed++
  }
  return tally
}

/** The line as machines look for it. */
export function renderTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** A reporter that says last of all, alone on a line, how many tests passed, failed and were skipped. */
export function closingLine(): Reporter {
  let tally: Tally = { passed: 0, failed: 0, skipped: 0 }
  return {
    onInit() {
      // Everything else that prints at the end of a run has printed by then.
      process.once('exit', () => process.stdout.write(`${renderTally(tally)}\n`))
    },
    onTestRunEnd(modules, errors) {
      const counted = countTests(modules)
      // An error outside of every test fails the run as well.
      tally = { ...counted, failed: counted.failed + errors.length }
    },
  }
}
