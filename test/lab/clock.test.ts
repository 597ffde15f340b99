import { performance } from 'node:perf_hooks'

import { describe, expect, it } from 'vitest'

import { createLabClock } from '../../src/lab/clock.ts'
import { TimeoutError } from '../../src/model/error.ts'

/** Keeps the event loop busy. */
function work(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('the lab’s clock', () => {
  it('lets a long wait pass quickly, and never too early', async () => {
    const clock = createLabClock(1000)
    const before = clock.now()
    await clock.sleep(60_000)
    expect(clock.now() - before).toBeGreaterThanOrEqual(60_000)
  })

  it('does not speed up time in which work is done', () => {
    const clock = createLabClock(1_000_000)
    const before = clock.now()
    work(30)
    // Sped up, 30 ms would be more than eight hours.
    expect(clock.now() - before).toBeLessThan(60_000)
    expect(clock.now() - before).toBeGreaterThanOrEqual(29)
  })

  it('ends a wait whose signal is aborted', async () => {
    const clock = createLabClock(1)
    await expect(clock.sleep(3_600_000, { signal: AbortSignal.abort() })).rejects.toThrowError()
  })

  it('ends it with the reason of its signal', async () => {
    const late = new TimeoutError('the boot did not end within 600 seconds')
    const control = new AbortController()
    const waiting = createLabClock(1).sleep(3_600_000, { signal: control.signal })
    control.abort(late)
    await expect(waiting).rejects.toBe(late)
  })
})
