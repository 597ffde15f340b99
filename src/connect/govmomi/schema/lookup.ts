import { enums } from './enums.ts'
import { objects, type ObjectName } from './objects.ts'
import { operations, type OperationName } from './operations.ts'
import type { EnumTable, FieldText, ObjectTable, OperationEntry, OperationTable, TypeTable } from './shape.ts'
import { types } from './types.ts'

/** A field as the codec wants it: the table's shorthand taken apart. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly list: boolean
  /** At least one is needed. */
  readonly required: boolean
}

const table: TypeTable = types
const objectTable: ObjectTable = objects
const operationTable: OperationTable = operations
const enumTable: EnumTable = enums

/** Takes a field's shorthand apart. */
export function parseField(name: string, text: FieldText): Field {
  const mark = text.at(-1)
  const plain = mark !== '?' && mark !== '*' && mark !== '+'
  return {
    name,
    type: plain ? text : text.slice(0, -1),
    list: mark === '*' || mark === '+',
    required: plain || mark === '+',
  }
}

const parsedFields = new Map<string, readonly Field[]>()

/** The fields of a data object type, the base's first, in the order of the wire; undefined for an unknown type. */
export function fieldsOf(type: string): readonly Field[] | undefined {
  const known = parsedFields.get(type)
  if (known !== undefined) return known
  if (!Object.hasOwn(table, type)) return undefined
  const entry = table[type]
  if (entry === undefined) return undefined
  const inherited = entry.extends === undefined ? [] : (fieldsOf(entry.extends) ?? [])
  const own = Object.entries(entry.fields).map(([name, text]) => parseField(name, text))
  const fields = [...inherited, ...own]
  parsedFields.set(type, fields)
  return fields
}

const parsedParams = new Map<string, readonly Field[]>()

/** The parameters of an operation after `_this`, in the order of the wire. */
export function paramsOf(operation: OperationName): readonly Field[] {
  const known = parsedParams.get(operation)
  if (known !== undefined) return known
  const entry: OperationEntry = operations[operation]
  const params = Object.entries(entry.params).map(([name, text]) => parseField(name, text))
  parsedParams.set(operation, params)
  return params
}

/** Whether the table has an operation of this name. */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operationTable, name)
}

/** Whether the table has a managed object type of this name. */
export function isObjectName(name: string): name is ObjectName {
  return Object.hasOwn(objectTable, name)
}

/** The values of an enumeration; undefined where `name` is none. */
export function enumValuesOf(name: string): readonly string[] | undefined {
  return Object.hasOwn(enumTable, name) ? enumTable[name] : undefined
}

/** Whether a data object type is `base` or inherits from it. False for unknown types. */
export function isSubtype(type: string, base: string): boolean {
  for (let at: string | undefined = type; at !== undefined; at = table[at]?.extends) {
    if (!Object.hasOwn(table, at)) return false
    if (at === base) return true
  }
  return false
}

/** Whether a managed object type is `base` or inherits from it. */
export function isObjectSubtype(type: string, base: string): boolean {
  for (let at: string | undefined = type; at !== undefined; at = objectTable[at]?.extends) {
    if (at === base) return true
    if (!Object.hasOwn(objectTable, at)) return false
  }
  return false
}

function propertyText(object: string, name: string): FieldText | undefined {
  for (let at: string | undefined = object; at !== undefined; at = objectTable[at]?.extends) {
    if (!Object.hasOwn(objectTable, at)) return undefined
    const properties = objectTable[at]?.properties
    if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name]
  }
  return undefined
}

/**
 * The declared type of a managed object's property, by its dotted path: `config.hardware.device` of a `VirtualMachine` is
 * a list of `VirtualDevice`. Undefined where the table has no such property.
 */
export function propertyField(object: string, path: string): Field | undefined {
  const [head = '', ...rest] = path.split('.')
  const text = propertyText(object, head)
  if (text === undefined) return undefined
  let field = parseField(head, text)
  for (const name of rest) {
    const next = field.list ? undefined : fieldsOf(field.type)?.find((candidate) => candidate.name === name)
    if (next === undefined) return undefined
    field = next
  }
  return field
}
