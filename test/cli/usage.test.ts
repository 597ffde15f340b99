import { describe, expect, test } from 'vitest'

import { COMMAND_WORDS, COMMANDS } from '../../src/cli/command-table.ts'
import type { CommandName } from '../../src/cli/invocation.ts'
import { parseInvocation } from '../../src/cli/options.ts'
import { renderUsage } from '../../src/cli/usage.ts'

const topics = Object.keys(COMMANDS) as CommandName[]

/** The words of an example as a shell would pass them. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

describe.each(topics)('the help of %s', (topic) => {
  test('fits into 80 columns, without space at the end of a line', () => {
    for (const line of renderUsage(topic).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(80)
      expect(line).toBe(line.trimEnd())
    }
  })

  test('has examples that the command line understands', () => {
    expect(COMMANDS[topic].examples.length).toBeGreaterThan(0)
    for (const [line] of COMMANDS[topic].examples) {
      expect(() => parseInvocation(shellWords(line).slice(1))).not.toThrow()
    }
  })
})

test('the help of the whole names every command', () => {
  for (const word of COMMAND_WORDS) expect(renderUsage('runbook')).toContain(`\n  ${word}`)
})

test('the help of lab reads well', () => {
  expect(renderUsage('lab')).toMatchInlineSnapshot(`
    "Usage: runbook lab status | reset | fault [NAME [TARGET]] [options]

    Shows the embedded lab, forgets it, or breaks something in it.

    Options:
          --clear             mend the fault instead
      -i, --inventory FILE    TypeScript, JSON or YAML; repeatable; default
                              inventory/lab.ts
      -e, --set PATH=VALUE    override a variable of the inventory; checked like
                              any other
      -h, --help              show this help

    Examples:
      runbook lab status
          what stands in the lab
      runbook lab reset
          start from nothing again
      runbook lab fault
          the faults there are
      runbook lab fault split-brain lab-1-a
          break something in one appliance
      runbook lab fault split-brain --clear
          mend it everywhere
    "
  `)
})
