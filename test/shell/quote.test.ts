import { spawnSync } from 'node:child_process'

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { InternalError } from '../../src/model/error.ts'
import { quote } from '../../src/shell/quote.ts'
import { C_SHELLS, readArguments, SHELLS } from './shells.ts'

/** Every one of these has broken somebody's quoting. */
const DANGEROUS = [
  '',
  ' ',
  "'",
  "''",
  "it's",
  '"',
  '`id`',
  '$(id)',
  '$HOME',
  '${IFS}',
  '\\',
  "\\'",
  "'\\''",
  '!',
  '!!',
  "'!'",
  'a!b',
  'a\\!b',
  ';id',
  '|id',
  '&id',
  '>/dev/null',
  '<x',
  '*',
  '?',
  '[a]',
  '~',
  '~root',
  '#no comment',
  'A=b',
  '{a,b}',
  '-rf',
  '--',
  '\t',
  '%s%n',
  'é ü 漢 🙂',
  '\u001b[31m',
  '\u007f',
  '\u0001',
  "$'\\x41'",
]
const LINES = ['\n', 'a\nb', "\n'\n", 'a\r\nb', '\\\n']

describe.each(SHELLS)('quote under %s', (shell) => {
  it('keeps every dangerous word as it is', () => {
    const words = [...DANGEROUS, ...LINES]
    expect(readArguments(shell, words.map(quote).join(' '))).toEqual(words)
  })

  it('keeps any words at all as they are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '!', '$', '`', ' ', '\n', '*', '~', 'a') }),
    )
    const word = text.filter((candidate) => !/[\0\ud800-\udfff]/u.test(candidate))
    const words = fc.array(word, { minLength: 20, maxLength: 60 })
    fc.assert(
      fc.property(words, (list) => {
        expect(readArguments(shell, list.map(quote).join(' '))).toEqual(list)
      }),
      { numRuns: 8 },
    )
  })

  it('lets no word become a part of the shell’s language where a command stands', () => {
    for (const word of ['if', 'then', '{', '!', 'A=b', 'for', 'done']) {
      const { status } = spawnSync(shell, ['-c', `PATH=/nowhere; ${quote(word)} x`])
      expect({ word, status }).toEqual({ word, status: 127 })
    }
  })
})

describe.runIf(C_SHELLS.length > 0)('quote under csh', () => {
  it.each(C_SHELLS)('keeps every dangerous word of one line as it is in %s', (shell) => {
    const words = DANGEROUS.filter((word) => word !== '')
    expect(readArguments(shell, words.map(quote).join(' '))).toEqual(words)
  })
})

describe('quote', () => {
  it.each(['vzen', '/sc/install/x.zip', 'user@host:22', 'a-b_c.d,e+f', '10.84.0.110'])(
    'leaves %s readable',
    (word) => {
      expect(quote(word)).toBe(word)
    },
  )

  it('refuses a NUL', () => {
    expect(() => quote('a\0b')).toThrow(InternalError)
  })
})
