import { expect, test } from 'vitest'

import type { Event } from '../../src/model/event.ts'
import type { Reporter } from '../../src/model/reporter.ts'
import { createBus } from '../../src/report/bus.ts'
import { openReporter } from '../../src/report/open-reporter.ts'
import { createWorld, estateOf, runSmall } from '../support/small-world.ts'
import { textOutput } from './support/text-output.ts'
import { virtualTerminal } from './support/virtual-terminal.ts'

/** What the engine itself says of a run in which one of two clusters fails. */
async function recordRun(): Promise<readonly Event[]> {
  const world = createWorld()
  world.faults.set('one fra-1-b', ['fail'])
  const { events } = await runSmall(
    ({ phase }) =>
      ['first', 'second', 'third'].map((name, index) =>
        phase({
          number: index + 1,
          name,
          per: 'node',
          rolling: { batch: 1 },
          steps: ({ step }) => [
            step('one', ({ node }) => world.value({ key: `one ${node.name}`, value: name })),
            step('two', ({ node }) => world.value({ key: `two ${node.name}`, value: name })),
          ],
        }),
      ),
    {
      estate: estateOf({
        fra: { 'fra-1': ['fra-1-a', 'fra-1-b', 'fra-1-c'], 'fra-2': ['fra-2-a', 'fra-2-b'] },
      }),
    },
  )
  let time = 0
  const recorded: Event[] = []
  const recorder: Reporter = { report: (event) => void recorded.push(event), close: () => Promise.resolve() }
  const bus = createBus({
    clock: { now: () => (time += 100) },
    redact: (text) => text,
    reporters: [recorder],
  })
  // The wall's time is nobody's to foresee.
  for (const event of events) bus.emit(event.type === 'run.finished' ? { ...event, wall: 0 } : event)
  return recorded
}

const events = await recordRun()

test('the log of a real run tells of the cluster that stopped once, and of the others to their end', async () => {
  const out = textOutput()
  const reporter = await openReporter('lines', {
    out,
    diff: false,
    verbosity: 0,
    colour: false,
    unicode: true,
  })
  for (const event of events) reporter.report(event)
  await reporter.close()
  expect(`\n${out.text()}`).toMatchInlineSnapshot(`
    "
    small · test · 5 targets · 30 steps
    [fra-1] 1 first: started (3 targets)
    [fra-1] 1 first: batch 1 of 3 (fra-1-a)
    [fra-2] 1 first: started (2 targets)
    [fra-2] 1 first: batch 1 of 2 (fra-2-a)
    [fra-1-a] 1 first › one … changed (0.0 s)
    [fra-2-a] 1 first › one … changed (0.0 s)
    [fra-1-a] 1 first › two … changed (0.0 s)
    [fra-2-a] 1 first › two … changed (0.0 s)
    [fra-1] 1 first: batch 2 of 3 (fra-1-b)
    [fra-2] 1 first: batch 2 of 2 (fra-2-b)
    [fra-1-b] 1 first › one … failed (0.0 s)
        one fra-1-b refused
    [fra-1] 1 first: stopped, fra-1-b failed; no failure is allowed
    [fra-1] 1 first: 1 failed, 2 changed, 3 skipped (2.7 s)
    [fra-2-b] 1 first › one … changed (0.0 s)
    [fra-2-b] 1 first › two … changed (0.0 s)
    [fra-2] 1 first: 4 changed (4.5 s)
    [fra-2] 2 second: started (2 targets)
    [fra-2] 2 second: batch 1 of 2 (fra-2-a)
    [fra-2-a] 2 second › one … changed (0.0 s)
    [fra-2-a] 2 second › two … changed (0.0 s)
    [fra-2] 2 second: batch 2 of 2 (fra-2-b)
    [fra-2-b] 2 second › one … changed (0.0 s)
    [fra-2-b] 2 second › two … changed (0.0 s)
    [fra-2] 2 second: 4 changed (1.5 s)
    [fra-2] 3 third: started (2 targets)
    [fra-2] 3 third: batch 1 of 2 (fra-2-a)
    [fra-2-a] 3 third › one … changed (0.0 s)
    [fra-2-a] 3 third › two … changed (0.0 s)
    [fra-2] 3 third: batch 2 of 2 (fra-2-b)
    [fra-2-b] 3 third › one … changed (0.0 s)
    [fra-2-b] 3 third › two … changed (0.0 s)
    [fra-2] 3 third: 4 changed (1.5 s)

    fra-1-a : ok=2 changed=2 unreachable=0 failed=0 skipped=4 rescued=0 ignored=0
    fra-1-b : ok=0 changed=0 unreachable=0 failed=1 skipped=5 rescued=0 ignored=0
    fra-1-c : ok=0 changed=0 unreachable=0 failed=0 skipped=6 rescued=0 ignored=0
    fra-2-a : ok=6 changed=6 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    fra-2-b : ok=6 changed=6 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    5 targets: 14 ok (14 changed), 1 failed, 15 skipped in 0.0 s
    "
  `)
})

test('the tree of a real run folds each cluster to one line', async () => {
  const terminal = virtualTerminal({ columns: 120, rows: 30 })
  const reporter = await openReporter('tree', {
    out: terminal,
    diff: false,
    verbosity: 0,
    colour: false,
    unicode: true,
  })
  for (const event of events) reporter.report(event)
  await reporter.close()
  expect(terminal.all().join('\n')).toMatchInlineSnapshot(`
    "[fra-1-b] 1 first › one … failed (0.0 s)
        one fra-1-b refused
    [fra-1] stopped: fra-1-b failed; no failure is allowed
    ✗ fra-1: stopped in 1 first, 1 failed, 2 changed, 3 skipped (2.7 s)
    ± fra-2: 12 changed (7.7 s)

    fra-1-a : ok=2 changed=2 unreachable=0 failed=0 skipped=4 rescued=0 ignored=0
    fra-1-b : ok=0 changed=0 unreachable=0 failed=1 skipped=5 rescued=0 ignored=0
    fra-1-c : ok=0 changed=0 unreachable=0 failed=0 skipped=6 rescued=0 ignored=0
    fra-2-a : ok=6 changed=6 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    fra-2-b : ok=6 changed=6 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    5 targets: 14 ok (14 changed), 1 failed, 15 skipped in 0.0 s
    "
  `)
})

test.each(['json', 'junit', 'silent'] as const)('%s takes a real run', async (name) => {
  const out = textOutput()
  const reporter = await openReporter(name, { out, diff: true, verbosity: 3, colour: false, unicode: true })
  for (const event of events) reporter.report(event)
  await reporter.close()
  expect(out.text() === '').toBe(name === 'silent')
})
