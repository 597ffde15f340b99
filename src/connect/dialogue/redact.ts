import { MASK, type Secret } from '../../model/secret.ts'

/** Replaces every secret that stands in a text, should the other side have echoed one. */
export function redact(text: string, secrets: Iterable<Secret>): string {
  let masked = text
  for (const secret of secrets) {
    const value = secret.reveal()
    if (value !== '') masked = masked.replaceAll(value, MASK)
  }
  return masked
}
