import { describe, expect, test } from 'vitest'

import { excerpt, parseAnswer } from '../../../src/connect/zia/answer.ts'

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  parseAnswer({ status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) })

describe('parseAnswer', () => {
  test.each([
    ['[rec] a 409 with only EDIT_LOCK_NOT_AVAILABLE', [409, { code: 'EDIT_LOCK_NOT_AVAILABLE' }], 'locked'],
    ['a 412 of the organisation barrier', [412, { message: 'Failed during enter Org barrier' }], 'locked'],
    ['a 409 whose resource is blocked', [409, { message: 'Resource Access Blocked' }], 'locked'],
    ['[rec] a 409 DUPLICATE_ITEM, which is no lock', [409, { code: 'DUPLICATE_ITEM' }], 'refused'],
    ['[rec] a 401 of the gateway', [401, { detail: 'unauthorized', status: 401 }], 'signed-out'],
    ['an expired session', [401, { code: 'SESSION_NOT_VALID', message: 'x' }], 'signed-out'],
    [
      '[rec] an invalid body, which has a message only',
      [400, { message: 'Request body is invalid.' }],
      'refused',
    ],
    ['a 404 without a body', [404, ''], 'refused'],
    ['a 503 in HTML', [503, '<html>'], 'broken'],
    ['a redirect', [302, ''], 'foreign'],
    ['[rec] a 204 without a body', [204, ''], 'done'],
    ['a 200 in HTML', [200, '<html>log in</html>'], 'foreign'],
    ['a 200 that breaks off', [200, '[{"id":1'], 'foreign'],
  ] as const)('reads %s', (_, [status, body], kind) => {
    expect(answer(status, body).kind).toBe(kind)
  })

  test.each([
    ['[rec] header and body', [{ 'retry-after': '1' }, { 'Retry-After': '1 seconds' }], 1000],
    ['a header with a unit', [{ 'retry-after': '13s' }, {}], 13_000],
    ['the body alone', [{}, { 'Retry-After': '42 seconds' }], 42_000],
    ['zero seconds, as in the documentation', [{}, { 'Retry-After': '0 seconds' }], 1000],
    ['nothing', [{}, {}], 1000],
    ['nonsense', [{ 'retry-after': 'Wed, 21 Oct 2026' }, { 'Retry-After': ['soon'] }], 1000],
    ['a number without end', [{ 'retry-after': '9'.repeat(400) }, {}], 1000],
  ] as const)('reads the pause of a 429 from %s', (_, [headers, body], ms) => {
    expect(answer(429, body, headers)).toMatchObject({ kind: 'too-fast', ms })
  })

  test('keeps control characters and long texts of a server out of messages', () => {
    const verdict = answer(500, `\u001b[31m${'x'.repeat(5000)}\u0000\nnext`)
    expect(verdict.kind === 'broken' && verdict.said.message).toMatch(/^ ?\[31mx{290,}…$/)
    expect(excerpt('a\r\n\tb\u2028c\u009bd')).toBe('a b c d')
  })

  test('is not surprised by JSON of any shape', () => {
    for (const body of [
      'null',
      '[]',
      '7',
      '"text"',
      '{"code":7,"message":{}}',
      '{"__proto__":{"code":"X"}}',
    ]) {
      expect(answer(400, body)).toMatchObject({ kind: 'refused', said: { status: 400, reason: undefined } })
    }
  })
})
