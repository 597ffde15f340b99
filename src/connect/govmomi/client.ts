import { parseEnvelope } from './codec/envelope.ts'
import { CodecError } from './codec/error.ts'
import { decodeFault } from './codec/fault.ts'
import { encodeRequest } from './codec/request.ts'
import { decodeResponse } from './codec/response.ts'
import { VimError } from './error.ts'
import { describeFault, hintOf } from './fault-hint.ts'
import type { HttpResponse } from './http.ts'
import type { OperationName } from './schema/operations.ts'
import type { Arguments, MoRef, Result } from './schema/values.ts'
import type { SoapClient } from './soap-client.ts'

/** What is called, and how long it may take. */
export interface Call<O extends OperationName> {
  readonly self: MoRef
  readonly args: Arguments<O>
  readonly signal: AbortSignal
  /** Milliseconds of silence; default 120 000. */
  readonly timeout?: number
  /** Fields of the answer, as `Type.field`, to keep as they came. */
  readonly raw?: ReadonlySet<string>
}

/** Whatever can call operations: a client, or a session over one. */
export interface Caller {
  /** Calls an operation. Throws a `VimError`; a fault is one with `fault` set. */
  call<O extends OperationName>(operation: O, call: Call<O>): Promise<Result<O>>
}

/** Told about each exchange; never given a password. */
export type Trace = (text: string) => void

/** Calls operations over SOAP, with the session cookie that the server gave. */
export interface Client extends Caller {
  /** The session cookie, for downloads beside SOAP. */
  cookie(): string | undefined
  /** The API version to call in from now on. */
  useVersion(version: string): void
}

function sessionCookie(headers: HttpResponse['headers']): string | undefined {
  return headers['set-cookie']
    ?.map((line) => line.split(';', 1)[0] ?? '')
    .find((pair) => pair.startsWith('vmware_soap_session='))
}

function explainStatus(operation: string, { status, body }: HttpResponse, cause: unknown): VimError {
  const page = body
    .toString('utf8', 0, 400)
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .trim()
    .slice(0, 120)
  const said = page === '' ? 'nothing' : `“${page}”`
  return new VimError(
    'protocol',
    `${operation} was answered with HTTP ${status} and ${said}, which is not SOAP`,
    {
      hint: 'look at what stands between here and the server: a proxy, or a server that is still starting',
      cause,
    },
  )
}

function decode<O extends OperationName>(
  operation: O,
  response: HttpResponse,
  { self, raw }: Call<O>,
): Result<O> {
  try {
    const content = parseEnvelope(response.body.toString('utf8'))
    const fault = decodeFault(content)
    if (fault !== undefined) {
      const code = fault.type === 'InvalidLogin' ? 'login' : 'fault'
      throw new VimError(code, `${operation} on ${self.value} failed: ${describeFault(fault)}`, {
        hint: hintOf(fault),
        fault,
      })
    }
    return decodeResponse(operation, content, raw === undefined ? {} : { raw })
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    if (error.kind === 'xml') throw explainStatus(operation, response, error)
    throw new VimError(
      'schema',
      `the answer to ${operation} on ${self.value} makes no sense: ${error.message}`,
      {
        cause: error,
      },
    )
  }
}

// What is in these is a password, or may be one that is being typed.
const SILENT: ReadonlySet<string> = new Set(['Login', 'PutUsbScanCodes'])

/** Makes a client over a SOAP client. */
export function createClient(
  soap: SoapClient,
  { trace }: { readonly trace?: Trace | undefined } = {},
): Client {
  let cookie: string | undefined
  let version: string | undefined

  return {
    cookie: () => cookie,
    useVersion(used) {
      version = used
    },
    async call(operation, call) {
      const { self, args, signal, timeout = 120_000 } = call
      const body = encodeRequest({ operation, self, args })
      trace?.(`${operation} ${self.value} ${SILENT.has(operation) ? '…' : body.slice(0, 4000)}`)
      const response = await soap.send({ operation, body, cookie, version, signal, timeout })
      cookie = sessionCookie(response.headers) ?? cookie
      trace?.(`${operation} ${self.value} → HTTP ${response.status}, ${response.body.length} bytes`)
      return decode(operation, response, call)
    },
  }
}
