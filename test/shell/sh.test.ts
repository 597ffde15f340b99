import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { InternalError } from '../../src/model/error.ts'
import { documentedSecret, secret } from '../../src/model/secret.ts'
import { isCommandLine, sh } from '../../src/shell/sh.ts'
import type { Hole } from '../../src/shell/sh.ts'
import { readArguments, SHELLS } from './shells.ts'

const hole = (value: unknown): Hole => value as Hole

describe('sh', () => {
  it('quotes what comes through a hole and nothing else', () => {
    expect(sh`cat ${'/tmp/a b'} | grep -c ${'$x'} > /dev/null`.text).toBe(
      "cat '/tmp/a b' | grep -c '$x' > /dev/null",
    )
  })

  it('joins a hole to the word that it stands in', () => {
    expect(sh`dd if=${'a b'} count=${4}`.text).toBe("dd if='a b' count=4")
  })

  it('spreads lists, also nested and empty ones', () => {
    expect(sh`ls ${['a', 'b c', ['d']]} ${[]}!`.text).toBe("ls a 'b c' d !")
  })

  it('splices command lines without quoting them again', () => {
    const inner = sh`vzen status ${'a b'}`
    expect(sh`sudo -S -p ${''} ${inner}`.text).toBe("sudo -S -p '' vzen status 'a b'")
    expect(sh`sh -c ${inner.text}`.text).toBe("sh -c 'vzen status '\\''a b'\\'''")
  })

  it('takes the template as it stands, backslashes too', () => {
    expect(sh`grep -c 'a\.b' | tr '\n' \  `.text).toBe("grep -c 'a\\.b' | tr '\\n' \\  ")
  })

  it('writes numbers as they are', () => {
    expect(sh`kill -${9} ${-1} ${1e21}`.text).toBe('kill -9 -1 1e+21')
  })

  it('is frozen, prints as its text, and is known from anything that only looks like it', () => {
    const line = sh`true`
    expect(Object.isFrozen(line)).toBe(true)
    expect(String(line)).toBe('true')
    expect(isCommandLine(line)).toBe(true)
    expect(isCommandLine({ text: 'true' })).toBe(false)
    expect(isCommandLine(null)).toBe(false)
    expect(() => sh`${hole({ text: 'rm -rf /' })}`).toThrow(InternalError)
  })

  it('refuses a secret, open or not, alone or in a list, without giving it away', () => {
    const open = documentedSecret('zsroot')
    for (const line of [
      () => sh`echo ${hole(open)}`,
      () => sh`echo ${hole(['a', secret.env('PASSWORD')])}`,
    ]) {
      expect(line).toThrow(InternalError)
      expect(line).toThrow(/a secret \(.*\) was put on a command line/)
      expect(line).not.toThrow(/zsroot/)
    }
  })

  it.each([
    [undefined],
    [null],
    [true],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1n],
    [{}],
    [() => 'x'],
    [Symbol('x')],
  ])('refuses %s in a hole', (value) => {
    expect(() => sh`echo ${hole(value)}`).toThrow(InternalError)
  })

  it('refuses a hole inside quotes, where the value’s own quotes would be letters', () => {
    expect(() => sh`echo "${'x'}"`).toThrow(/inside " quotes/)
    expect(() => sh`echo '${'x'}'`).toThrow(/inside ' quotes/)
    expect(() => sh`echo "it's ${'x'}"`).toThrow(/inside " quotes/)
    expect(() => sh`echo 'a' ${'x'} "${'y'}"`).toThrow(/inside " quotes/)
  })

  it('sees where quotes have ended', () => {
    expect(sh`echo "a 'b" ${'x'} 'c "d' ${'y'} \" ${'z'} "\"" ${'!'}`.text).toBe(
      `echo "a 'b" x 'c "d' y \\" z "\\"" ''\\!''`,
    )
  })

  it.each(SHELLS)('brings any values through %s as one word each', (shell) => {
    const value = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '!', '$', '`', ';', ' ', '\n', '*', '~', 'a', 'b', '-'),
    })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), value, (list, last) => {
        expect(readArguments(shell, sh`first ${list} pre${last}`.text)).toEqual([
          'first',
          ...list,
          `pre${last}`,
        ])
      }),
      { numRuns: 5 },
    )
  })
})
