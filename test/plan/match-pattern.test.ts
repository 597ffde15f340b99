import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { UsageError } from '../../src/model/error.ts'
import { expandRange } from '../../src/model/range.ts'
import { matchPattern } from '../../src/plan/match-pattern.ts'
import type { Universe } from '../../src/plan/match-pattern.ts'
import { readOracle } from '../support/read-oracle.ts'

/** Reads the oracle's INI inventory: groups of hosts, some of them ranges. */
function readUniverse(ini: string): Universe {
  const groups: { name: string; members: string[] }[] = []
  for (const line of ini.split('\n').filter((text) => text !== '')) {
    if (/^\[\w+\]$/.test(line)) groups.push({ name: line.slice(1, -1), members: [] })
    else groups.at(-1)?.members.push(...expandRange(line))
  }
  return { nodes: [...new Set(groups.flatMap(({ members }) => members))], groups }
}

const oracle = readOracle()
const observed = readUniverse(oracle.inventory)

/**
 * Where Ansible picks nothing for a term, warns at best and goes on, ours is an error: whoever writes a name wants
 * something, and a run over the wrong machines, or none, is worse than a message.
 */
const NOTHING_PICKED: Readonly<Record<string, string>> = {
  'web[-2:]': 'a slice with a negative start is not a form that Ansible reads either',
  'node0[1-3]': 'numbers in brackets are a place in a group, never a set of characters',
  '~0[13]': 'a regular expression begins at the first character, and no name begins with 0',
  ungrouped: 'nothing can stand outside of a cluster, so there is no such group',
  nonexist: 'there is no such name',
  'web:nonexist': 'one term of two names nothing; Ansible takes the other one',
}

const lab: Universe = {
  nodes: ['fra-1-a', 'fra-1-b', 'fra-1-c', 'fra-2-a', 'fra-2-b', 'edge01', 'edge02', 'edge03', 'edge10'],
  groups: [
    { name: 'fra', members: ['fra-1-a', 'fra-1-b', 'fra-1-c', 'fra-2-a', 'fra-2-b'] },
    { name: 'fra-1', members: ['fra-1-a', 'fra-1-b', 'fra-1-c'] },
    { name: 'fra-2', members: ['fra-2-a', 'fra-2-b'] },
    { name: 'ams', members: ['edge01', 'edge02', 'edge03', 'edge10'] },
    { name: 'ams-1', members: ['edge01', 'edge02', 'edge03', 'edge10'] },
  ],
}

const pick = (pattern: string, files?: Record<string, string>): readonly string[] =>
  matchPattern(pattern, files === undefined ? lab : { ...lab, files: new Map(Object.entries(files)) })

const complaint = (pattern: string, files?: Record<string, string>): UsageError => {
  try {
    pick(pattern, files)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error(`${pattern} was accepted`)
}

describe('matchPattern beside ansible-core', () => {
  it.each(oracle.patterns.filter(([pattern]) => !(pattern in NOTHING_PICKED)))(
    'reads %s alike',
    (pattern, names) => {
      expect(matchPattern(pattern, observed)).toEqual(names)
    },
  )

  it.each(Object.entries(NOTHING_PICKED))('refuses %s: %s', (pattern) => {
    expect(() => matchPattern(pattern, observed)).toThrow(UsageError)
  })

  it('knows every refused pattern from the table', () => {
    const patterns = oracle.patterns.map(([pattern]) => pattern)
    expect(patterns).toEqual(expect.arrayContaining(Object.keys(NOTHING_PICKED)))
  })
})

describe('matchPattern', () => {
  it.each([
    ['fra-1-b', ['fra-1-b']],
    ['fra-2', ['fra-2-a', 'fra-2-b']],
    ['fra-2,fra-1-a', ['fra-2-a', 'fra-2-b', 'fra-1-a']],
    [' fra-2 , fra-1-a ,', ['fra-2-a', 'fra-2-b', 'fra-1-a']],
    ['fra-1:fra-1-a', ['fra-1-a', 'fra-1-b', 'fra-1-c']],
    ['*-a', ['fra-1-a', 'fra-2-a']],
    ['fra-?-b', ['fra-1-b', 'fra-2-b']],
    ['fra-1-[!a]', ['fra-1-b', 'fra-1-c']],
    ['fra-1-[a-b]', ['fra-1-a', 'fra-1-b']],
    ['fra-1-[ac]', ['fra-1-a', 'fra-1-c']],
    ['edge[01:03]', ['edge01', 'edge02', 'edge03']],
    ['fra-[1:2]-a', ['fra-1-a', 'fra-2-a']],
    ['fra-[1:2]', ['fra-1-a', 'fra-1-b', 'fra-1-c', 'fra-2-a', 'fra-2-b']],
    ['fra-[1:2]-*,!fra-[1:2]-b', ['fra-1-a', 'fra-1-c', 'fra-2-a']],
    ['fra-1[0]', ['fra-1-a']],
    ['fra-1[-1]', ['fra-1-c']],
    ['fra-1[1:9]', ['fra-1-b', 'fra-1-c']],
    ['fra[3:]', ['fra-2-a', 'fra-2-b']],
    ['*[-1]', ['edge10']],
    ['fra*[0:1]', ['fra-1-a', 'fra-1-b']],
    ['fra,!fra-1', ['fra-2-a', 'fra-2-b']],
    ['!fra-1:fra', ['fra-2-a', 'fra-2-b']],
    ['fra:&*-b', ['fra-1-b', 'fra-2-b']],
    ['!fra', ['edge01', 'edge02', 'edge03', 'edge10']],
    ['~edge0[13]', ['edge01', 'edge03']],
    ['~(fra-1-a|edge)', ['fra-1-a', 'edge01', 'edge02', 'edge03', 'edge10']],
    ['~fra-1-a|edge10', ['fra-1-a', 'edge10']],
    ['~edge\\d{2,2}$,fra-2-a', ['edge01', 'edge02', 'edge03', 'edge10', 'fra-2-a']],
    ['all:!~edge(?:0|1)', ['fra-1-a', 'fra-1-b', 'fra-1-c', 'fra-2-a', 'fra-2-b']],
  ])('picks by %s', (pattern, names) => {
    expect(pick(pattern)).toEqual(names)
  })

  it.each([
    ['fra-9', /called fra-9$/, /did you mean fra-1\?/],
    ['egde01', /called egde01/, /did you mean edge01\?/],
    ['fra,!fra-1-d', /called fra-1-d/, /did you mean fra-1-a\?/],
    ['fra,&ams-9', /called ams-9/, /did you mean ams-1\?/],
    ['edge[01:04]', /called edge04/, /did you mean edge0/],
    ['edge[9:1]', /backwards/, /\[1:9\]/],
    ['edge[1:]', /no end/, /begin:end/],
    ['edge[10-16]', /called edge\[10-16\]/, /\[01:16\] is a range/],
    ['edge0[13]', /called edge0\[13\]/, /~edge0\[13\]/],
    ['fra-1[3]', /no fra-1\[3\]/, /fra-1 has 3: write \[0\] to \[2\]/],
    ['fra-1[-4]', /no fra-1\[-4\]/, /has 3/],
    ['fra-1[7:9]', /called fra-1\[7:9\]/, /runbook inventory/],
    ['fra[1:2]x', /called fra1x/, /inventory/],
    ['zz*', /called zz\*/, /inventory --graph/],
    ['FRA-1', /called FRA-1/, /did you mean fra-1\?/],
    ['', /limit is empty/, /leave it out/],
    [' , :', /limit is empty/, /leave it out/],
    ['!', /called !/, /inventory/],
    ['fra,&', /called fra,&/, /inventory/],
    ['fra,!fra', /leaves no target/, /& and !/],
    ['fra-1,&fra-2', /leaves no target/, /& and !/],
    ['!all', /leaves no target/, /& and !/],
    ['~', /called ~/, /inventory/],
    ['~(', /regular expression ~\( cannot be read/, /Unterminated|Invalid/],
    ['~xyz', /called ~xyz/, /inventory/],
    ['@nodes.txt', /file nodes\.txt of the limit cannot be read/, /permissions/],
  ])('refuses %s and says what to do', (pattern, message, hint) => {
    const error = complaint(pattern)
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(hint)
  })

  it('refuses what can be both a part of a group and a range', () => {
    const twice = { nodes: ['x', 'y', 'z', 'r1', 'r2'], groups: [{ name: 'r', members: ['x', 'y', 'z'] }] }
    expect(() => matchPattern('r[1:2]', twice)).toThrow(/part of r and a range/)
    expect(matchPattern('r[0:1]', twice)).toEqual(['x', 'y'])
  })

  it('stops a regular expression that would run for ever', () => {
    const long = { nodes: [`${'a'.repeat(60)}!`], groups: [] }
    expect(() => matchPattern('~(a+)+$', long)).toThrow(/took more than 500 ms/)
  })

  it('is not slowed down by a glob with many stars', () => {
    const long = { nodes: ['a'.repeat(2000)], groups: [] }
    expect(() => matchPattern(`${'*a'.repeat(200)}*b`, long)).toThrow(UsageError)
  })

  it('reads names from a file, one a line, and can take them away', () => {
    const files = { 'down.txt': '# this week\r\nfra-1-a\r\n\r\nedge[01:02]\r\n' }
    expect(pick('@down.txt', files)).toEqual(['fra-1-a', 'edge01', 'edge02'])
    expect(pick('fra-1,!@down.txt', files)).toEqual(['fra-1-b', 'fra-1-c'])
    expect(pick('fra:&@down.txt', files)).toEqual(['fra-1-a'])
  })

  it('refuses a file that is empty, names nothing, or names another file', () => {
    expect(complaint('@f', { f: '\n# nothing\n' }).message).toMatch(/limit is empty/)
    expect(complaint('@f', { f: 'fra-9' }).message).toMatch(/called fra-9/)
    expect(complaint('@f', { f: '@f' }).message).toMatch(/names another file: @f/)
  })

  it('gives every node once, whatever is added', () => {
    const name = fc.constantFrom('fra', 'fra-1', 'fra-2-a', '*-a', 'all', 'edge[01:03]', '~edge', 'ams[0]')
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (terms) => {
        const picked = pick(terms.join(','))
        expect(new Set(picked).size).toBe(picked.length)
        expect(picked.every((node) => lab.nodes.includes(node))).toBe(true)
      }),
    )
  })

  it('gives the same with the terms that keep and remove in any place', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['fra', '&*-[ab]', '!fra-2-b'], { minLength: 3 }), (terms) => {
        expect(pick(terms.join(':'))).toEqual(['fra-1-a', 'fra-1-b', 'fra-2-a'])
      }),
    )
  })
})
