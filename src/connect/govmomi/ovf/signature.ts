import { verify, X509Certificate } from 'node:crypto'

import { VimError } from '../error.ts'

/** Who signed a manifest. Whether to trust them is for the reader: no root vouches for publishers of images here. */
export interface Signer {
  /** The certificate's subject on one line. */
  readonly subject: string
  /** The certificate's SHA-256 fingerprint, `AB:CD:…`. */
  readonly fingerprint: string
  /** The end of its validity. */
  readonly validTo: Date
}

const LINE = /^SHA(?:2-)?(1|256|512)\s?\(([^()]{1,255})\)\s?=\s*((?:[0-9a-f]{2}){64,1024})\s*$/im

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/

const broken = (text: string, cause?: unknown): VimError =>
  new VimError('archive', `the signature of the image ${text}`, { hint: 'download the image again', cause })

function readCertificate(text: string): X509Certificate {
  try {
    return new X509Certificate(PEM.exec(text)?.[0] ?? '')
  } catch (cause) {
    throw broken('has no certificate that can be read', cause)
  }
}

/**
 * Verifies a `.cert` file: the manifest's signature by the certificate in the same file. It shows that the image is the one
 * that the holder of that certificate signed. Throws a `VimError` where it is not.
 */
export function verifySignature(
  certificateFile: string,
  { name, content }: { readonly name: string; readonly content: Buffer },
): Signer {
  const [, bits = '', signed = '', hex = ''] = LINE.exec(certificateFile) ?? []
  if (signed !== name) throw broken(`is none of ${name}`)
  const certificate = readCertificate(certificateFile)
  let holds: boolean
  try {
    holds = verify(`sha${bits}`, content, certificate.publicKey, Buffer.from(hex, 'hex'))
  } catch (cause) {
    throw broken('is of a kind that cannot be verified', cause)
  }
  if (!holds) throw broken(`does not fit ${name}: the image was changed or damaged`)
  return {
    subject: certificate.subject.replaceAll('\n', ', '),
    fingerprint: certificate.fingerprint256,
    validTo: new Date(certificate.validTo),
  }
}
