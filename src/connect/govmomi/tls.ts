import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls'

import { VimError } from './error.ts'
import { matchesThumbprint, renderThumbprint, type Thumbprint } from './thumbprint.ts'

/** How a server proves who it is. */
export interface Trust {
  /** PEM certificates that are trusted beside the system's. */
  readonly trusted: readonly string[]
  /** Where given, exactly this certificate is accepted, and nothing else counts. */
  readonly thumbprint?: Thumbprint | undefined
}

/** A host and what is expected of its certificate. */
export interface TlsTarget extends Trust {
  readonly host: string
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

function refuse(host: string, socket: TLSSocket): VimError {
  const reason: unknown = socket.authorizationError
  const { raw } = socket.getPeerCertificate()
  return new VimError('tls', `the certificate of ${host} is not trusted: ${String(reason)}`, {
    hint: `ask whoever runs it whether its thumbprint is ${renderThumbprint(raw)}; if so, pin that`,
    cause: reason,
  })
}

function refusePinned(host: string, raw: Buffer): VimError {
  return new VimError('tls', `the certificate of ${host} is not the pinned one`, {
    hint: `it has the thumbprint ${renderThumbprint(raw)}; pin that if the certificate was replaced on purpose`,
  })
}

/**
 * Puts TLS on a socket. Resolves only after the certificate was verified, or found to be the pinned one, so that no byte of
 * ours leaves before. Destroys the socket where it is refused, and throws a `VimError` of kind `tls`;
 * of kind `timeout` where the host says nothing.
 */
export async function openTls(
  socket: Socket,
  { host, trusted, thumbprint, signal, within = HANDSHAKE }: TlsTarget,
): Promise<TLSSocket> {
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
    tls.destroy(new VimError('timeout', `${host} did not begin TLS within ${within / 1000} s`, { hint }))
  }, within)
  try {
    await once(tls, 'secureConnect', { signal })
    const { raw } = tls.getPeerCertificate()
    if (thumbprint === undefined ? !tls.authorized : !matchesThumbprint(raw, thumbprint)) {
      throw thumbprint === undefined ? refuse(host, tls) : refusePinned(host, raw)
    }
    return tls
  } catch (cause) {
    tls.destroy()
    socket.destroy()
    signal.throwIfAborted()
    if (cause instanceof VimError) throw cause
    throw new VimError('tls', `no TLS connection to ${host}: ${(cause as Error).message}`, { cause })
  } finally {
    clearTimeout(silence)
  }
}
