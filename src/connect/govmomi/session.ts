import { callPatiently } from './call-patiently.ts'
import { createClient, toCallError, type Caller, type Client } from './client.ts'
import type { Address, Dial } from './dial.ts'
import { isFault, VimError } from './error.ts'
import { createHttpClient, type HttpClient, type HttpResponse } from './http.ts'
import { createPathReader, type PathReader } from './inventory-path.ts'
import { createLogin, type LoginOptions } from './login.ts'
import { operations, type OperationName } from './schema/operations.ts'
import type { MoRef, Value } from './schema/values.ts'
import type { Sleep } from './sleep.ts'
import { createSoapClient } from './soap-client.ts'
import { parseThumbprint } from './thumbprint.ts'
import type { Trust } from './tls.ts'

/** Where to log in, as whom, and by what. */
export interface SessionOptions extends LoginOptions {
  /** Opens TCP connections, to the server and to the hosts that take uploads. */
  readonly dial: Dial
  /** PEM certificates that are trusted beside the system's. */
  readonly trusted: readonly string[]
  readonly thumbprint?: string | undefined
  /** Where a person gives the thumbprint, for messages. */
  readonly thumbprintKey?: string | undefined
  /** How to wait; everything that waits here waits by it. */
  readonly sleep: Sleep
}

/** A login on a vCenter or ESXi host. */
export interface Session extends Caller {
  readonly content: Value<'ServiceContent'>
  readonly address: Address
  readonly dial: Dial
  readonly trust: Trust
  readonly sleep: Sleep
  /** How often this session has logged in; collectors and views of an earlier login are gone. */
  logins(): number
  /** Fetches something beside SOAP with the session's cookie, such as `/screen?id=vm-7`. */
  fetch(path: string, options: { readonly signal: AbortSignal }): Promise<HttpResponse>
  /** Logs out and closes every connection. Never throws. */
  close(): Promise<void>
}

/** Where every server begins: it tells what else there is, and what time it is. */
export const SERVICE_INSTANCE: MoRef = { type: 'ServiceInstance', value: 'ServiceInstance' }

const KEEP_ALIVE = 5 * 60_000

// A session that nobody uses is dropped after 30 minutes; only a call tells the server that somebody still does.
async function keepAlive(client: Client, options: SessionOptions): Promise<void> {
  const { signal, sleep, trace } = options
  while (!signal.aborted) {
    try {
      await sleep(KEEP_ALIVE, { signal })
      await client.call('CurrentTime', { self: SERVICE_INSTANCE, args: {}, signal })
    } catch (error) {
      if (!signal.aborted) trace?.(`keep-alive: ${String(error)}`)
    }
  }
}

// The message of a fault names what it was called on as people know it, where that can be found out. Where no answer came at
// all, nobody can tell whether an order was carried out: whoever reads that has to know.
async function explain(
  error: unknown,
  { operation, self }: { readonly operation: OperationName; readonly self: MoRef },
  paths: PathReader,
): Promise<unknown> {
  if (!(error instanceof VimError)) return error
  const { fault, method, code, message, isTransient, isUnsent } = error
  if (fault !== undefined && method !== undefined && fault.type !== 'NotAuthenticated') {
    const path = await paths.read(self)
    return path === undefined ? error : toCallError(method, fault, { where: path, path, cause: error })
  }
  if (!operations[operation].mutates || isUnsent || !(isTransient || code === 'timeout')) return error
  const path = await paths.read(self)
  return new VimError(
    code,
    `${message}; nobody knows whether ${operation} on ${path ?? self.value} was carried out`,
    {
      hint: 'run again: the next run looks first at what is there',
      cause: error,
      method: operation,
      path,
      isTransient,
    },
  )
}

async function connect(
  http: HttpClient,
  options: SessionOptions,
): Promise<[Client, Value<'ServiceContent'>]> {
  const { signal, sleep, trace } = options
  const client = createClient(createSoapClient(http), { trace })
  const call = { self: SERVICE_INSTANCE, args: {}, signal }
  const content = await callPatiently(client, ['RetrieveServiceContent', call], { sleep, isStrange: true })
  client.useVersion(content.about.apiVersion)
  return [client, content]
}

/** Logs in. Throws a `VimError`. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { address, dial, signal, sleep } = options
  const trust: Trust = {
    trusted: options.trusted,
    thumbprint: options.thumbprint === undefined ? undefined : parseThumbprint(options.thumbprint),
    remedy: options.thumbprintKey === undefined ? undefined : `pin it as \`${options.thumbprintKey}\``,
  }
  const http = createHttpClient(address, { dial, trust })
  try {
    const [client, content] = await connect(http, options)
    const manager = content.sessionManager
    if (manager === undefined) throw new VimError('protocol', `${address.host} has no session manager`)
    const login = createLogin(client, manager, options)
    await login.again(0).catch(async (error: unknown) => {
      await login.end()
      throw error
    })
    const paths = createPathReader(client, content.propertyCollector)
    const closing = new AbortController()
    const living = AbortSignal.any([signal, closing.signal])
    const kept = keepAlive(client, { ...options, signal: living })

    const session: Session = {
      content,
      address,
      dial,
      trust,
      sleep,
      logins: () => login.count(),
      async call(operation, call) {
        const seen = login.count()
        try {
          return await callPatiently(client, [operation, call], { sleep })
        } catch (error) {
          // The server did not look at the call before it found that the session was over: sending it again is safe.
          if (!isFault(error, 'NotAuthenticated')) {
            throw await explain(error, { operation, self: call.self }, paths)
          }
        }
        await login.again(seen)
        try {
          return await callPatiently(client, [operation, call], { sleep })
        } catch (error) {
          throw await explain(error, { operation, self: call.self }, paths)
        }
      },
      async fetch(path, { signal }) {
        const get = (): Promise<HttpResponse> =>
          http.request({
            method: 'GET',
            path,
            headers: { cookie: client.cookie() ?? '' },
            signal,
            timeout: 60_000,
          })
        const seen = login.count()
        const response = await get()
        if (response.status !== 401 && response.status !== 403) return response
        // So it is refused to who may not see it, too, and nobody can log in over a session that lives: asking for the time
        // renews it only where it is over.
        await session.call('CurrentTime', { self: SERVICE_INSTANCE, args: {}, signal })
        return login.count() === seen ? response : get()
      },
      async close() {
        closing.abort()
        await kept
        await login.end()
        http.close()
      },
    }
    return session
  } catch (error) {
    http.close()
    throw error
  }
}
