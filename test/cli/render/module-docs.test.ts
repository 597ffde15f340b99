import { expect, test } from 'vitest'
import { z } from 'zod'

import { renderModule, renderReference } from '../../../src/cli/render/module-docs.ts'
import { defineAction, defineModule, fileField, secretField } from '../../../src/sdk.ts'

const address = defineModule({
  name: 'vzen/address',
  summary: 'The appliance has its address',
  connection: 'appliance',
  params: z.strictObject({
    address: z.ipv4().meta({ description: 'management | address' }),
    mtu: z.int().min(576).max(9000).default(1500).meta({ description: 'bytes' }),
    mode: z.enum(['one', 'two']).optional(),
    dns: z.array(z.string()).min(1),
    login: z.strictObject({ user: z.string(), password: secretField() }),
    routes: z.array(z.strictObject({ to: z.string(), via: z.union([z.string(), z.literal(7)]) })),
    file: fileField().meta({ description: 'a file of the\ninventory' }),
    labels: z.record(z.string(), z.number()),
  }),
  read: () => Promise.resolve(null),
  diff: () => [],
  apply: () => Promise.resolve(),
})

const reboot = defineAction({
  name: 'vzen/reboot',
  summary: 'Reboots.',
  connection: 'appliance',
  params: z.strictObject({}),
  changes: 'always',
  run: () => Promise.resolve(null),
})

const licence = defineModule({
  name: 'zia/licence',
  summary: 'There is a licence.',
  connection: 'zia',
  params: z.strictObject({}),
  read: () => Promise.resolve(null),
  diff: () => [],
})

const banner = defineModule({
  name: 'vzen/banner',
  summary: 'There is a banner',
  connection: 'appliance',
  params: z.strictObject({}),
  readBack: { kind: 'none', why: 'no command shows it', identity: () => 'x' },
  read: () => Promise.resolve(null),
  diff: () => [],
  apply: () => Promise.resolve(),
})

test('a module’s section has its purpose, its effect and its params', () => {
  expect(renderModule(address.uses as never).join('\n')).toMatchInlineSnapshot(`
    "### vzen/address

    The appliance has its address.

    - talks to the appliance, over SSH or its console
    - read back after every change

    | param | type | default | meaning |
    | --- | --- | --- | --- |
    | \`address\` | string | required | management \\| address |
    | \`mtu\` | integer 576 to 9000 | \`1500\` | bytes |
    | \`mode\` | "one", "two" |  |  |
    | \`dns\` | list of string | required |  |
    | \`login\` | object | required |  |
    | \`login.user\` | string | required |  |
    | \`login.password\` | any | required |  |
    | \`routes\` | list of object | required |  |
    | \`routes[].to\` | string | required |  |
    | \`routes[].via\` | string or 7 | required |  |
    | \`file\` | string | required | a file of the inventory |
    | \`labels\` | map of number | required |  |"
  `)
})

test('the reference has a section for every family, in order', () => {
  const modules = [licence, reboot, address, banner].map(({ uses }) => uses as never)
  const text = renderReference(modules)
  const titles = text.split('\n').filter((line) => line.startsWith('#'))
  expect(titles).toEqual([
    '# Modules',
    '## vzen',
    '### vzen/address',
    '### vzen/banner',
    '### vzen/reboot',
    '## zia',
    '### zia/licence',
  ])
  expect(text).toContain('- cannot be read back: no command shows it\n')
  expect(text).toContain('- an action: runs each time, and cannot be predicted by `--check`\n')
  expect(text).toContain('- a check: fails where it finds a difference, and changes nothing\n')
  expect(text.endsWith('No params.\n')).toBe(true)
})
