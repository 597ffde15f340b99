import { describe, expect, it } from 'vitest'

import { createShared } from '../../src/connect/shared.ts'

interface Thing {
  open: boolean
}

/** A shared thing whose opening the test decides, and what became of it. */
function setUp() {
  const openings: { readonly signal: AbortSignal; succeed(): void; fail(cause: Error): void }[] = []
  const closed: Thing[] = []
  const shared = createShared<Thing>({
    open: ({ signal }) =>
      new Promise((resolve, reject) => {
        openings.push({ signal, succeed: () => resolve({ open: true }), fail: reject })
      }),
    isOpen: (thing) => thing.open,
    close: async (thing) => void closed.push(thing),
  })
  return { shared, openings, closed }
}

const forever = new AbortController().signal
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('something shared', () => {
  it('is opened once for all who ask, and again where it was lost', async () => {
    const { shared, openings } = setUp()
    const all = [1, 2, 3].map(() => shared.take({ signal: forever }))
    await soon()
    openings[0]?.succeed()
    const [thing, ...others] = await Promise.all(all)
    expect(others.every((other) => other === thing)).toBe(true)
    expect(await shared.take({ signal: forever })).toBe(thing)
    if (thing !== undefined) thing.open = false
    const next = shared.take({ signal: forever })
    await soon()
    openings[1]?.succeed()
    expect(await next).not.toBe(thing)
    expect(openings).toHaveLength(2)
  })

  it('is tried again by the next who asks where it could not be opened', async () => {
    const { shared, openings } = setUp()
    const first = shared.take({ signal: forever })
    await soon()
    openings[0]?.fail(new TypeError('no'))
    await expect(first).rejects.toThrow('no')
    const second = shared.take({ signal: forever })
    await soon()
    openings[1]?.succeed()
    expect((await second).open).toBe(true)
  })

  it('goes on being opened for the others when one stops waiting', async () => {
    const { shared, openings } = setUp()
    const control = new AbortController()
    const [first, second] = [shared.take({ signal: control.signal }), shared.take({ signal: forever })]
    await soon()
    control.abort(new TypeError('gone'))
    await expect(first).rejects.toThrow('gone')
    expect(openings[0]?.signal.aborted).toBe(false)
    openings[0]?.succeed()
    expect((await second).open).toBe(true)
    expect(openings).toHaveLength(1)
  })

  it('is given up when nobody waits any more, and closed where it comes all the same', async () => {
    const { shared, openings, closed } = setUp()
    const control = new AbortController()
    const only = shared.take({ signal: control.signal })
    await soon()
    control.abort(new TypeError('gone'))
    await expect(only).rejects.toThrow('gone')
    expect(openings[0]?.signal.aborted).toBe(true)
    openings[0]?.succeed()
    await soon()
    expect(closed).toHaveLength(1)
    const next = shared.take({ signal: forever })
    await soon()
    openings[1]?.succeed()
    expect((await next).open).toBe(true)
  })

  it('is closed once, and not opened to be closed', async () => {
    const { shared, openings, closed } = setUp()
    await shared.close()
    const taken = shared.take({ signal: forever })
    await soon()
    openings[0]?.succeed()
    const thing = await taken
    await shared.close()
    await shared.close()
    expect(closed).toEqual([thing])
  })
})
