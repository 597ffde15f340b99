import { describe, expect, it } from 'vitest'

import { selectHost, type HostChoice } from '../../../src/connect/govmomi/object/choose-host.ts'

const host = (name: string, more: Partial<HostChoice> = {}): HostChoice => ({
  ref: { type: 'HostSystem', value: name },
  name,
  obstacle: undefined,
  freeMB: 100_000,
  siblings: [],
  ...more,
})

describe('the host of a machine', () => {
  it('is the one with the most free memory', () => {
    expect(selectHost([host('a'), host('b', { freeMB: 200_000 }), host('c')])?.name).toBe('b')
  })

  it('has as few of its siblings as can be, whatever memory there is', () => {
    const crowded = host('a', { freeMB: 400_000, siblings: ['n1'] })
    expect(selectHost([crowded, host('b')])?.name).toBe('b')
    expect(selectHost([crowded, host('b', { siblings: ['n1', 'n2'] })])?.name).toBe('a')
  })

  it('is none that cannot run it', () => {
    const away = host('a', { freeMB: 400_000, obstacle: 'is in maintenance' })
    expect(selectHost([away, host('b')])?.name).toBe('b')
    expect(selectHost([away])).toBeUndefined()
  })

  it('follows from their names where nothing else tells them apart', () => {
    expect(selectHost([host('b'), host('a')])?.name).toBe('a')
  })
})
