import { assert, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'

import { documentedSecret, secret } from '../../src/model/secret.ts'
import { createRedactor } from '../../src/report/redactor.ts'

function redactorOf(...values: readonly string[]) {
  return createRedactor(
    values.map((value) => {
      const one = secret.env('X')
      one.open(value)
      return one
    }),
  )
}

const PASSWORD = `p@ss "word"/'<&>+\\ü`

describe('a secret is replaced', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['as it is', PASSWORD],
    ['as base64', Buffer.from(PASSWORD).toString('base64')],
    ['as URL-safe base64', Buffer.from(PASSWORD).toString('base64url')],
    ['percent-encoded', encodeURIComponent(PASSWORD)],
    [
      'percent-encoded in lower case',
      encodeURIComponent(PASSWORD).replace(/%../g, (one) => one.toLowerCase()),
    ],
    ['as a form sends it', new URLSearchParams({ a: PASSWORD }).toString().slice(2)],
    ['as JSON', JSON.stringify(PASSWORD).slice(1, -1)],
    ['as hexadecimal', Buffer.from(PASSWORD).toString('hex')],
    ['in shell quotes', PASSWORD.replaceAll("'", "'\\''")],
    ['as XML', 'p@ss &quot;word&quot;/&apos;&lt;&amp;&gt;+\\ü'],
  ]

  test.each(forms)('%s', (_, form) => {
    expect(redactorOf(PASSWORD)(`before ${form} after`)).toMatch(/^before (•••=*)+ after$/)
  })

  test.each(['', 'u:', 'user:', 'admin1:'])('inside the base64 of %o and the password', (prefix) => {
    const header = Buffer.from(`${prefix}correct horse battery`).toString('base64')
    const core = Buffer.from('orrect horse batter').toString('base64').slice(4, -4)
    const shown = redactorOf('correct horse battery')(`Authorization: Basic ${header}`)
    expect(shown).toContain('•••')
    expect(shown).not.toContain(core)
    expect(shown.length).toBeLessThan('Authorization: Basic '.length + 18)
  })

  test('wherever it stands, once or many times', () => {
    expect(redactorOf('hunter2')('hunter2 and hunter2hunter2')).toBe('••• and ••••••')
  })

  test('whole, where one secret is the beginning of another', () => {
    expect(redactorOf('hunter2', 'hunter2-and-more')('hunter2-and-more hunter2')).toBe('••• •••')
  })

  test('line by line, where it is a key file', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n'
    expect(redactorOf(key)('read MIIEvQIBADANBgkq\r\nand hkiG9w0BAQEFAASC')).toBe('read •••\r\nand •••')
  })

  test('in any encoding, for any value', () => {
    assert(
      property(string({ minLength: 4, maxLength: 40, unit: 'binary' }), string(), (value, around) => {
        const redact = redactorOf(value)
        const url = encodeURIComponent(Buffer.from(value).toString())
        for (const form of [value, JSON.stringify(value).slice(1, -1), url]) {
          expect(redact(`${around}\n${form}\n${around}`)).toContain('•••')
          expect(redact(form)).not.toContain(form)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('a text is left alone', () => {
  test('where it holds no secret', () => {
    const text = 'nothing to see '.repeat(1000)
    expect(redactorOf('hunter2', 'p@ssw0rd')(text)).toBe(text)
  })

  test('where the password is one that the vendor has published', () => {
    expect(createRedactor([documentedSecret('zsroot')])('ssh zsroot@10.84.0.110')).toBe(
      'ssh zsroot@10.84.0.110',
    )
  })

  test('where the value is too short to hide anything', () => {
    expect(redactorOf('', 'a', 'abc')('abc')).toBe('abc')
  })

  test('where the secret was never opened', () => {
    expect(createRedactor([secret.env('NOT_SET')])('NOT_SET')).toBe('NOT_SET')
  })
})
