import { callbackify } from 'node:util'

import { createClientAsync, type Client, type IHttpClient } from 'soap'

import { VimError } from './error.ts'
import type { HttpClient, HttpResponse } from './http.ts'
import type { OperationName } from './schema/operations.ts'
import { renderWsdl } from './wsdl.ts'

/** One call as it goes over the wire. */
export interface SoapCall {
  readonly operation: OperationName
  /** The encoded content of the SOAP body. */
  readonly body: string
  readonly cookie: string | undefined
  /** API version that the call is made in, such as `8.0.3.0`. */
  readonly version: string | undefined
  readonly signal: AbortSignal
  /** Milliseconds of silence. */
  readonly timeout: number
}

/** Sends calls in SOAP envelopes. */
export interface SoapClient {
  send(call: SoapCall): Promise<HttpResponse>
}

/** What `soap` hands through to the transport, beside what it knows about. */
interface Exchange {
  readonly call: SoapCall
  readonly deliver: (response: HttpResponse) => void
}

// The answer is decoded once, by our codec; `soap` is given an empty one, so that it does not build a second tree from it.
const EMPTY = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'

function createTransport(http: HttpClient): IHttpClient {
  return {
    request(...[, data, callback, headers, options]: Parameters<IHttpClient['request']>) {
      const { call, deliver } = options as unknown as Exchange
      const { cookie, version, signal, timeout } = call
      const exchange = http.request({
        method: 'POST',
        path: '/sdk',
        headers: {
          ...(headers as Readonly<Record<string, string>>),
          ...(version === undefined ? {} : { SOAPAction: `"urn:vim25/${version}"` }),
          ...(cookie === undefined ? {} : { cookie }),
        },
        body: String(data),
        signal,
        timeout,
      })
      callbackify(() => exchange)((error: Error | null, response: HttpResponse | undefined) => {
        if (response === undefined) return void callback(error)
        deliver(response)
        callback(null, { status: response.status, headers: response.headers }, EMPTY)
      })
      return exchange as never
    },
  }
}

type Method = (args: { readonly _xml: string }, callback: (error: unknown) => void, options: Exchange) => void

/** Makes a SOAP client over an HTTP client. */
export function createSoapClient(http: HttpClient): SoapClient {
  const httpClient = createTransport(http)
  const methods = new Map<OperationName, Promise<Method>>()

  // An operation at a time: to parse the WSDL of the whole table takes longer than everything else before the first call.
  function methodOf(operation: OperationName): Promise<Method> {
    let method = methods.get(operation)
    if (method === undefined) {
      method = createClientAsync(renderWsdl([operation]), { httpClient }).then((client: Client) => {
        const made: unknown = client[operation]
        if (typeof made !== 'function')
          throw new VimError('schema', `the WSDL of ${operation} has no ${operation}`)
        return made as Method
      })
      methods.set(operation, method)
    }
    return method
  }

  return {
    async send(call) {
      const method = await methodOf(call.operation)
      return new Promise((resolve, reject) => {
        let answer: HttpResponse | undefined
        const settle = (error: unknown): void => {
          if (answer !== undefined) resolve(answer)
          else reject(error instanceof Error ? error : new VimError('protocol', String(error)))
        }
        const deliver = (response: HttpResponse): void => void (answer = response)
        method({ _xml: call.body }, settle, { call, deliver })
      })
    },
  }
}
