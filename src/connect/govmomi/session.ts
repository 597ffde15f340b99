import { createClient, type Call, type Caller, type Client, type Trace } from './client.ts'
import { isFault, VimError } from './error.ts'
import { createHttpClient, type Address, type Dial, type HttpClient, type HttpResponse } from './http.ts'
import { operations, type OperationName } from './schema/operations.ts'
import type { MoRef, Result, Value } from './schema/values.ts'
import { createSoapClient } from './soap-client.ts'
import { parseThumbprint } from './thumbprint.ts'
import type { Trust } from './tls.ts'

/** Where to log in, and as whom. */
export interface SessionOptions {
  readonly address: Address
  readonly username: string
  /** Called at each login, and only then. */
  readonly password: () => string
  /** Opens TCP connections, to the server and to the hosts that take uploads. */
  readonly dial: Dial
  /** PEM certificates that are trusted beside the system's. */
  readonly trusted: readonly string[]
  readonly thumbprint?: string | undefined
  /** Ends the session's own work: logging in, keeping it alive. Calls have signals of their own. */
  readonly signal: AbortSignal
  readonly trace?: Trace | undefined
  /** How to wait; everything that waits here waits by it. */
  readonly sleep: Sleep
}

/** Waits some milliseconds; rejects with the signal's reason when it is aborted first. */
export type Sleep = (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>

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

const SERVICE_INSTANCE: MoRef = { type: 'ServiceInstance', value: 'ServiceInstance' }

const KEEP_ALIVE = 5 * 60_000

/** Milliseconds that a server is given to take a logout. */
const GOODBYE = 3000

const RETRY_AFTER = [200, 1000, 5000]

interface Login {
  readonly current: () => number
  /** Logs in again unless that has happened since `seen`; however many ask at once, it happens once. */
  again(seen: number): Promise<void>
}

function createLogin(client: Client, manager: MoRef, options: SessionOptions): Login {
  let count = 0
  let running: Promise<void> | undefined
  async function run(): Promise<void> {
    const args = { userName: options.username, password: options.password(), locale: 'en_US' }
    try {
      await client.call('Login', { self: manager, args, signal: options.signal })
      count += 1
    } catch (cause) {
      if (!isFault(cause, 'InvalidLogin')) throw cause
      const { host } = options.address
      throw new VimError('login', `${host} refuses the user name ${options.username} with this password`, {
        hint: cause.hint,
        cause,
        fault: cause.fault,
      })
    } finally {
      running = undefined
    }
  }
  return {
    current: () => count,
    again: (seen) => (seen === count ? (running ??= run()) : Promise.resolve()),
  }
}

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

// A call that changes nothing may be sent again when its connection broke; nobody can tell whether any other arrived.
async function callPatiently<O extends OperationName>(
  client: Client,
  operation: O,
  { call, sleep }: { readonly call: Call<O>; readonly sleep: Sleep },
): Promise<Result<O>> {
  for (const pause of operations[operation].mutates ? [] : RETRY_AFTER) {
    try {
      return await client.call(operation, call)
    } catch (error) {
      if (!(error instanceof VimError) || (error.code !== 'connection' && error.code !== 'protocol'))
        throw error
      await sleep(pause, { signal: call.signal })
    }
  }
  return client.call(operation, call)
}

async function connect(
  http: HttpClient,
  options: SessionOptions,
): Promise<[Client, Value<'ServiceContent'>]> {
  const client = createClient(await createSoapClient(http), { trace: options.trace })
  const content = await client.call('RetrieveServiceContent', {
    self: SERVICE_INSTANCE,
    args: {},
    signal: options.signal,
  })
  client.useVersion(content.about.apiVersion)
  return [client, content]
}

/** Logs in. Throws a `VimError`, or whatever `dial` throws. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { address, dial, signal } = options
  const trust: Trust = {
    trusted: options.trusted,
    thumbprint: options.thumbprint === undefined ? undefined : parseThumbprint(options.thumbprint),
  }
  const http = createHttpClient(address, { dial, trust })
  try {
    const [client, content] = await connect(http, options)
    const manager = content.sessionManager
    if (manager === undefined) throw new VimError('protocol', `${address.host} has no session manager`)
    const login = createLogin(client, manager, options)
    await login.again(0)
    const closing = new AbortController()
    const living = AbortSignal.any([signal, closing.signal])
    const kept = keepAlive(client, { ...options, signal: living })
    return {
      content,
      address,
      dial,
      trust,
      sleep: options.sleep,
      logins: login.current,
      async call(operation, call) {
        const seen = login.current()
        try {
          return await callPatiently(client, operation, { call, sleep: options.sleep })
        } catch (error) {
          // The server did not look at the call before it found that the session was over: sending it again is safe.
          if (!isFault(error, 'NotAuthenticated')) throw error
        }
        await login.again(seen)
        return client.call(operation, call)
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
        const seen = login.current()
        const response = await get()
        if (response.status !== 401 && response.status !== 403) return response
        await login.again(seen)
        return get()
      },
      async close() {
        closing.abort()
        await kept
        // Also after an interruption: a session that is left behind counts against the server's limit for half an hour.
        const goodbye = AbortSignal.timeout(GOODBYE)
        await client.call('Logout', { self: manager, args: {}, signal: goodbye }).catch((error: unknown) => {
          options.trace?.(`logout: ${String(error)}`)
        })
        http.close()
      },
    }
  } catch (error) {
    http.close()
    throw error
  }
}
