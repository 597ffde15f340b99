import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isGlob, matchGlob } from '../../src/plan/glob.ts'

describe('matchGlob', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['**', 'abc', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abcd', false],
    ['*a*b', 'xaxbab', true],
    ['?', '', false],
    ['a?c', 'abc', true],
    ['[abc]', 'b', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]', 'd', true],
    ['[!a-c]', 'b', false],
    ['[]]', ']', true],
    ['[!]]', ']', false],
    ['[a-]', '-', true],
    ['[a', '[a', true],
    ['a]', 'a]', true],
    ['[^a]', '^', true],
    ['a.c', 'abc', false],
    ['A*', 'abc', false],
    ['(a|b)+', '(a|b)+', true],
  ])('reads %j on %j as %s', (glob, name, fits) => {
    expect(matchGlob(glob, name)).toBe(fits)
  })

  it('agrees with the regular expression of the same glob', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]')
    const asRegex = (glob: string): RegExp =>
      new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.').replaceAll('[!', '[^')}$`)
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), fc.stringMatching(/^[abc]{0,8}$/), (pieces, name) => {
        expect(matchGlob(pieces.join(''), name)).toBe(asRegex(pieces.join('')).test(name))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('isGlob', () => {
  it('sees what a shell would look into', () => {
    expect(['a*', 'a?', '[a]'].every(isGlob)).toBe(true)
    expect(['a', 'a.b', 'a-1', 'a]'].some(isGlob)).toBe(false)
  })
})
