import { X509Certificate } from 'node:crypto'

/** What a node's own certificate says. */
export interface Named {
  /** Every name that it is for, in lower case. */
  readonly subject: readonly string[]
  readonly validTo: Date
}

/** Reads whom a certificate is for; nothing where it cannot be read, or is an authority's. */
export function readNames(pem: string): Named | undefined {
  try {
    const { subject, subjectAltName = '', validTo, ca } = new X509Certificate(pem)
    // The authority's own certificate comes along, and names no node.
    if (ca) return undefined
    const common = [...subject.matchAll(/^CN=(.+)$/gm)].map(([, name = '']) => name)
    const alternative = [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name)
    return {
      subject: [...common, ...alternative].map((name) => name.toLowerCase()),
      validTo: new Date(validTo),
    }
  } catch {
    return undefined
  }
}

/** Whether a node is among the names, alone or with a domain behind it. */
export function isNamed(node: string, subject: readonly string[]): boolean {
  const wanted = node.toLowerCase()
  return subject.some((name) => name === wanted || name.startsWith(`${wanted}.`))
}
