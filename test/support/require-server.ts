/* oxlint-disable vitest/no-conditional-tests, vitest/valid-describe-callback, vitest/valid-title, vitest/expect-expect, vitest/no-disabled-tests -- this makes tests and is none */
import { describe, it } from 'vitest'

/** How a test finds a real server's program, and how a person gets it. */
export interface ServerSource {
  /** Path of the program; nothing where this machine has none. */
  readonly find: () => string | undefined
  /** One sentence: `apt-get install openssh-server`. */
  readonly howToGet: string
}

/**
 * A `describe` for tests that hold a claim against a real server. Where its program is missing they are skipped, and the
 * title of the one skipped test says so and how to get it; with `RUNBOOK_REQUIRE_SERVERS=1` that is a failure instead,
 * so that a CI which has them all cannot lose one unnoticed.
 */
export function describeWith(
  server: string,
  { find, howToGet }: ServerSource,
  tests: (program: string) => void,
): void {
  const program = find()
  if (program !== undefined) {
    describe(`with ${server}`, () => tests(program))
    return
  }
  const title = `${server} is not on this machine: ${howToGet}`
  if (process.env['RUNBOOK_REQUIRE_SERVERS'] === '1') {
    it(title, () => {
      throw new Error(`RUNBOOK_REQUIRE_SERVERS is set, and ${title}`)
    })
    return
  }
  // A reporter that is not verbose does not show the titles of skipped tests.
  process.stderr.write(`skipped: ${title}\n`)
  it.skip(title)
}
