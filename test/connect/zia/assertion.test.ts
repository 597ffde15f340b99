import { generateKeyPairSync, verify } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { signAssertion } from '../../../src/connect/zia/assertion.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'

const PEM = { type: 'pkcs8', format: 'pem' } as const
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = documentedSecret(pair.privateKey.export(PEM).toString())
const OPTIONS = { clientId: 'client-1', audience: 'https://api.zscaler.com', now: 1_700_000_000_000 }
const LOGIN = { kind: 'oneapi', vanity: 'acme', clientId: 'client-1', privateKey } as const

describe('signAssertion', () => {
  test('says who asks for what, for five minutes, signed by RS256', () => {
    const [header = '', claims = '', signature = ''] = signAssertion(privateKey, OPTIONS).split('.')
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(read(claims)).toEqual({
      iss: 'client-1',
      sub: 'client-1',
      aud: 'https://api.zscaler.com',
      iat: 1_700_000_000,
      exp: 1_700_000_300,
      jti: expect.any(String),
    })
    const signed = Buffer.from(`${header}.${claims}`)
    expect(verify('RSA-SHA256', signed, pair.publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test.each([
    ['no key at all', 'canary-no-key', 'no private key in PEM'],
    [
      'a key that is too short',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(PEM),
      '2048 bits',
    ],
    ['a key of another kind', generateKeyPairSync('ed25519').privateKey.export(PEM), 'no RSA key'],
  ])('refuses %s, and never quotes it', (_, pem, words) => {
    const secret = documentedSecret(pem.toString())
    const signing = (): string => signAssertion(secret, OPTIONS)
    expect(signing).toThrow(
      expect.objectContaining({ code: 'AUTH', message: expect.stringContaining(words) }),
    )
    expect(signing).not.toThrow(/canary|BEGIN P/)
  })
})

describe('openZia', () => {
  test('signs in with an assertion in place of a client secret', async () => {
    const rig = await createRig({ login: LOGIN })
    expect(await viewsOf(await rig.open()).reader.status()).toBe('ACTIVE')
  })

  test('says whose key ZIdentity does not know', async () => {
    const rig = await createRig({ login: LOGIN })
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(PEM)
    const login = { ...LOGIN, privateKey: documentedSecret(other.toString()) }
    await expect(rig.open({ endpoint: { ...rig.endpoint, login } })).rejects.toMatchObject({
      code: 'AUTH',
      hint: expect.stringContaining('public half'),
    })
  })

  test('stops where the login has neither secret nor key', async () => {
    const rig = await createRig({ login: LOGIN })
    const login = { kind: 'oneapi', vanity: 'acme', clientId: 'client-1' } as const
    await expect(rig.open({ endpoint: { ...rig.endpoint, login } })).rejects.toMatchObject({ code: 'CONFIG' })
  })
})
