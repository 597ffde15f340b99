import { enumValuesOf, fieldsOf, isSubtype, type Field } from '../schema/lookup.ts'
import type { XmlElement } from './element.ts'
import { CodecError, locate } from './error.ts'
import { isPrimitive, parsePrimitive } from './primitive.ts'

/** How much a decoder forgives, and what it keeps. */
export interface DecodeOptions {
  /**
   * For requests: order, unknown elements, unknown subtypes and enumeration values are errors. For answers, a newer server
   * may send more than the table knows: unknown elements are skipped and an unknown subtype is read as the declared type.
   */
  readonly strict: boolean
  /** Fields, as `Type.field`, to keep as `{ $xml }` instead of decoding them. */
  readonly raw?: ReadonlySet<string>
}

type Bag = Record<string, unknown>

function decodeRef(element: XmlElement): unknown {
  const type = element.attributes['type']
  const value = element.text.trim()
  if (type === undefined || value === '' || element.children.length > 0) {
    throw new CodecError('type', `<${element.name}> is not a managed object reference`, { type: 'ref' })
  }
  return { type, value }
}

function decodeArray(element: XmlElement, type: string, options: DecodeOptions): unknown {
  const item = type.slice('ArrayOf'.length)
  const primitive = item.charAt(0).toLowerCase() + item.slice(1)
  const of =
    item === 'ManagedObjectReference'
      ? 'ref'
      : isPrimitive(primitive) || primitive === 'anyType'
        ? primitive
        : item
  if (!options.strict && !isKnown(of))
    return element.children.map((child) => decodeUnknown(child, child.xsiType))
  return decodeList(element.children, of, options)
}

const isKnown = (type: string): boolean =>
  type === 'ref' ||
  type === 'anyType' ||
  isPrimitive(type) ||
  fieldsOf(type) !== undefined ||
  enumValuesOf(type) !== undefined

function decodeList(
  elements: readonly XmlElement[],
  type: string,
  options: DecodeOptions,
): readonly unknown[] {
  const values: unknown[] = []
  for (const child of elements) {
    try {
      values.push(decodeValue(child, type, options))
    } catch (error) {
      throw locate(error, `[${values.length}]`)
    }
  }
  return values
}

// A type that the table does not know: everything in it as text, so that one new type never spoils an answer.
function decodeUnknown(element: XmlElement, type: string | undefined): unknown {
  if (element.children.length === 0) return element.text
  const bag: Bag = Object.create(null) as Bag
  for (const child of element.children) bag[child.name] = decodeUnknown(child, child.xsiType)
  return type === undefined ? bag : Object.assign(bag, { $type: type })
}

function decodeAny(element: XmlElement, options: DecodeOptions): unknown {
  const type = element.xsiType
  if (type === undefined) {
    if (options.strict) throw new CodecError('type', `<${element.name}> has no xsi:type`, { type: 'anyType' })
    return 'type' in element.attributes ? decodeRef(element) : decodeUnknown(element, undefined)
  }
  if (type === 'ManagedObjectReference') return decodeRef(element)
  if (type.startsWith('xsd:')) return decodePrimitive(element, type.slice(4))
  if (type.startsWith('ArrayOf')) return decodeArray(element, type, options)
  if (enumValuesOf(type) !== undefined) return decodeEnum(element, type, options)
  if (fieldsOf(type) !== undefined) return { $type: type, ...decodeObject(element, type, options) }
  if (options.strict)
    throw new CodecError('type', `<${element.name}> is of the unknown type ${type}`, { type })
  return decodeUnknown(element, type)
}

function decodePrimitive(element: XmlElement, type: string): unknown {
  const first = element.children[0]
  if (first !== undefined) {
    throw new CodecError(
      'unknown',
      `Unexpected element tag "${first.name}" seen inside the ${type} <${element.name}>`,
      {
        type,
      },
    )
  }
  return parsePrimitive(type, element.text)
}

function decodeEnum(element: XmlElement, type: string, { strict }: DecodeOptions): unknown {
  const text = element.text.trim()
  if (strict && !enumValuesOf(type)?.includes(text)) {
    throw new CodecError('type', `“${text.slice(0, 60)}” is not a valid ${type}`, { type })
  }
  return text
}

function misplaced(element: XmlElement, fields: readonly Field[], type: string): CodecError {
  const known = fields.some((field) => field.name === element.name)
  return new CodecError(
    known ? 'order' : 'unknown',
    `Unexpected element tag "${element.name}" seen while parsing serialized DataObject of type ${type}`,
    { type },
  )
}

// Elements come in the order of the fields, so one walk over both is enough; out-of-order ones are looked up when forgiven.
function place(
  children: readonly XmlElement[],
  fields: readonly Field[],
  subject: { type: string; strict: boolean },
) {
  const placed: (XmlElement[] | undefined)[] = Array.from({ length: fields.length })
  let at = 0
  for (const child of children) {
    // A value that says it is none is as good as left out; only a client that is wrong about that says so.
    if (!subject.strict && child.isNil === true) continue
    let index = at
    while (index < fields.length && fields[index]?.name !== child.name) index += 1
    if (index === fields.length) {
      if (subject.strict) throw misplaced(child, fields, subject.type)
      index = fields.findIndex((field) => field.name === child.name)
      if (index < 0) continue
    } else at = index
    const list = placed[index]
    if (list === undefined) placed[index] = [child]
    else if (fields[index]?.list === true) list.push(child)
    else {
      throw new CodecError('repeated', `${subject.type}.${child.name} is there more than once`, {
        type: subject.type,
      })
    }
  }
  return placed
}

/** Decodes the children of an element as the fields of `type`; a list that is not there becomes an empty one. */
export function decodeFields(
  element: XmlElement,
  { fields, type }: { readonly fields: readonly Field[]; readonly type: string },
  options: DecodeOptions,
): Bag {
  const placed = place(element.children, fields, { type, strict: options.strict })
  const bag: Bag = {}
  for (const [index, field] of fields.entries()) {
    const found = placed[index]
    if (found === undefined) {
      // A server writes a list that has nothing in it, but has to be there, as nothing.
      if (field.required && (options.strict || !field.list)) {
        throw new CodecError(
          'missing',
          `Required property ${field.name} is missing from data object of type ${type}`,
          {
            type,
            path: field.name,
          },
        )
      }
      if (field.list) bag[field.name] = []
      continue
    }
    const isKept = options.raw?.has(`${type}.${field.name}`) === true
    if (isKept) {
      bag[field.name] = field.list ? found.map(($xml) => ({ $xml })) : { $xml: found[0] }
      continue
    }
    try {
      bag[field.name] = field.list
        ? decodeList(found, field.type, options)
        : decodeValue(found[0] ?? element, field.type, options)
    } catch (error) {
      throw locate(error, field.name)
    }
  }
  return bag
}

function decodeObject(element: XmlElement, type: string, options: DecodeOptions): Bag {
  const fields = fieldsOf(type)
  if (fields === undefined)
    throw new CodecError('type', `<${element.name}> is of the unknown type ${type}`, { type })
  return decodeFields(element, { fields, type }, options)
}

function decodeSubtype(element: XmlElement, declared: string, options: DecodeOptions): unknown {
  const named = element.xsiType
  if (named === undefined || named === declared) return decodeObject(element, declared, options)
  if (isSubtype(named, declared)) return { ...decodeObject(element, named, options), $type: named }
  if (options.strict || fieldsOf(named) !== undefined) {
    throw new CodecError('type', `<${element.name}> is a ${named}, which is no ${declared}`, {
      type: declared,
    })
  }
  return { ...decodeObject(element, declared, options), $type: named }
}

/**
 * Decodes an element of a declared type; how values are tagged stands at the top of `encode.ts`. Throws a `CodecError`
 * that says what is wrong, in a real server's words where it has some.
 */
export function decodeValue(element: XmlElement, type: string, options: DecodeOptions): unknown {
  if (type === 'ref') return decodeRef(element)
  if (type === 'anyType') return decodeAny(element, options)
  if (isPrimitive(type)) return decodePrimitive(element, type)
  if (enumValuesOf(type) !== undefined) return decodeEnum(element, type, options)
  return decodeSubtype(element, type, options)
}
