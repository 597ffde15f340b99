import { inspect } from 'node:util'

import { describe, expect, it } from 'vitest'

import { documentedSecret, secret } from '../../src/model/secret.ts'

describe('a secret', () => {
  it('prints as a mask, whatever prints it', () => {
    const password = secret.env('VC_PASSWORD')
    password.open('correct horse')
    const printed = [
      String(password),
      password.toString(),
      JSON.stringify({ password }),
      inspect({ password }),
    ]
    for (const text of printed) {
      expect(text).not.toContain('horse')
      expect(text).toContain('•••')
    }
  })

  it('is opened once, and reveals nothing before', () => {
    const password = secret.file('password.txt')
    expect(() => password.reveal()).toThrowError('the secret from file password.txt was not opened')
    password.open('x')
    expect(password.reveal()).toBe('x')
    expect(() => password.open('y')).toThrowError('opened twice')
  })

  it('says where it comes from without saying what else stands there', () => {
    expect(secret.command('TOKEN=abc op read op://x').describe()).toBe('command op')
    expect(secret.command('TOKEN=abc').describe()).toBe('command')
    expect(secret.age('AGE-SECRET').describe()).toBe('an age-encrypted text')
  })

  it('that the vendor has published is open from the start', () => {
    expect(documentedSecret('zsroot').reveal()).toBe('zsroot')
  })
})
