import { AuthError } from '../../model/error.ts'

/**
 * Mixes an API key with a timestamp in milliseconds, as the legacy sign-in wants it: the last six digits of the time pick
 * characters of the key, and the same number halved picks six more, two further on.
 */
export function obfuscateKey(key: string, timestamp: number): string {
  if (key.length < 12) {
    throw new AuthError(`the ZIA API key has ${key.length} characters, and one has at least 12`, {
      hint: 'copy it again from Administration > API Key Management',
    })
  }
  const high = String(timestamp).slice(-6)
  const low = String(Number(high) >> 1).padStart(6, '0')
  const pick = (digits: string, shift: number): string =>
    Array.from(digits, (digit) => key[Number(digit) + shift] ?? '').join('')
  return pick(high, 0) + pick(low, 2)
}
