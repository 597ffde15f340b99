import { expect, test } from 'vitest'

import { createJson } from '../../src/report/json.ts'
import { createSilent } from '../../src/report/silent.ts'
import { fleetRun } from './support/fleet-run.ts'
import { smallRun } from './support/recorded-run.ts'
import { textOutput } from './support/text-output.ts'

test('every event is one line of JSON, the first and the last frame the run', () => {
  const out = textOutput()
  const reporter = createJson({ out })
  const events = [...smallRun, ...fleetRun({ clusters: 2, nodes: 2, phases: 2 })]
  for (const event of events) reporter.report(event)
  const lines = out.text().trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    events.map((event) => JSON.parse(JSON.stringify(event)) as unknown),
  )
  expect(out.text().endsWith('\n')).toBe(true)
  expect(lines[0]).toMatch(/^\{"type":"run\.started","time":\d+,/)
  expect(lines.at(-1)).toMatch(/^\{"type":"run\.finished","time":\d+,.*"recap":\{/)
})

test('a line break inside a text does not break the line', () => {
  const out = textOutput()
  createJson({ out }).report({
    type: 'wire.traced',
    level: 1,
    time: 1,
    system: 'a',
    text: 'one\ntwo\u2028three',
  })
  expect(out.text().split('\n')).toHaveLength(2)
})

test('silent says nothing', async () => {
  const reporter = createSilent()
  for (const event of smallRun) reporter.report(event)
  await expect(reporter.close()).resolves.toBeUndefined()
})
