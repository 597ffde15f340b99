import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  isInside,
  parseCidr,
  parseIPv4,
  renderIPv4,
  renderMask,
  renderSubnet,
} from '../../inventory/schema/ipv4.ts'
import { minutesApart } from '../../inventory/schema/rules/update-times.ts'

const address = integer({ min: 0, max: 0xffffffff })

describe('an IPv4 address', () => {
  it('is the same after it was written and read', () => {
    assert(property(address, (number) => parseIPv4(renderIPv4(number)) === number))
  })

  it('lies inside its own subnet, and the subnet’s edges do too', () => {
    assert(
      property(address, integer({ min: 0, max: 32 }), (number, prefix) => {
        const parsed = parseCidr(`${renderIPv4(number)}/${prefix}`)
        if (parsed === undefined) return false
        const { subnet } = parsed
        return (
          isInside(number, subnet) &&
          isInside(subnet.first, subnet) &&
          isInside(subnet.last, subnet) &&
          !isInside(subnet.last + 1, subnet) &&
          subnet.last - subnet.first + 1 === 2 ** (32 - prefix) &&
          parseCidr(renderSubnet(subnet))?.subnet.first === subnet.first
        )
      }),
    )
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1.2.3.4/24',
    '١.٢.٣.٤',
  ])('is not %s', (text) => {
    expect(parseIPv4(text)).toBeUndefined()
  })

  it.each(['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/024', '10.0.0.0/24/1', '10.0.0/24'])(
    'has no subnet in %s',
    (text) => {
      expect(parseCidr(text)).toBeUndefined()
    },
  )

  it.each([
    [0, '0.0.0.0'],
    [8, '255.0.0.0'],
    [22, '255.255.252.0'],
    [24, '255.255.255.0'],
    [32, '255.255.255.255'],
  ])('has for /%i the mask %s', (prefix, mask) => {
    expect(renderMask(prefix)).toBe(mask)
  })
})

describe('two times of day', () => {
  it.each([
    ['13:00', '14:00', 60],
    ['23:45', '00:15', 30],
    ['00:00', '23:00', 60],
    ['12:00', '00:00', 720],
    ['06:30', '06:30', 0],
  ])('%s and %s are %i minutes apart', (one, other, minutes) => {
    expect(minutesApart(one, other)).toBe(minutes)
    expect(minutesApart(other, one)).toBe(minutes)
  })
})
