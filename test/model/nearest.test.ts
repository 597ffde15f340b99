import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { nearestName } from '../../src/model/nearest.ts'

const runbooks = ['deploy', 'verify', 'certificate', 'lab-1-a', 'lab-1-b', 'network']

describe('nearestName', () => {
  it.each([
    ['deplyo', 'deploy'],
    ['depoy', 'deploy'],
    ['Deploy', 'deploy'],
    ['verfy', 'verify'],
    ['verrify', 'verify'],
    ['certificates', 'certificate'],
    ['cert', 'certificate'],
    ['net', 'network'],
    ['lab-1-c', 'lab-1-a'],
    ['lab1-b', 'lab-1-b'],
    ['newtork', 'network'],
  ])('takes %s for %s', (word, name) => {
    expect(nearestName(word, runbooks)).toBe(name)
  })

  it.each(['', 'xyzzy', 'd', 'q', 'completely-different', 'x'.repeat(10_000)])(
    'has no idea what %s means',
    (word) => {
      expect(nearestName(word, runbooks)).toBeUndefined()
    },
  )

  it('prefers fewer slips, and of equals the first', () => {
    expect(nearestName('fra-1', ['fra-22', 'fra-2', 'fra-3'])).toBe('fra-2')
    expect(nearestName('abcdef', ['abcxyz', 'abcdex'])).toBe('abcdex')
  })

  it('does not take one single letter for another', () => {
    expect(nearestName('a', ['b', 'c'])).toBeUndefined()
  })

  it('finds every name itself, and every name with one letter swapped', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(10), (name, seed) => {
        const at = seed % (name.length - 1)
        const swapped = name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2)
        expect(nearestName(name, ['0000', name])).toBe(name)
        expect(nearestName(swapped, ['0000', name])).toBe(name)
      }),
    )
  })

  it('takes names from anything that can be walked through, also empty ones', () => {
    expect(nearestName('deplyo', new Set(['', 'deploy']))).toBe('deploy')
    expect(nearestName('deploy', [])).toBeUndefined()
  })
})
