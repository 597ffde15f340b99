import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls'

import { isBreak } from './dial.ts'
import { VimError } from './error.ts'
import { matchesThumbprint, renderThumbprint, type Thumbprint } from './thumbprint.ts'

/** How a server proves who it is. */
export interface Trust {
  /** PEM certificates that are trusted beside the system's. */
  readonly trusted: readonly string[]
  /** Where given, exactly this certificate is accepted, and nothing else counts. */
  readonly thumbprint?: Thumbprint | undefined
  /** What a person does so that another certificate is accepted, for messages; by default: to pin it. */
  readonly remedy?: string | undefined
}

/** A host and what is expected of its certificate. */
export interface TlsTarget extends Trust {
  readonly host: string
  readonly port: number
  readonly signal: AbortSignal
  /** Milliseconds that the handshake may take. */
  readonly within?: number
}

/** Milliseconds after which a host that takes a connection and does not speak TLS is given up. */
const HANDSHAKE = 30_000

const contexts = new WeakMap<readonly string[], SecureContext>()

function contextOf(trusted: readonly string[]): SecureContext | undefined {
  if (trusted.length === 0) return undefined
  let context = contexts.get(trusted)
  if (context === undefined) {
    context = createSecureContext({ ca: [...rootCertificates, ...trusted] })
    contexts.set(trusted, context)
  }
  return context
}

const nameOf = ({ host, port }: TlsTarget): string => (port === 443 ? host : `${host}:${port}`)

const howToTrust = ({ remedy = 'pin it (`thumbprint`)' }: TlsTarget): string => remedy

function refuse(target: TlsTarget, socket: TLSSocket): VimError {
  const reason: unknown = socket.authorizationError
  const { raw } = socket.getPeerCertificate()
  return new VimError('tls', `the certificate of ${nameOf(target)} is not trusted: ${String(reason)}`, {
    hint: `ask whoever runs it whether its thumbprint is ${renderThumbprint(raw)}; if so, ${howToTrust(target)}`,
    cause: reason,
  })
}

function refusePinned(target: TlsTarget, raw: Buffer): VimError {
  return new VimError('tls', `the certificate of ${nameOf(target)} is not the pinned one`, {
    hint: `it has the thumbprint ${renderThumbprint(raw)}; if the certificate was replaced on purpose, ${howToTrust(target)}`,
  })
}

/**
 * Puts TLS on a socket. Resolves only after the certificate was verified, or found to be the pinned one, so that no byte of
 * ours leaves before. Destroys the socket where it is refused, and throws a `VimError` of kind `tls`;
 * of kind `timeout` where the host says nothing, and `connection` where it hangs up.
 */
export async function openTls(socket: Socket, target: TlsTarget): Promise<TLSSocket> {
  const { host, trusted, thumbprint, signal, within = HANDSHAKE } = target
  const secureContext = thumbprint === undefined ? contextOf(trusted) : undefined
  // Looked at below, before anything is written, so that a refusal can name the certificate.
  const tls = connect({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(secureContext === undefined ? {} : { secureContext }),
    rejectUnauthorized: false,
  })
  const silence = setTimeout(() => {
    const hint = 'look whether it really speaks TLS there, and at a firewall in between'
    const message = `${host} did not begin TLS within ${within / 1000} s`
    tls.destroy(new VimError('timeout', message, { hint, isUnsent: true }))
  }, within)
  try {
    await once(tls, 'secureConnect', { signal })
    const { raw } = tls.getPeerCertificate()
    if (thumbprint === undefined ? !tls.authorized : !matchesThumbprint(raw, thumbprint)) {
      throw thumbprint === undefined ? refuse(target, tls) : refusePinned(target, raw)
    }
    return tls
  } catch (cause) {
    tls.destroy()
    socket.destroy()
    signal.throwIfAborted()
    if (cause instanceof VimError) throw cause
    const isBroken = isBreak(cause)
    const message = `no TLS connection to ${host}: ${(cause as Error).message}`
    throw new VimError(isBroken ? 'connection' : 'tls', message, { cause, isUnsent: isBroken })
  } finally {
    clearTimeout(silence)
  }
}
