import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

import type { DocumentStore } from '../state/document-store.ts'

/** Whom a certificate is for. */
interface Subject {
  readonly commonName: string
  /** DNS names and IP addresses, for the subject alternative name. */
  readonly names: readonly string[]
  /** Hexadecimal; random where absent. */
  readonly serial?: string
}

/** A certificate and its private key, as PEM; `serial` is upper-case hexadecimal, as `node:crypto` prints it. */
export interface Issued {
  readonly certificate: string
  readonly key: string
  readonly serial: string
}

/** The lab's own certificate authority: what its servers and appliances are certified by. */
export interface Authority {
  /** The root certificate, as PEM. */
  readonly pem: string
  /** Issues a certificate. The same subject gets the same certificate again, also in a later process. */
  issue(subject: Subject): Promise<Issued>
  /** Makes a certificate for the subject that another authority has signed, which nobody trusts. */
  impersonate(subject: Subject): Promise<Issued>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 24 * 60 * 60 * 1000
const YEARS = 20 * 365 * DAY

/** Opens the authority that the store keeps, or founds it. The X.509 library is loaded only to sign something new. */
export async function openAuthority(store: DocumentStore): Promise<Authority> {
  const root = await store.open<Issued | undefined>('authority/root', () => undefined)
  if (root.value === undefined) {
    root.value = await signRoot()
    await root.save()
  }
  const { certificate: pem, key } = root.value
  const issued = new Map<string, Promise<Issued>>()

  async function open(subject: Subject, id: string): Promise<Issued> {
    const document = await store.open<Issued | undefined>(`authority/issued/${id}`, () => undefined)
    if (document.value === undefined) {
      document.value = await signLeaf(subject, { certificate: pem, key })
      await document.save()
    }
    return document.value
  }

  return {
    pem,
    issue(subject) {
      const text = JSON.stringify([subject.commonName, subject.names, subject.serial ?? ''])
      const id = createHash('sha256').update(text).digest('hex').slice(0, 24)
      const known = issued.get(id)
      if (known !== undefined) return known
      const promise = open(subject, id)
      issued.set(id, promise)
      promise.catch(() => issued.delete(id))
      return promise
    },
    impersonate: async (subject) => signLeaf(subject, await signRoot()),
  }
}

// The library needs the metadata shim loaded before it, and neither is worth a millisecond to a run that only reads.
async function loadX509() {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

async function signRoot(): Promise<Issued> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: ['Lab Root'] }, { O: ['runbook lab'] }],
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toIssued(certificate.toString('pem'), await exportKey(keys.privateKey))
}

async function signLeaf(
  subject: Subject,
  root: { readonly certificate: string; readonly key: string },
): Promise<Issued> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const signingKey = await webcrypto.subtle.importKey('pkcs8', fromPem(root.key), ALGORITHM, false, ['sign'])
  const issuer = new x509.X509Certificate(root.certificate)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: subject.serial ?? randomSerial(),
    subject: [{ CN: [subject.commonName] }, { O: ['runbook lab'] }],
    issuer: issuer.subjectName,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(
        subject.names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return toIssued(certificate.toString('pem'), await exportKey(keys.privateKey))
}

function toIssued(certificate: string, key: string): Issued {
  return { certificate, key, serial: new X509Certificate(certificate).serialNumber }
}

// Back-dated by a day, because an appliance of the lab may have a clock that is behind.
function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + YEARS) }
}

// A serial number is a positive integer: the top bit stays clear, and the first byte is not zero.
function randomSerial(): string {
  const bytes = randomBytes(12)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes.toString('hex')
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  const lines = der.match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}

function fromPem(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
}
