import { enumValuesOf, fieldsOf, isSubtype, type Field } from '../schema/lookup.ts'
import type { MoRef } from '../schema/values.ts'
import type { XmlElement } from './element.ts'
import { CodecError, locate } from './error.ts'
import { escapeXml } from './escape.ts'
import { isPrimitive, renderPrimitive } from './primitive.ts'
import { renderElement } from './render-element.ts'

// How values are tagged, in both directions:
// - A data object is a plain object. Where its type is not the declared one, `$type` names it; on the wire that is xsi:type.
// - A managed object reference is `{ type, value }`.
// - `long` is a bigint (a safe integer is accepted when encoding), `dateTime` is text as on the wire, the other numbers are
//   numbers.
// - In `anyType`, where the wire names the type: string, boolean and bigint are xsd:string, xsd:boolean and xsd:long; a number
//   is xsd:int where it is a 32-bit integer and xsd:double otherwise; `{ $type: 'xsd:short', text: '7' }` is any other primitive
//   or enumeration; `{ $type: 'ArrayOfOptionValue', items: [...] }` is an array. Decoding gives primitives and arrays bare.
// - `{ $xml: element }` stands for a piece of an answer that is sent back as it came, in any place; with text instead of an
//   element, for XML that is finished, as `encodeProperty` makes it. No name on the wire has a `$`, so no peer can send one.
// Undefined and empty lists are left out; null is refused.

/** A piece of a message that was kept as it came, to be sent back; or XML that `encodeProperty` has already made. */
export interface RawXml {
  readonly $xml: XmlElement | string
}

/** An array in a place where the wire has to name its type. */
export interface TypedArray {
  /** `ArrayOf` and the type of the items. */
  readonly $type: string
  readonly items: readonly unknown[]
}

type Bag = Readonly<Record<string, unknown>>

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isRaw = (value: Bag): value is Bag & RawXml => Object.hasOwn(value, '$xml')

function isRef(value: Bag): value is Bag & MoRef {
  return typeof value['type'] === 'string' && typeof value['value'] === 'string' && !('$type' in value)
}

function encodeRef(name: string, value: unknown, tag = ''): string {
  if (!isBag(value) || !isRef(value)) {
    throw new CodecError('type', `<${name}> is not a managed object reference`, { type: 'ref' })
  }
  return `<${name}${tag} type="${escapeXml(value.type)}">${escapeXml(value.value)}</${name}>`
}

function encodePrimitiveAny(name: string, value: string | number | bigint | boolean): string {
  const type =
    typeof value === 'string'
      ? 'string'
      : typeof value === 'boolean'
        ? 'boolean'
        : typeof value === 'bigint'
          ? 'long'
          : (value | 0) === value
            ? 'int'
            : 'double'
  return `<${name} xsi:type="xsd:${type}">${escapeXml(renderPrimitive(type, value))}</${name}>`
}

function encodeArray(name: string, { $type, items }: TypedArray): string {
  const item = $type.slice('ArrayOf'.length)
  const primitive = item.charAt(0).toLowerCase() + item.slice(1)
  const [element, type] =
    item === 'ManagedObjectReference'
      ? [item, 'ref']
      : isPrimitive(primitive) || primitive === 'anyType'
        ? [primitive, primitive]
        : [item, item]
  const content = encodeList(element, type, items)
  return `<${name} xsi:type="${escapeXml($type)}">${content}</${name}>`
}

function encodeAny(name: string, value: unknown): string {
  if (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
  ) {
    return encodePrimitiveAny(name, value)
  }
  if (isBag(value)) {
    if (isRef(value)) return encodeRef(name, value, ' xsi:type="ManagedObjectReference"')
    const type = value['$type']
    if (typeof type === 'string') {
      if (Array.isArray(value['items'])) return encodeArray(name, value as unknown as TypedArray)
      if (typeof value['text'] === 'string' && fieldsOf(type) === undefined) {
        return `<${name} xsi:type="${escapeXml(type)}">${escapeXml(value['text'])}</${name}>`
      }
      return encodeObject(name, type, value)
    }
  }
  throw new CodecError('type', `<${name}> has no type that could be named on the wire`, { type: 'anyType' })
}

function encodeList(name: string, type: string, items: readonly unknown[]): string {
  let xml = ''
  for (const [index, item] of items.entries()) {
    try {
      xml += encodeValue(name, type, item)
    } catch (error) {
      throw locate(error, `[${index}]`)
    }
  }
  return xml
}

/** Encodes fields in their order; `bag` may hold nothing else. `place` names the type or operation. */
export function encodeFields(fields: readonly Field[], bag: Bag, place: string): string {
  let xml = ''
  let seen = 0
  for (const field of fields) {
    const value = Object.hasOwn(bag, field.name) ? bag[field.name] : undefined
    if (Object.hasOwn(bag, field.name)) seen += 1
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      if (!field.required) continue
      throw new CodecError('missing', `${place}.${field.name} is missing`, { type: place, path: field.name })
    }
    if (field.list && !Array.isArray(value)) {
      throw new CodecError('type', `${place}.${field.name} is not a list`, { type: place, path: field.name })
    }
    try {
      xml +=
        field.list && Array.isArray(value)
          ? encodeList(field.name, field.type, value)
          : encodeValue(field.name, field.type, value)
    } catch (error) {
      throw locate(error, field.name)
    }
  }
  if (seen + (Object.hasOwn(bag, '$type') ? 1 : 0) < Object.keys(bag).length) {
    const known = new Set(fields.map((field) => field.name))
    const extra = Object.keys(bag).find((key) => key !== '$type' && !known.has(key))
    throw new CodecError('unknown', `${place} has no field ${extra ?? ''}`, {
      type: place,
      path: extra ?? '',
    })
  }
  return xml
}

function encodeObject(name: string, declared: string, value: unknown): string {
  if (!isBag(value)) throw new CodecError('type', `<${name}> is not a ${declared}`, { type: declared })
  const named = value['$type']
  const type = typeof named === 'string' ? named : declared
  const fields = fieldsOf(type)
  if (fields === undefined) throw new CodecError('type', `<${name}> is of the unknown type ${type}`, { type })
  if (type !== declared && !isSubtype(type, declared)) {
    throw new CodecError('type', `<${name}> is a ${type}, which is no ${declared}`, { type })
  }
  const tag = typeof named === 'string' ? ` xsi:type="${type}"` : ''
  return `<${name}${tag}>${encodeFields(fields, value, type)}</${name}>`
}

/**
 * Encodes a value as the element `name`, checked against its declared type: unknown and missing fields, wrong types and
 * numbers out of range are refused. Throws a `CodecError`.
 */
export function encodeValue(name: string, type: string, value: unknown): string {
  if (isBag(value) && isRaw(value)) {
    return typeof value.$xml === 'string' ? value.$xml : renderElement(value.$xml, name)
  }
  if (type === 'ref') return encodeRef(name, value)
  if (type === 'anyType') return encodeAny(name, value)
  if (isPrimitive(type)) return `<${name}>${escapeXml(renderPrimitive(type, value))}</${name}>`
  const values = enumValuesOf(type)
  if (values === undefined) return encodeObject(name, type, value)
  if (typeof value !== 'string' || !values.includes(value)) {
    throw new CodecError('type', `<${name}> is ${String(value)}, not one of ${values.join(', ')}`, { type })
  }
  return `<${name}>${escapeXml(value)}</${name}>`
}

/** Encodes what a property of a known declared type holds as `anyType`, with the type named as real servers do. */
export function encodeProperty(name: string, field: Field, value: unknown): string {
  if (field.list) {
    const item = field.type === 'ref' ? 'ManagedObjectReference' : field.type
    const suffix = item.charAt(0).toUpperCase() + item.slice(1)
    return encodeArray(name, { $type: `ArrayOf${suffix}`, items: value as readonly unknown[] })
  }
  if (field.type === 'ref') return encodeRef(name, value, ' xsi:type="ManagedObjectReference"')
  if (field.type === 'anyType') return encodeAny(name, value)
  if (isPrimitive(field.type)) {
    return `<${name} xsi:type="xsd:${field.type}">${escapeXml(renderPrimitive(field.type, value))}</${name}>`
  }
  if (enumValuesOf(field.type) !== undefined) {
    return encodeValue(name, field.type, value).replace('>', ` xsi:type="${field.type}">`)
  }
  const typed = isBag(value) && !('$type' in value) && !isRaw(value) ? { $type: field.type, ...value } : value
  return encodeValue(name, field.type, typed)
}
