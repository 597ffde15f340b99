import { isObjectName, isObjectSubtype, isOperationName, paramsOf } from '../schema/lookup.ts'
import { operations, type OperationName } from '../schema/operations.ts'
import type { Arguments, MoRef } from '../schema/values.ts'
import { decodeFields, decodeValue } from './decode.ts'
import type { XmlElement } from './element.ts'
import { encodeFields, encodeValue } from './encode.ts'
import { CodecError, describeCodecError, locate } from './error.ts'
import { declarations } from './namespaces.ts'

/** A call: what is called on what, with which arguments. */
export interface Request<O extends OperationName = OperationName> {
  readonly operation: O
  readonly self: MoRef
  readonly args: Arguments<O>
}

/** Encodes a call as the content of a SOAP body. Throws a `CodecError` whose message names the field. */
export function encodeRequest<O extends OperationName>({ operation, self, args }: Request<O>): string {
  try {
    const object = encodeValue('_this', 'ref', self)
    const fields = encodeFields(paramsOf(operation), args, operation)
    return `<${operation} ${declarations}>${object}${fields}</${operation}>`
  } catch (error) {
    const cause = locate(error, operation)
    if (!(cause instanceof CodecError)) throw cause
    const { kind, type, path } = cause
    throw new CodecError(kind, describeCodecError(cause), { type, path, cause: error })
  }
}

/** Decodes a call as strictly as a real server does: known operation, object of the right type, order, types, nothing extra. */
export function decodeRequest(element: XmlElement): Request {
  const operation = element.name
  if (!isOperationName(operation)) {
    throw new CodecError('unknown', `there is no operation ${operation}`)
  }
  const [first, ...rest] = element.children
  if (first?.name !== '_this') {
    throw new CodecError(
      'order',
      `Unexpected element tag "${first?.name ?? ''}" seen where _this is wanted in ${operation}`,
    )
  }
  const self = decodeValue(first, 'ref', { strict: true }) as MoRef
  if (isObjectName(self.type) && !isObjectSubtype(self.type, operations[operation].on)) {
    throw new CodecError('type', `a ${self.type} has no operation ${operation}`, { type: self.type })
  }
  const args: Arguments<OperationName> = decodeFields(
    { ...element, children: rest },
    { fields: paramsOf(operation), type: operation },
    { strict: true },
  )
  return { operation, self, args }
}
