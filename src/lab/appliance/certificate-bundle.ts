import { X509Certificate, createHash, createPrivateKey } from 'node:crypto'

import { unzipSync } from 'fflate'

/** What a certificate bundle holds, as far as the appliance cares. */
export interface CertificateBundle {
  /** Serial number of the node's certificate, upper-case hexadecimal. */
  readonly serial: string
  /** The cloud that issued it, where the certificate says so. */
  readonly cloud: string | undefined
  /** Of the ZIP as it was handed in. */
  readonly sha256: string
  /** The certificate in PEM. */
  readonly pem: string
  readonly isKeyMatching: boolean
}

const ENTRY_LIMIT = 32
const SIZE_LIMIT = 256 * 1024

const PEM = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g

function unpack(bytes: Buffer): readonly string[] {
  let entries = 0
  const files = unzipSync(bytes, {
    filter: ({ originalSize }) => originalSize <= SIZE_LIMIT && (entries += 1) <= ENTRY_LIMIT,
  })
  return Object.values(files).map((content) => Buffer.from(content).toString('latin1'))
}

function cloudOf({ subject, issuer, subjectAltName }: X509Certificate): string | undefined {
  return /\b(zs[a-z0-9]+\.net)\b/i.exec(`${subject} ${subjectAltName ?? ''} ${issuer}`)?.[1]
}

/** Reads the bundle that the portal offers; none where it is not one. What is in it is hostile until parsed. */
export function parseBundle(data: string): CertificateBundle | undefined {
  const bytes = Buffer.from(data, 'latin1')
  try {
    const blocks = unpack(bytes).flatMap((text) => [...text.matchAll(PEM)])
    const certificates = blocks
      .filter(([, kind]) => kind === 'CERTIFICATE')
      .map(([pem]) => new X509Certificate(pem))
    const leaf = certificates.find(({ ca }) => !ca) ?? certificates[0]
    if (leaf === undefined) return undefined
    const keys = blocks
      .filter(([, kind]) => kind?.endsWith('PRIVATE KEY'))
      .map(([pem]) => createPrivateKey(pem))
    return {
      serial: leaf.serialNumber,
      cloud: cloudOf(leaf),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      pem: leaf.toString(),
      isKeyMatching: keys.some((key) => leaf.checkPrivateKey(key)),
    }
  } catch {
    return undefined
  }
}
