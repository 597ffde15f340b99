import { assert, asyncProperty, constantFrom, jsonValue, nat, oneof, pre, string } from 'fast-check'
import { describe, expect, it } from 'vitest'

import { loadInventory } from '../../src/load/load-inventory.ts'
import { ConfigError } from '../../src/model/error.ts'
import { createTestProject } from './support/project.ts'
import { writeEstate } from './support/written.ts'

const project = await createTestProject()

/** Values that have surprised somebody before. */
const surprising = constantFrom<unknown>(
  null,
  '',
  ' ',
  -1,
  0,
  1e308,
  '10.84.0.110',
  '10.84.0.0/24',
  '0.0.0.0/0',
  '255.255.255.255/32',
  '../../../etc/passwd',
  '$(reboot)',
  '\u0000',
  '\u001b[2J',
  [],
  {},
  { __proto__: null, constructor: 1 },
  { env: 'X', extra: 1 },
  [[[]]],
  'x'.repeat(100_000),
)

/** Every group and list in a written inventory, to be spoiled. */
function listParts(value: unknown): readonly Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap((entry) => listParts(entry))]
}

describe('whatever stands in an inventory', () => {
  it('is loaded or refused with issues, and nothing else happens', async () => {
    await assert(
      asyncProperty(
        nat(60),
        nat(12),
        oneof(surprising, jsonValue()),
        oneof(
          constantFrom('__proto__', 'name', 'nodes', 'clusters', 'sites', '', 'a.b', '\u001b[2J\n'),
          string(),
        ),
        async (...[part, place, value, key]) => {
          const estate = writeEstate()
          const parts = listParts(estate)
          const group = parts[part % parts.length] ?? {}
          const keys = [...Object.keys(group), key]
          const at = keys[place % keys.length] ?? key
          // The length of a list is nothing that can be written into a file.
          pre(!(Array.isArray(group) && at === 'length'))
          Object.defineProperty(group, at, { value, enumerable: true, configurable: true, writable: true })
          const file = await project.write('hostile.json', JSON.stringify(estate))
          const error: unknown = await loadInventory([file], { project }).then(
            () => undefined,
            (thrown: unknown) => thrown,
          )
          if (error === undefined) return
          expect(error).toBeInstanceOf(ConfigError)
          const { issues, message } = error as ConfigError
          // A list where the whole inventory should be has no place inside the file.
          expect(issues.length + Number(message.includes('hostile.json'))).toBeGreaterThan(0)
          for (const issue of issues) {
            expect(issue.message.length).toBeLessThan(1000)
            expect(issue.message).not.toMatch(/\p{Cc}/u)
            expect(issue.path).not.toMatch(/\p{Cc}/u)
            expect(issue.hint).toBeDefined()
          }
        },
      ),
      { numRuns: 120 },
    )
  })
})
