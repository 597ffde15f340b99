import { encodeProperty } from '../../../connect/govmomi/codec/encode.ts'
import { escapeName } from '../../../connect/govmomi/codec/entity-name.ts'
import { isObjectSubtype, propertyField } from '../../../connect/govmomi/schema/lookup.ts'
import type { ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'

/** Reads a property by its dotted path; `undefined` where it is not set. Throws `InvalidProperty`. */
export function readProperty(object: ManagedObject, path: string): unknown {
  if (propertyField(object.ref.type, path) === undefined && !isInSubtype(object, path))
    throw faults.invalidProperty(path)
  const [head = '', ...rest] = path.split('.')
  let value = object.properties[head]?.()
  for (const name of rest) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  // An entity's name is escaped as in a path; every other name, such as a host's own of a port group, is plain.
  const isEntityName =
    path === 'name' && typeof value === 'string' && isObjectSubtype(object.ref.type, 'ManagedEntity')
  return isEntityName ? escapeName(value as string) : value
}

/** Reads a property as the XML of a `val`; `undefined` where it is not set. */
export function renderProperty(object: ManagedObject, path: string): string | undefined {
  const value = readProperty(object, path)
  if (value === undefined) return undefined
  const field = propertyField(object.ref.type, path)
  if (field === undefined) throw faults.invalidProperty(path)
  return encodeProperty('val', field, value)
}

// A path may lead through a field that only the value's actual type has; the table knows the declared ones.
function isInSubtype(object: ManagedObject, path: string): boolean {
  const dot = path.lastIndexOf('.')
  if (dot < 0) return false
  const outer = path.slice(0, dot)
  if (propertyField(object.ref.type, outer) === undefined) return false
  const value = readProperty(object, outer)
  return typeof value === 'object' && value !== null && path.slice(dot + 1) in value
}
