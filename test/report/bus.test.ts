import { describe, expect, test } from 'vitest'

import type { Event, Unstamped } from '../../src/model/event.ts'
import type { Reporter } from '../../src/model/reporter.ts'
import { secret } from '../../src/model/secret.ts'
import { createBus } from '../../src/report/bus.ts'

const started: Unstamped = { type: 'step.started', step: '1/a', name: 'A', phase: '1', target: 'lab-1-a' }
const traced = (text: string): Unstamped => ({ type: 'wire.traced', level: 1, system: 'lab-1-a', text })

/** A bus, what its one reporter heard, and what it complained about. */
function rig({ redact = (text: string) => text, others = [] as readonly Reporter[] } = {}) {
  const heard: Event[] = []
  const complaints: string[] = []
  const closed: string[] = []
  const listener: Reporter = {
    report: (event) => void heard.push(event),
    close: () => Promise.resolve(void closed.push('listener')),
  }
  const bus = createBus({
    clock: { now: () => 1234 },
    redact,
    reporters: [...others, listener],
    complain: (text) => void complaints.push(text),
  })
  return { bus, heard, complaints, closed }
}

describe('an event that went over the bus', () => {
  test('carries the time of the clock', () => {
    const { bus, heard } = rig()
    bus.emit(started)
    expect(heard).toEqual([{ ...started, time: 1234 }])
  })

  test('is frozen through and through, and shares nothing with what was emitted', () => {
    const { bus, heard } = rig()
    const changes = [{ path: 'a', from: { deep: ['x'] }, to: 1 }]
    bus.emit({ ...started, type: 'step.diffed', changes })
    changes[0]!.from.deep.push('y')
    const event = heard[0] as Extract<Event, { type: 'step.diffed' }>
    expect(event.changes[0]?.from).toEqual({ deep: ['x'] })
    expect(Object.isFrozen(event) && Object.isFrozen(event.changes)).toBe(true)
    expect(Object.isFrozen((event.changes[0]!.from as { deep: unknown }).deep)).toBe(true)
  })

  test('holds no escape sequence, control character or direction mark, but line breaks and tabs', () => {
    const { bus, heard } = rig()
    bus.emit(traced('a\u001b[31mred\u001b[0m\u001b]0;title\u0007\tb\r\nc\rd\u0000\u0008\u202e\u009b2Je'))
    expect(heard[0]).toMatchObject({ text: 'ared\tb\nc\nde' })
  })

  test('survives JSON unchanged, whatever a remote put into it', () => {
    const { bus, heard } = rig()
    const odd = {
      number: 10n,
      nothing: undefined,
      lone: '\ud800',
      call: () => 1,
      when: new Date(0),
      hidden: secret.env('PASSWORD'),
    }
    bus.emit({ ...started, type: 'step.diffed', changes: [{ path: 'a', to: odd as never }] })
    expect(JSON.parse(JSON.stringify(heard[0]))).toEqual(heard[0])
    expect(heard[0]).toMatchObject({
      changes: [{ to: { number: '10', lone: '\ufffd', when: '1970-01-01T00:00:00.000Z', hidden: '•••' } }],
    })
  })

  test('is of bounded size', () => {
    const { bus, heard } = rig()
    const deep: unknown[] = []
    let inner = deep
    for (let depth = 0; depth < 10_000; depth++) inner.push((inner = []))
    bus.emit({
      ...started,
      type: 'step.diffed',
      changes: [{ path: 'a', from: 'x'.repeat(1e6), to: deep as never }],
    })
    expect(JSON.stringify(heard[0]).length).toBeLessThan(20_000)
    expect(JSON.stringify(heard[0])).toContain('more characters)')
  })

  test('holds no secret, also where an escape sequence or an object’s key breaks it up', () => {
    const { bus, heard } = rig({ redact: (text) => text.replaceAll('hunter2', '•••') })
    bus.emit(traced('password hun\u001b[0mter2'))
    bus.emit({ ...started, type: 'step.diffed', changes: [{ path: 'a', to: { hunter2: 'my hunter2' } }] })
    expect(heard[0]).toMatchObject({ text: 'password •••' })
    expect(heard[1]).toMatchObject({ changes: [{ to: { '•••': 'my •••' } }] })
  })

  test('keeps its type and outcome, even where a secret is spelled the same', () => {
    const { bus, heard } = rig({ redact: (text) => text.replace(/step|changed|target/g, '•••') })
    bus.emit({ ...started, type: 'step.finished', outcome: 'changed', duration: 1, changes: [] })
    expect(heard[0]).toMatchObject({ type: 'step.finished', outcome: 'changed', target: 'lab-1-a' })
  })
})

describe('a reporter that throws', () => {
  const broken: Reporter = {
    report() {
      throw new TypeError('disk full of hunter2')
    },
    close: () => Promise.reject(new TypeError('cannot close')),
  }

  test('stops neither the run nor the others, and is complained about once, without secrets', async () => {
    const { bus, heard, complaints, closed } = rig({
      others: [broken],
      redact: (text) => text.replaceAll('hunter2', '•••'),
    })
    bus.emit(started)
    bus.emit(started)
    await bus.close()
    expect(heard).toHaveLength(2)
    expect(complaints).toEqual(['A reporter failed and may have missed something: disk full of •••\n'])
    expect(closed).toEqual(['listener'])
  })
})

test('closing twice closes once, and events after it are dropped', async () => {
  const { bus, heard, closed } = rig()
  await Promise.all([bus.close(), bus.close()])
  bus.emit(started)
  expect(closed).toEqual(['listener'])
  expect(heard).toEqual([])
})
