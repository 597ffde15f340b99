import { describe, expect, it } from 'vitest'

import { wallClock } from '../../src/connect/wall-clock.ts'

describe('sleeping by the time of the machine', () => {
  it('ends when the time is over', async () => {
    await expect(wallClock.sleep(1)).resolves.toBeUndefined()
  })

  it.each(['before', 'after'])(
    'rejects with the reason of a signal that is aborted %s it began',
    async (when) => {
      const control = new AbortController()
      const reason = new Error('enough')
      if (when === 'before') control.abort(reason)
      const sleeping = wallClock.sleep(1_000_000, { signal: control.signal })
      control.abort(reason)
      await expect(sleeping).rejects.toBe(reason)
    },
  )
})
