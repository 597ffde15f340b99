import { describe, expect, test } from 'vitest'

import type { Demand } from '../../src/model/demand.ts'
import { describeDemands, describeExcess, timeDemand } from '../../src/plan/describe-demands.ts'

const demand = (calls: number, more: Partial<Demand> = {}): Demand => ({
  quota: 'POST /virtualZenNodes',
  perHour: 400,
  calls,
  seconds: 2.5,
  ...more,
})

describe('timeDemand', () => {
  test.each([
    [1, 2.5],
    [400, 1000],
    [401, 3602.5],
    [1200, 2 * 3600 + 1000],
  ])('takes the pace or the hours for %i calls, whichever is longer', (calls, seconds) => {
    expect(timeDemand(demand(calls))).toBe(seconds)
  })

  test('takes the time of slow calls where that is longer than the hours', () => {
    expect(timeDemand(demand(500, { seconds: 20 }))).toBe(10_000)
  })
})

describe('describeDemands', () => {
  test('says nothing where nothing is asked for', () => {
    expect(describeDemands([])).toEqual([])
  })

  test('says calls and time', () => {
    const demands = [demand(4), demand(1, { quota: 'POST /locations', seconds: 6 })]
    expect(describeDemands(demands)).toEqual([
      'at most 4 × POST /virtualZenNodes, 1 × POST /locations; about 16 s, one after the other',
    ])
  })

  test('says which allowance of an hour is not enough', () => {
    expect(describeDemands([demand(1200)])).toEqual([
      'at most 1200 × POST /virtualZenNodes; about 2 h 17 min, one after the other',
      ...describeExcess([demand(1200)]),
    ])
    expect(describeExcess([demand(1200)])).toEqual([
      'POST /virtualZenNodes may be called 400 times an hour, and 1200 calls may be needed: the run paces itself over 3 hours',
    ])
    expect(describeExcess([demand(400)])).toEqual([])
  })
})
