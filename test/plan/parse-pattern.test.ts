import { describe, expect, it } from 'vitest'

import { listPatternFiles, parsePattern } from '../../src/plan/parse-pattern.ts'

describe('parsePattern', () => {
  it('cuts at commas and colons but not inside brackets', () => {
    expect(parsePattern('a,b:c[1:3]:&d,! e')).toEqual([
      { sign: 'add', text: 'a' },
      { sign: 'add', text: 'b' },
      { sign: 'add', text: 'c[1:3]' },
      { sign: 'keep', text: 'd' },
      { sign: 'remove', text: 'e' },
    ])
  })

  it('leaves a regular expression whole as long as its pairs are open', () => {
    expect(parsePattern('!~a(?:b|c){1,2}\\::d').map(({ text }) => text)).toEqual(['~a(?:b|c){1,2}\\:', 'd'])
    expect(parsePattern('a(b,c)').map(({ text }) => text)).toEqual(['a(b', 'c)'])
  })

  it('does not lose its way in brackets without another half', () => {
    expect(parsePattern('a],b[c,d').map(({ text }) => text)).toEqual(['a]', 'b[c,d'])
  })
})

describe('listPatternFiles', () => {
  it('names the files of a pattern, whatever their sign', () => {
    expect(listPatternFiles('fra,@down.txt,!@old/gone.txt')).toEqual(['down.txt', 'old/gone.txt'])
  })
})
