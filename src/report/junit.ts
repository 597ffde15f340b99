import type { RunStarted, StepFinished } from '../model/event.ts'
import type { Reporter } from '../model/reporter.ts'
import type { Output } from './output.ts'
import { phaseNames } from './phase-names.ts'
import { renderDiff } from './render/diff.ts'
import { renderError } from './render/error.ts'
import { createLook, type Look } from './render/look.ts'
import { SKIP_WORDS } from './render/skip.ts'
import { xmlAttributes, xmlText } from './render/xml.ts'

/** One phase: its test cases as XML, and what is counted of them. */
interface Suite {
  readonly cases: string[]
  readonly names: Set<string>
  failures: number
  errors: number
  skipped: number
  milliseconds: number
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

function element(name: string, attributes: Parameters<typeof xmlAttributes>[0], text = ''): string {
  return text === ''
    ? `<${name}${xmlAttributes(attributes)}/>`
    : `<${name}${xmlAttributes(attributes)}>${xmlText(text)}</${name}>`
}

function renderResult(event: StepFinished, look: Look): string {
  const { outcome, error, reason, ignored, changes } = event
  const details = error === undefined ? '' : renderError(error, look).join('\n')
  const attributes = { message: error?.message, type: error?.code ?? outcome }
  if (outcome === 'skipped') return element('skipped', { message: reason && SKIP_WORDS[reason] })
  if (outcome === 'failed' && ignored !== true) return element('failure', attributes, details)
  if (outcome === 'unreachable' && ignored !== true) return element('error', attributes, details)
  const remark = ignored === true ? [`${outcome}, ignored`, details] : [outcome, ...renderDiff(changes, look)]
  return outcome === 'ok' ? '' : element('system-out', {}, remark.join('\n'))
}

/**
 * Makes a reporter that writes JUnit XML when it is closed: a suite per phase, a case per step and target. A changed step
 * passes and says what it changed; an unreachable target is an error, a failed step a failure.
 */
export function createJunit({ out }: { readonly out: Output }): Reporter {
  const look = createLook({ colour: false, unicode: true, diff: true, verbosity: 1 })
  const suites = new Map<string, Suite>()
  let started: RunStarted | undefined
  let closed = false

  function suiteOf(phase: string): Suite {
    const suite: Suite = suites.get(phase) ?? {
      cases: [],
      names: new Set(),
      failures: 0,
      errors: 0,
      skipped: 0,
      milliseconds: 0,
    }
    suites.set(phase, suite)
    return suite
  }

  function add(event: StepFinished): void {
    const suite = suiteOf(event.phase)
    if (event.outcome === 'skipped') suite.skipped += 1
    if (event.outcome === 'failed' && event.ignored !== true) suite.failures += 1
    if (event.outcome === 'unreachable' && event.ignored !== true) suite.errors += 1
    suite.milliseconds += event.duration
    const key = `${event.target}\n${event.name}`
    const name = suite.names.has(key) ? `${event.name} (${event.step})` : event.name
    suite.names.add(key)
    const attributes = xmlAttributes({ classname: event.target, name, time: seconds(event.duration) })
    suite.cases.push(`    <testcase${attributes}>${renderResult(event, look)}</testcase>`)
  }

  function renderSuite([phase, suite]: readonly [string, Suite]): string {
    const attributes = xmlAttributes({
      name: phaseNames(started?.phases ?? []).of(phase),
      ...countsOf([suite]),
      timestamp: started && new Date(started.time).toISOString(),
    })
    return [`  <testsuite${attributes}>`, ...suite.cases, '  </testsuite>'].join('\n')
  }

  return {
    report(event) {
      if (event.type === 'run.started') started = event
      if (event.type === 'step.finished') add(event)
    },
    close() {
      if (closed) return Promise.resolve()
      closed = true
      const attributes = xmlAttributes({ name: started?.runbook, ...countsOf([...suites.values()]) })
      const lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites${attributes}>`,
        ...[...suites].map(renderSuite),
        '</testsuites>',
      ]
      out.write(`${lines.join('\n')}\n`)
      return Promise.resolve()
    },
  }
}

function countsOf(suites: readonly Suite[]) {
  const sum = (count: (suite: Suite) => number): number =>
    suites.reduce((total, suite) => total + count(suite), 0)
  return {
    tests: sum(({ cases }) => cases.length),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    skipped: sum(({ skipped }) => skipped),
    time: seconds(sum(({ milliseconds }) => milliseconds)),
  }
}
