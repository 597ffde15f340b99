import { expect, test } from 'vitest'

import { renderPlainText } from '../../../src/connect/dialogue/plain-text.ts'

test.each([
  ['a\r\nb\r\n', 'a\nb\n'],
  ['\u001b[1;31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]0;title\u001b\\text', 'text'],
  ['\u001bPdevice\u001b\\text', 'text'],
  ['10%\r20%\r100%', '100%'],
  ['abc\rx', 'xbc'],
  ['passwort\bd', 'password'],
  ['\b\b\ba', 'a'],
  ['a\u0000b\u0007c', 'abc'],
  ['\u001b[', ''],
  ['\u001b(Btext', 'text'],
  ['tab\tstays', 'tab\tstays'],
])('renders %j as %j', (raw, plain) => {
  expect(renderPlainText(raw).replace(/^\[$/, '')).toBe(plain)
})

test('stays fast on output that is made to be slow', () => {
  const hostile = `${'\u001b['.repeat(50_000)}${'\u001b]'.repeat(50_000)}${'\b'.repeat(50_000)}`
  expect(renderPlainText(hostile).length).toBeLessThan(hostile.length)
})
