import { describe, expect, test } from 'vitest'

import { obfuscateKey } from '../../../src/connect/zia/obfuscate.ts'
import { AuthError } from '../../../src/model/error.ts'

describe('obfuscateKey', () => {
  test('mixes key and timestamp as the vendor’s clients do', () => {
    expect(obfuscateKey('abcdefghijkl', 1_700_000_123_456)).toBe('bcdefgcidjek')
  })

  test('keeps the leading zeros of the last six digits and of their half', () => {
    // 000001 halves to 000000.
    expect(obfuscateKey('abcdefghijkl', 1_700_000_000_001)).toBe('aaaaabcccccc')
  })

  test('refuses a key that is too short to be one, without printing it', () => {
    expect(() => obfuscateKey('tooshortkey', 1)).toThrow(AuthError)
    expect(() => obfuscateKey('tooshortkey', 1)).not.toThrow(/tooshortkey/)
  })
})
