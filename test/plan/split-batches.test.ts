import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ConfigError } from '../../src/model/error.ts'
import type { Batch } from '../../src/model/runbook.ts'
import { splitBatches } from '../../src/plan/split-batches.ts'
import { readOracle } from '../support/read-oracle.ts'

describe('splitBatches', () => {
  it.each(readOracle().serial)('splits %i nodes by %j as ansible-core does', (count, batch, sizes) => {
    expect(splitBatches(count, batch)).toEqual(sizes)
  })

  it('takes a single entry without a list', () => {
    expect(splitBatches(5, 2)).toEqual([2, 2, 1])
    expect(splitBatches(5, '50%')).toEqual([2, 2, 1])
    expect(splitBatches(5, '0%')).toEqual([1, 1, 1, 1, 1])
  })

  it('gives no batch for no nodes', () => {
    expect(splitBatches(0, [1, '25%'])).toEqual([])
  })

  it('always adds up to the count, with no empty batch', () => {
    const entry = fc.oneof(
      fc.integer({ min: -2, max: 40 }),
      fc.nat(200).map((percent): `${number}%` => `${percent}%`),
    )
    fc.assert(
      fc.property(fc.nat(300), fc.array(entry, { minLength: 1, maxLength: 4 }), (count, batch) => {
        const sizes = splitBatches(count, batch)
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count)
        expect(sizes.every((size) => size > 0)).toBe(true)
      }),
    )
  })

  it.each([[[]], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], ['25'], ['-5%'], ['x%'], ['%'], [[1, '']]])(
    'refuses %j with a hint',
    (batch) => {
      expect(() => splitBatches(4, batch as Batch)).toThrow(ConfigError)
      expect(() => splitBatches(4, batch as Batch)).toThrow(
        expect.objectContaining({ hint: expect.stringMatching(/write/) as string }) as Error,
      )
    },
  )
})
