import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import {
  matchesThumbprint,
  parseThumbprint,
  renderThumbprint,
} from '../../../src/connect/govmomi/thumbprint.ts'

const certificate = Buffer.from('certificate')

describe('a thumbprint', () => {
  it.each(['sha1', 'sha256'])('of kind %s is read with colons or without, in any case', (algorithm) => {
    const hex = createHash(algorithm).update(certificate).digest('hex')
    const pairs = hex.match(/../g)?.join(':') ?? ''
    for (const text of [hex, hex.toUpperCase(), pairs, ` ${pairs.toUpperCase()} `]) {
      expect(matchesThumbprint(certificate, parseThumbprint(text))).toBe(true)
    }
    expect(matchesThumbprint(Buffer.from('another'), parseThumbprint(hex))).toBe(false)
  })

  it('is written so that it can be read again', () => {
    expect(matchesThumbprint(certificate, parseThumbprint(renderThumbprint(certificate)))).toBe(true)
  })

  it.each(['', 'AB:CD', 'zz'.repeat(20), 'a'.repeat(63)])('cannot be “%s”', (text) => {
    expect(() => parseThumbprint(text)).toThrow('neither a SHA-1 nor a SHA-256 thumbprint')
  })
})
