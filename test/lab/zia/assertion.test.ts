import { generateKeyPairSync, sign } from 'node:crypto'

import { expect, test } from 'vitest'

import { isAssertion, type AssertionRules } from '../../../src/lab/zia/assertion.ts'
import { documentedSecret } from '../../../src/model/secret.ts'

const newKey = (modulusLength: number): string =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const KEY = newKey(2048)
// Small keys are quick to make.
const SMALL = newKey(1024)
const NOW = 1_800_000_000
const RULES: AssertionRules = {
  clientId: 'client-1',
  privateKey: documentedSecret(KEY),
  audience: 'https://api.zscaler.com',
  now: NOW * 1000,
}
const CLAIMS = { iss: 'client-1', sub: 'client-1', aud: 'https://api.zscaler.com', exp: NOW + 300 }
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

function assert(claims: object, { key = KEY, alg = 'RS256' } = {}): string {
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}

test('an assertion is believed where key, client, audience and time are right', () => {
  expect(isAssertion(assert(CLAIMS), RULES)).toBe(true)
  expect(isAssertion(assert({ ...CLAIMS, exp: NOW + 600 }), RULES)).toBe(true)
})

test.each([
  ['another key', assert(CLAIMS, { key: SMALL })],
  ['another algorithm', assert(CLAIMS, { alg: 'RS512' })],
  ['no algorithm', `${encode({ alg: 'none' })}.${encode(CLAIMS)}.`],
  ['another issuer', assert({ ...CLAIMS, iss: 'client-2' })],
  ['another subject', assert({ ...CLAIMS, sub: 'client-2' })],
  ['another audience', assert({ ...CLAIMS, aud: 'https://api.example' })],
  ['no audience', assert({ ...CLAIMS, aud: undefined })],
  ['a time that is past', assert({ ...CLAIMS, exp: NOW })],
  ['no time', assert({ ...CLAIMS, exp: undefined })],
  ['more than ten minutes', assert({ ...CLAIMS, exp: NOW + 700 })],
  ['changed claims', assert(CLAIMS).replace(/\.[^.]+\./, `.${encode({ ...CLAIMS, exp: NOW + 301 })}.`)],
  ['a fourth part', `${assert(CLAIMS)}.x`],
  ['no token', 'nonsense'],
  ['nothing', ''],
])('an assertion with %s is not believed', (_, token) => {
  expect(isAssertion(token, RULES)).toBe(false)
})

test('an assertion by a key of less than 2048 bits is not believed', () => {
  const rules = { ...RULES, privateKey: documentedSecret(SMALL) }
  expect(isAssertion(assert(CLAIMS, { key: SMALL }), rules)).toBe(false)
})
