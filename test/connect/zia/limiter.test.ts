import { describe, expect, test } from 'vitest'

import { createLimiter } from '../../../src/connect/zia/limiter.ts'
import { quotaOf } from '../../../src/connect/zia/limits.ts'
import type { Clock } from '../../../src/model/clock.ts'

const HOUR = 3_600_000

/** A clock that stands still but for sleeping: whoever sleeps least wakes first, and time jumps there. */
function jumpingClock(): Clock {
  let now = 1_000_000
  const sleepers: { readonly due: number; readonly wake: () => void }[] = []
  const jump = (): void => {
    const next = sleepers.toSorted((a, b) => a.due - b.due)[0]
    if (next === undefined) return
    sleepers.splice(sleepers.indexOf(next), 1)
    now = Math.max(now, next.due)
    next.wake()
  }
  return {
    now: () => now,
    async sleep(ms, { signal } = {}) {
      signal?.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
        sleepers.push({ due: now + ms, wake: resolve })
        setImmediate(jump)
      })
    },
  }
}

const use = () => ({ signal: new AbortController().signal })

describe('createLimiter', () => {
  test.each([
    ['GET', '/virtualZenNodes', 1],
    ['POST', '/virtualZenNodes', 1],
    ['GET', '/locations', 2],
    ['PUT', '/locations/5', 1],
  ] as const)('lets %s %s through %i a second, however the answers are spread', async (method, path, max) => {
    const clock = jumpingClock()
    const limiter = createLimiter({ clock })
    const arrivals: number[] = []
    const send = async (latency: number): Promise<void> => {
      const leave = await limiter.enter(quotaOf(method, path), use())
      await clock.sleep(latency / 2)
      arrivals.push(clock.now())
      await clock.sleep(latency / 2)
      leave()
    }
    await Promise.all(Array.from({ length: 40 }, (_, index) => send((index * 137) % 900)))
    for (const [index, time] of arrivals.entries()) {
      const earlier = arrivals[index - max]
      if (earlier !== undefined) expect(time - earlier).toBeGreaterThanOrEqual(1000)
    }
    expect(arrivals).toHaveLength(40)
  })

  test('paces itself when the quota of the hour is used up, and says so', async () => {
    const clock = jumpingClock()
    const limiter = createLimiter({ clock })
    const quota = quotaOf('POST', '/status/activate')
    const reasons: string[] = []
    const start = clock.now()
    for (let index = 0; index < 41; index += 1) {
      const leave = await limiter.enter(quota, { ...use(), waiting: (reason) => void reasons.push(reason) })
      leave()
    }
    expect(clock.now() - start).toBeGreaterThanOrEqual(HOUR)
    expect(reasons.at(-1)).toMatch(/rate limit of POST \/status\/activate, for \d+ s/)
  })

  test('counts endpoints and verbs apart', async () => {
    const clock = jumpingClock()
    const limiter = createLimiter({ clock })
    const before = clock.now()
    await limiter.enter(quotaOf('POST', '/virtualZenNodes'), use())
    await limiter.enter(quotaOf('PUT', '/virtualZenNodes/7'), use())
    await limiter.enter(quotaOf('POST', '/virtualZenClusters'), use())
    expect(clock.now()).toBe(before)
  })

  test('goes on with the next in line when one gives up waiting', async () => {
    const clock = jumpingClock()
    const limiter = createLimiter({ clock })
    const quota = quotaOf('GET', '/virtualZenNodes')
    const leave = await limiter.enter(quota, use())
    const impatient = new AbortController()
    const second = limiter.enter(quota, { signal: impatient.signal })
    const third = limiter.enter(quota, use())
    impatient.abort(new RangeError('enough'))
    await expect(second).rejects.toThrow('enough')
    leave()
    await expect(third).resolves.toBeTypeOf('function')
  })

  test('lets nothing through while the server wants a pause', async () => {
    const clock = jumpingClock()
    const limiter = createLimiter({ clock })
    const quota = quotaOf('GET', '/locations')
    limiter.pause(quota, 7000)
    const start = clock.now()
    await limiter.enter(quota, use())
    expect(clock.now() - start).toBe(7000)
  })
})
