import { parseEnvelope } from './codec/envelope.ts'
import { CodecError, describeCodecError } from './codec/error.ts'
import { decodeFault, type Fault } from './codec/fault.ts'
import { encodeRequest } from './codec/request.ts'
import { decodeResponse } from './codec/response.ts'
import { VimError } from './error.ts'
import { describeFault, hintOf } from './fault-hint.ts'
import { quotePage, type HttpResponse } from './http.ts'
import type { OperationName } from './schema/operations.ts'
import type { Arguments, MoRef, Result, Value } from './schema/values.ts'
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
  /** Calls an operation. Throws a `VimError`, where a fault is one with `fault` set; a `CodecError` before anything is sent. */
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

/** What is not SOAP comes from a proxy, or from a server that is not (yet) what we take it for. */
function explainStatus(operation: string, response: HttpResponse, cause: unknown): VimError {
  const { status, headers, body } = response
  const said = quotePage(body)
  const { location } = headers
  const where = location === undefined ? '' : `, a redirection to ${location.slice(0, 120)}`
  return new VimError(
    'protocol',
    `${operation} was answered with HTTP ${status} and ${said}${where}, which is not SOAP`,
    {
      hint:
        status >= 300 && status < 500
          ? 'check the host name and port: this is no vSphere API, or a proxy in front of it wants something'
          : 'look at what stands between here and the server: a proxy, or a server that is still starting',
      cause,
      method: operation,
      isTransient: status < 300 || status >= 500,
    },
  )
}

/** A fault as an error; `where` is the object it happened on, as well as it is known. */
export function toCallError(
  operation: string,
  fault: Fault,
  { where, path, cause }: { readonly where: string; readonly path?: string; readonly cause?: unknown },
): VimError {
  const code = fault.type === 'InvalidLogin' ? 'login' : 'fault'
  const message = `${operation} on ${where} failed: ${describeFault(fault)}`
  return new VimError(code, message, { hint: hintOf(fault), fault, method: operation, path, cause })
}

/**
 * Who has no session, or none any more, may read properties, but is shown none of them: a server says so beside each property
 * instead of once.
 */
function findUnauthenticated(result: unknown): Fault | undefined {
  const { objects } = (result ?? {}) as { readonly objects?: readonly Partial<Value<'ObjectContent'>>[] }
  const hidden = objects?.[0]?.missingSet?.find(
    ({ fault }) => fault.fault.$type === 'NotAuthenticated',
  )?.fault
  if (hidden === undefined) return undefined
  return { type: 'NotAuthenticated', message: hidden.localizedMessage ?? '', detail: hidden.fault }
}

function decode<O extends OperationName>(
  operation: O,
  response: HttpResponse,
  { self, raw }: Call<O>,
): Result<O> {
  try {
    const content = parseEnvelope(response.body.toString('utf8'))
    const fault = decodeFault(content)
    if (fault !== undefined) throw toCallError(operation, fault, { where: self.value })
    const result = decodeResponse(operation, content, raw === undefined ? {} : { raw })
    const unseen = findUnauthenticated(result)
    if (unseen !== undefined) throw toCallError(operation, unseen, { where: self.value })
    return result
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    if (error.kind === 'xml') throw explainStatus(operation, response, error)
    throw new VimError(
      'schema',
      `the answer to ${operation} on ${self.value} makes no sense: ${describeCodecError(error)}`,
      {
        hint: 'run again with -vvv and report what the server sent: it is one that this client does not know yet',
        cause: error,
        method: operation,
      },
    )
  }
}

// What is in these is a password, or may be one that is being typed, or a URL that grants access to whoever knows it.
const SILENT: ReadonlySet<string> = new Set([
  'Login',
  'PutUsbScanCodes',
  'HttpNfcLeaseProbeUrls',
  'HttpNfcLeasePullFromUrls_Task',
])

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
