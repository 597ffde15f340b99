import { expect, it } from 'vitest'

import { connection } from '../../modules/vzen/connection.ts'
import { loadModules } from '../../src/cli/commands/docs.ts'
import { createTestProject } from '../load/support/project.ts'

const project = await createTestProject()
const checks = (await loadModules(project)).flatMap((one) =>
  one.kind === 'module' && one.apply === undefined ? [[one.name, one] as const] : [],
)

it.each(checks)('says what to do next about what it has found: %s', (_, check) => {
  expect(check).toMatchObject({ hint: expect.any(Function) })
})

it.each([
  [[], 'TCP 9422, 9442, 9431, or put the channels on 443'],
  [['ca'], 'TCP 9442, 9431, 443, or put the channels on 443'],
  [['ca', 'cds', 'smsm'], 'TCP 443; `runbook deploy --tags firewall-test`'],
] as const)('names the ports that a node without a connection needs, with %j on port 443', (moved, ports) => {
  expect(connection.uses.hint?.([], { mode: 'cluster', standardPort: [...moved] })).toContain(ports)
})
