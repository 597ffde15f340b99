import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ConfigError } from '../../src/model/error.ts'
import { expandRange, MOST_NAMES, range } from '../../src/model/range.ts'
import { readOracle } from '../support/read-oracle.ts'

/** Where we are stricter: Ansible gives no host at all for a range that runs backwards, and says nothing. */
const STRICTER = new Set(['n[5:1]'])

const rows = readOracle().ranges

describe('expandRange', () => {
  it.each(rows.filter(([pattern]) => !STRICTER.has(pattern)))(
    'reads %s as ansible-core does',
    (pattern, names) => {
      if ('error' in names) expect(() => expandRange(pattern)).toThrow(ConfigError)
      else expect(expandRange(pattern)).toEqual(names)
    },
  )

  it.each(rows.filter(([pattern]) => STRICTER.has(pattern)))(
    'refuses %s, from which Ansible makes %j',
    (pattern) => {
      expect(() => expandRange(pattern)).toThrow(/backwards/)
    },
  )

  it('takes a pattern without brackets for itself', () => {
    expect(expandRange('fra-1')).toEqual(['fra-1'])
    expect(expandRange('')).toEqual([''])
  })

  it('keeps what stands behind the range', () => {
    expect(expandRange('r[1:2]-n[a:b].example')).toEqual([
      'r1-na.example',
      'r1-nb.example',
      'r2-na.example',
      'r2-nb.example',
    ])
  })

  it.each([
    ['n[1]', /is \[1\]/],
    ['n[]', /is \[\]/],
    ['n[1:2:3:4]', /is \[1:2:3:4\]/],
    ['n[1:]', /no end/],
    ['n[01:3]', /from 01 to 3/],
    ['n[01:100]', /from 01 to 100/],
    ['n[c:a]', /backwards/],
    ['n[a:C]', /“a” to “C”/],
    ['n[1:c]', /“1” to “c”/],
    ['n[-1:3]', /“-1” to “3”/],
    ['n[1:9:-1]', /step “-1”/],
    ['n[1:9:x]', /step “x”/],
    ['n[1.5:3]', /“1.5” to “3”/],
    ['n[1:99999]', /99999 names/],
    ['a[1:200]b[1:200]', /40000 names/],
    ['n[1:3', /other half/],
    ['n1:3]x[', /other half/],
    ['n[1:2]x[', /other half/],
    ['n[[1:2]', /other half/],
    ['n[1:99999999999999999999]', /“1” to/],
  ])('refuses %s and says how to write it', (pattern, message) => {
    expect(() => expandRange(pattern)).toThrow(message)
    expect(() => expandRange(pattern)).toThrow(
      expect.objectContaining({ code: 'CONFIG', hint: expect.stringMatching(/\w/) as string }) as Error,
    )
  })

  it('gives as many padded names as the range is long, all of one length', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const pad = (value: number): string => String(value).padStart(3, '0')
        const names = expandRange(`n[${pad(from)}:${pad(to)}]`)
        expect(names).toHaveLength(to - from + 1)
        expect(names.every((name) => name.length === 4)).toBe(true)
        expect(names.at(-1)).toBe(`n${pad(to)}`)
      }),
    )
  })

  it(`allows exactly ${MOST_NAMES} names`, () => {
    expect(expandRange(`n[1:${MOST_NAMES}]`)).toHaveLength(MOST_NAMES)
    expect(() => expandRange(`n[0:${MOST_NAMES}]`)).toThrow(ConfigError)
  })
})

describe('range', () => {
  it('writes an entry a name, in order, with an index from 0', () => {
    const nodes = range('edge[09:11]', (name, index) => ({
      proxy: `10.0.0.${index + 10}`,
      certificate: `${name}.zip`,
    }))
    expect(Object.entries(nodes)).toEqual([
      ['edge09', { proxy: '10.0.0.10', certificate: 'edge09.zip' }],
      ['edge10', { proxy: '10.0.0.11', certificate: 'edge10.zip' }],
      ['edge11', { proxy: '10.0.0.12', certificate: 'edge11.zip' }],
    ])
  })

  it('refuses a pattern that gives a name twice', () => {
    expect(() => range('n[1:11][1:12]', () => 0)).toThrow(/gives the name n111 twice/)
  })

  it('treats a name that JavaScript knows like any other', () => {
    expect(Object.keys(range('__proto__', () => 1))).toEqual(['__proto__'])
  })
})
