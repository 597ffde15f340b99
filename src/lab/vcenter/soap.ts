import type { XmlElement } from '../../connect/govmomi/codec/element.ts'
import { parseEnvelope, renderEnvelope } from '../../connect/govmomi/codec/envelope.ts'
import { CodecError } from '../../connect/govmomi/codec/error.ts'
import { encodeFault } from '../../connect/govmomi/codec/fault.ts'
import { decodeRequest, type Request } from '../../connect/govmomi/codec/request.ts'
import { encodeResponse } from '../../connect/govmomi/codec/response.ts'
import { isObjectSubtype, isOperationName } from '../../connect/govmomi/schema/lookup.ts'
import { operations, type OperationName } from '../../connect/govmomi/schema/operations.ts'
import type { MoRef } from '../../connect/govmomi/schema/values.ts'
import { demandLicence } from './licence.ts'
import { MethodFault, faults } from './model/method-fault.ts'
import type { Session } from './model/session.ts'
import type { World } from './model/world.ts'
import { demandPrivileges } from './privileges.ts'

/** Characters of the largest request: an OVF descriptor of some megabytes has to fit. */
const MAX_LENGTH = 32 * 2 ** 20

/** What comes back for a call. */
export interface Reply {
  readonly status: 200 | 500
  readonly body: string
  /** The token of a session that the call opened, or `''` where it closed one. */
  readonly token?: string | undefined
  /** Whether something was carried out that changes the inventory. */
  readonly changed: boolean
}

/** A call as it came over HTTP. */
export interface RawCall {
  readonly body: string
  /** What the cookie carried. */
  readonly token: string | undefined
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal
}

/** Serves one call. Whatever goes wrong comes back as a fault; nothing is thrown. */
export async function serveCall(world: World, call: RawCall): Promise<Reply> {
  try {
    const request = decode(call.body)
    return request.operation === 'Login'
      ? await logIn(world, request, call)
      : await invoke(world, request, call)
  } catch (error) {
    return { status: 500, body: renderEnvelope(renderFault(error)), changed: false }
  }
}

function decode(body: string): Request {
  try {
    const element = parseEnvelope(body, { maxLength: MAX_LENGTH })
    demandMethod(element)
    return decodeRequest(element)
  } catch (error) {
    if (error instanceof CodecError) throw faults.invalidRequest(error.message)
    throw error
  }
}

// A real server knows the method before it looks at what it is called with.
function demandMethod({ name, children }: XmlElement): void {
  const receiver: MoRef = { type: children[0]?.attributes['type'] ?? '', value: children[0]?.text ?? '' }
  const isKnown =
    isOperationName(name) && (receiver.type === '' || isObjectSubtype(receiver.type, operations[name].on))
  if (!isKnown) throw faults.methodNotFound(receiver, name)
}

async function logIn(world: World, request: Request, call: RawCall): Promise<Reply> {
  if (world.sessions.find(call.token) !== undefined) throw faults.invalidLogin()
  const { userName } = request.args as { readonly userName: string }
  const session = world.sessions.login(userName)
  try {
    const body = await run(world, request, { session, signal: call.signal })
    return { status: 200, body, token: session.token, changed: false }
  } catch (error) {
    world.sessions.end(session)
    throw error
  }
}

async function invoke(world: World, request: Request, call: RawCall): Promise<Reply> {
  if (request.operation === 'RetrieveServiceContent') {
    const session = world.sessions.anonymous
    const body = await run(world, request, { session, signal: call.signal })
    return { status: 200, body, changed: false }
  }
  if (world.faults.take('session-expiry')) world.sessions.endAll()
  const session = world.sessions.find(call.token)
  if (session === undefined) throw faults.notAuthenticated(request.self)
  const done = world.sessions.use(session)
  try {
    const signal = AbortSignal.any([call.signal, session.signal, world.signal])
    const body = await run(world, request, { session, signal })
    const changed = operations[request.operation].mutates
    return { status: 200, body, changed, ...(request.operation === 'Logout' && { token: '' }) }
  } finally {
    done()
  }
}

async function run(
  world: World,
  { operation, self, args }: Request,
  call: { readonly session: Session; readonly signal: AbortSignal },
): Promise<string> {
  const object = world.sessions.objectsOf(call.session).get(self.value) ?? world.objects.get(self.value)
  if (object === undefined || object.ref.type !== self.type) throw faults.objectNotFound(self)
  const method = object.methods[operation]
  if (method === undefined) throw faults.methodNotFound(self, operation)
  demandPrivileges(world, { operation, self, args })
  demandLicence(world, operation)
  if (operations[operation].mutates) world.count()
  const result = await method(args, call)
  // What the answer tells of has to be on disk before the client hears of it.
  await world.saves.settled()
  return renderEnvelope(encodeResponse<OperationName>(operation, result as never))
}

function renderFault(error: unknown): string {
  const { fault, message } =
    error instanceof MethodFault
      ? error
      : faults.systemError(error instanceof Error ? error.message : String(error))
  const { $type: type, ...detail } = fault
  return encodeFault({ type, message, detail })
}
