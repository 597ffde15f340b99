import { describe, expect, it } from 'vitest'

import { joinPath, selectNearest } from '../../../src/connect/govmomi/find.ts'

describe('an inventory path', () => {
  it('has one slash between its parts, and none inside a name', () => {
    expect(joinPath('/FRA/', 'vm', 'edges', 'a/b')).toBe('/FRA/vm/edges/a%2fb')
    expect(joinPath('folder/FRA', 'network', 'vse')).toBe('/folder/FRA/network/vse')
  })
})

describe('the nearest name', () => {
  it.each([
    ['edge-l', ['edge-1', 'core-1'], 'edge-1'],
    ['VSE', ['vse', 'later'], 'vse'],
    ['production', ['prod', 'test'], undefined],
    ['anything', [], undefined],
  ])('to %s among %j is %s', (...[wanted, names, nearest]) => {
    expect(selectNearest(wanted, names)).toBe(nearest)
  })
})
