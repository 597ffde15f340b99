import { describe, expect, test } from 'vitest'

import { describeFate, judgePending, type Circumstances } from '../../../src/connect/zia/pending.ts'

const MINUTE = 60_000
const AT = new Date(2026, 10, 22, 2, 5).getTime()

describe('what is found pending', () => {
  test.each<[string, Partial<Circumstances>, string]>([
    ['by whoever remembers nothing', { staged: undefined }, 'others'],
    ['while a legacy session cannot have lapsed', { age: 5 * MINUTE - 1 }, 'ours'],
    ['when it may have lapsed', { age: 5 * MINUTE }, 'unsure'],
    ['when it must have', { age: 20 * MINUTE }, 'others'],
    ['within the hour after a token', { login: 'oneapi', age: 60 * MINUTE - 1 }, 'ours'],
    ['later, for its end activates nothing', { login: 'oneapi', age: 9000 * MINUTE }, 'unsure'],
    ['where others’ were seen with it', { staged: { at: AT, mixed: true, domains: [] }, age: 1 }, 'mixed'],
  ])('%s is judged by its age and the sign-in (%#)', (_, more, whose) => {
    const staged = { at: AT, mixed: false, domains: [] }
    const circumstances = { staged, age: 0, login: 'legacy', others: 'refuse', ...more } as const
    const pending = judgePending('PENDING', circumstances)
    expect(pending).toMatchObject({ whose, isRefused: whose !== 'ours' })
    expect(judgePending('PENDING', { ...circumstances, others: 'include' }).isRefused).toBe(false)
    expect(judgePending('ACTIVE', circumstances)).toMatchObject({ whose: 'nothing', words: '' })
    expect(judgePending('INPROGRESS', circumstances).whose).toMatch(/^(nothing|ours)$/)
  })

  test('is told with the time of the run that has left it', () => {
    const circumstances = { staged: { at: AT, mixed: false, domains: [] }, age: 0, others: 'refuse' } as const
    expect(judgePending('PENDING', { ...circumstances, age: 6 * MINUTE, login: 'legacy' }).words).toBe(
      'changes are pending in ZIA that may be those of the run from here at 2026-11-22 02:05, or somebody else’s',
    )
  })
})

test('what nobody activates goes live when a legacy session lapses, and stays pending after a token', () => {
  expect(describeFate('legacy', AT)).toContain('at 02:10 if the run ends now')
  expect(describeFate('oneapi', AT)).toBe('all that is pending stays so until somebody activates it')
})
