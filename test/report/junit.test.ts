import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'

import type { Event, StepFinished } from '../../src/model/event.ts'
import { createJunit } from '../../src/report/junit.ts'
import { fleetRun } from './support/fleet-run.ts'
import { smallRun } from './support/recorded-run.ts'
import { textOutput } from './support/text-output.ts'

async function documentOf(events: readonly Event[]): Promise<string> {
  const out = textOutput()
  const reporter = createJunit({ out })
  for (const event of events) reporter.report(event)
  expect(out.text()).toBe('')
  await reporter.close()
  await reporter.close()
  return out.text()
}

/** Parses strictly; gives the elements by name, with their attributes. */
function elementsOf(xml: string): readonly { name: string; attributes: Record<string, string> }[] {
  const parser = new SaxesParser()
  const found: { name: string; attributes: Record<string, string> }[] = []
  parser.on('opentag', ({ name, attributes }) => void found.push({ name, attributes }))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return found
}

const hostile = (text: string): StepFinished => ({
  type: 'step.finished',
  time: 1,
  step: `1/${text}`,
  name: text,
  phase: text,
  target: text,
  outcome: 'failed',
  duration: 1,
  changes: [],
  error: { code: 'COMMAND', message: text, hint: text, output: text },
})

test('a run becomes a suite per phase and a case per step and target', async () => {
  expect(`\n${await documentOf(smallRun)}`).toMatchInlineSnapshot(`
    "
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="deploy" tests="5" failures="1" errors="0" skipped="1" time="8.400">
      <testsuite name="7 Configure the network" tests="2" failures="0" errors="0" skipped="0" time="4.200" timestamp="2026-01-02T03:04:05.000Z">
        <testcase classname="lab-1-a" name="The network is configured" time="2.100"><system-out>changed
    address: none → "10.84.0.110"
    dns: [ "10.84.0.1" ] → [ "10.84.0.53", "10.84.0.54" ] (in this order)</system-out></testcase>
        <testcase classname="lab-1-b-long" name="The network is configured" time="2.100"></testcase>
      </testsuite>
      <testsuite name="8 Install the certificate" tests="2" failures="1" errors="0" skipped="0" time="4.200" timestamp="2026-01-02T03:04:05.000Z">
        <testcase classname="lab-1-a" name="The certificate is installed" time="2.100"></testcase>
        <testcase classname="lab-1-b-long" name="The certificate is installed" time="2.100"><failure message="lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a" type="COMMAND">lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a
    hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.zip
    | Verifying …
    | ERROR: serial mismatch</failure></testcase>
      </testsuite>
      <testsuite name="Test the configuration" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-01-02T03:04:05.000Z">
        <testcase classname="lab-1-b-long" name="The node is active" time="0.000"><skipped message="an earlier step failed"/></testcase>
      </testsuite>
    </testsuites>
    "
  `)
})

test('a large run is well-formed, and its counts add up', async () => {
  const elements = elementsOf(await documentOf(fleetRun({ clusters: 8, nodes: 3, phases: 4 })))
  const cases = elements.filter(({ name }) => name === 'testcase')
  const suites = elements.filter(({ name }) => name === 'testsuite')
  expect(elements[0]?.attributes['tests']).toBe(String(cases.length))
  expect(suites.reduce((sum, { attributes }) => sum + Number(attributes['tests']), 0)).toBe(cases.length)
  expect(elements[0]?.attributes['failures']).toBe(
    String(elements.filter(({ name }) => name === 'failure').length),
  )
})

describe('hostile text stays text', () => {
  test.each([
    ['markup', `</testsuites><script>"'&amp;]]>`],
    ['control characters', '\u0000\u0001\u001b[31m\u007f\u0085'],
    ['half a character', '\ud800 \udfff'],
    ['what XML cannot say', '\ufffe\uffff'],
    ['white space', ' \t\r\n '],
    ['names of everything', '__proto__'],
  ])('%s', async (_, text) => {
    const xml = await documentOf([hostile(text), hostile(text)])
    const elements = elementsOf(xml)
    expect(elements.map(({ name }) => name)).toEqual([
      'testsuites',
      'testsuite',
      'testcase',
      'failure',
      'testcase',
      'failure',
    ])
    const [first, second] = elements.filter(({ name }) => name === 'testcase')
    expect(first?.attributes['name']).not.toBe(second?.attributes['name'])
  })
})

test.each([
  [{ outcome: 'unreachable' as const }, ['error']],
  [{ outcome: 'failed' as const, ignored: true }, ['system-out']],
  [{ outcome: 'skipped' as const, reason: 'condition' as const }, ['skipped']],
  [{ outcome: 'changed' as const, changes: [{ path: 'a', to: 1 }] }, ['system-out']],
  [{ outcome: 'ok' as const }, []],
])('%j becomes %j', async (part, expected) => {
  const elements = elementsOf(await documentOf([{ ...hostile('x'), ...part }]))
  expect(elements.slice(3).map(({ name }) => name)).toEqual(expected)
})
