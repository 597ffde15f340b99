import { describe, expect, it } from 'vitest'

import { CAVIUM, isCardOf } from '../../../modules/vsphere/nitrox-card.ts'

describe('a NITROX card', () => {
  it.each([
    ['an encryption controller', 0x1000],
    ['a co-processor', 0x0b40],
    ['a device of no class', 0x0000],
  ])('is %s of its maker’s', (_, classId) => {
    expect(isCardOf(CAVIUM, { vendorId: CAVIUM, classId })).toBe(true)
    expect(isCardOf(CAVIUM, { vendorId: 0x1_5b3, classId })).toBe(false)
  })

  it.each([
    ['a network card', 0x0200],
    ['a storage controller', 0x0106],
    ['a bridge', 0x0604],
    ['a USB controller', 0x0c03],
  ])('is never %s, whoever made it: the host needs that itself', (_, classId) => {
    expect(isCardOf(CAVIUM, { vendorId: CAVIUM, classId })).toBe(false)
  })

  it('is known by the number of its maker, which hosts write with a sign', () => {
    expect(isCardOf(0x8086, { vendorId: 0x8086 - 0x1_0000, classId: 0x0b40 })).toBe(true)
  })
})
