import { parseField } from '../schema/lookup.ts'
import { operations, type OperationName } from '../schema/operations.ts'
import type { OperationEntry } from '../schema/shape.ts'
import type { Result } from '../schema/values.ts'
import { decodeValue } from './decode.ts'
import type { XmlElement } from './element.ts'
import { encodeValue } from './encode.ts'
import { CodecError } from './error.ts'
import { declarations } from './namespaces.ts'

/** Encodes an answer as the content of a SOAP body. */
export function encodeResponse<O extends OperationName>(operation: O, result: Result<O>): string {
  const { result: text }: OperationEntry = operations[operation]
  const field = text === undefined ? undefined : parseField('returnval', text)
  if (field === undefined || result === undefined) return `<${operation}Response ${declarations}/>`
  const values: readonly unknown[] = field.list ? (result as readonly unknown[]) : [result]
  const xml = values.map((value) => encodeValue('returnval', field.type, value)).join('')
  return `<${operation}Response ${declarations}>${xml}</${operation}Response>`
}

/** Decodes an answer. `raw` names fields, as `Type.field`, to keep as they came. */
export function decodeResponse<O extends OperationName>(
  operation: O,
  element: XmlElement,
  { raw = new Set() }: { readonly raw?: ReadonlySet<string> } = {},
): Result<O> {
  if (element.name !== `${operation}Response`) {
    throw new CodecError('xml', `${operation} was answered with <${element.name}>`)
  }
  const { result: text }: OperationEntry = operations[operation]
  if (text === undefined) return undefined as Result<O>
  const field = parseField('returnval', text)
  const values = element.children
    .filter((child) => child.name === 'returnval' && child.isNil !== true)
    .map((child) => decodeValue(child, field.type, { strict: false, raw }))
  if (field.required && values.length === 0) {
    throw new CodecError('missing', `${operation} was answered without a value`)
  }
  return (field.list ? values : values[0]) as Result<O>
}
