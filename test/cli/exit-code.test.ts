import { expect, test } from 'vitest'

import { exitCodeOfError } from '../../src/cli/exit-code.ts'
import { AbortError, UsageError } from '../../src/model/error.ts'

test('a command that could not run exits with 1, one that was interrupted with 130', () => {
  expect(exitCodeOfError(new UsageError('no'))).toBe(1)
  expect(exitCodeOfError(new TypeError('bug'))).toBe(1)
  expect(exitCodeOfError(new AbortError('stop'))).toBe(130)
  expect(exitCodeOfError(AbortSignal.abort().reason)).toBe(130)
  expect(exitCodeOfError(AbortSignal.abort('SIGTERM').reason)).toBe(130)
  expect(exitCodeOfError(AbortSignal.abort('SIGHUP').reason)).toBe(130)
})
