import { describe, expect, it } from 'vitest'

import { selectTags } from '../../src/plan/select-tags.ts'
import { readOracle } from '../support/read-oracle.ts'

const { tags } = readOracle()

describe('selectTags', () => {
  it(`agrees with ansible-core in all ${tags.cases.length} observed cases`, () => {
    const wrong = tags.cases.filter(
      ([own, only, skip, runs]) => selectTags(own, { only: only ?? undefined, skip }) !== runs,
    )
    expect(tags.cases.length).toBeGreaterThan(900)
    expect(wrong).toEqual([])
  })

  it('takes an empty list of asked tags for all', () => {
    expect(selectTags([], { only: [], skip: [] })).toBe(true)
    expect(selectTags(['never'], { only: [], skip: [] })).toBe(false)
  })

  it('runs [never, d] when d or never is asked for, and then only', () => {
    const own = ['never', 'd']
    expect(selectTags(own, { skip: [] })).toBe(false)
    expect(selectTags(own, { only: ['d'], skip: [] })).toBe(true)
    expect(selectTags(own, { only: ['never'], skip: [] })).toBe(true)
    expect(selectTags(own, { only: ['tagged'], skip: [] })).toBe(false)
    expect(selectTags(own, { only: ['all', 'never'], skip: [] })).toBe(true)
  })

  it('lets a skipped tag win over an asked one', () => {
    expect(selectTags(['cert', 'slow'], { only: ['cert'], skip: ['slow'] })).toBe(false)
  })

  it('keeps always through --skip-tags all unless always is skipped as well', () => {
    expect(selectTags(['always'], { skip: ['all'] })).toBe(true)
    expect(selectTags(['always', 'cert'], { skip: ['all', 'cert'] })).toBe(true)
    expect(selectTags(['always'], { skip: ['all', 'always'] })).toBe(false)
    expect(selectTags(['always'], { skip: ['tagged'] })).toBe(false)
  })

  it('does not take the tag “untagged” of a step for a step without tags when tagged ones are asked for', () => {
    expect(selectTags([], { only: ['untagged'], skip: [] })).toBe(true)
    expect(selectTags(['a'], { only: ['untagged'], skip: [] })).toBe(false)
    expect(selectTags(['always'], { only: ['untagged'], skip: [] })).toBe(true)
  })
})
