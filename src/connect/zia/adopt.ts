import { isDeepStrictEqual } from 'node:util'

import { ModuleError } from '../../model/error.ts'
import { RESOURCES, type ZiaFields, type ZiaKind, type ZiaObjects } from './resource.ts'

/** An object that has the name which another was to get. */
export interface Adoption<K extends ZiaKind> {
  readonly found: ZiaObjects[K] | undefined
  readonly fields: ZiaFields<K> & { readonly name: string }
  readonly error: unknown
}

/** Takes the object that has the name already, where it is what was wanted; the place among the rules may differ. */
export function adopt<K extends ZiaKind>(kind: K, { found, fields, error }: Adoption<K>): number {
  const { noun } = RESOURCES[kind]
  if (found === undefined) {
    throw new ModuleError(
      `ZIA says that the name “${fields.name}” of a ${noun} is taken, but lists none of it`,
      {
        cause: error,
        hint: 'another kind of object has this name, perhaps in other letters: rename one of the two',
      },
    )
  }
  const entries = Object.entries(found)
  const has = new Map<string, unknown>(entries)
  const other = Object.entries(fields).filter(
    ([key, value]) => key !== 'order' && !isDeepStrictEqual(plain(has.get(key)), plain(value)),
  )
  if (other.length === 0) return found.id
  throw new ModuleError(
    `somebody else made a ${noun} “${fields.name}” meanwhile, with another ${other.map(([key]) => key).join(', ')}`,
    {
      cause: error,
      hint: 'look at it in the Admin Portal; run the same command again to change it as wanted',
    },
  )
}

/** The id of an object or a reference, where it has one. */
export function readId(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined
  return typeof value.id === 'number' && Number.isSafeInteger(value.id) ? value.id : undefined
}

/** A value as it compares: references by their id alone, because servers add names to them. */
function plain(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const items = value.map((item: unknown) => JSON.stringify(readId(item) ?? item))
  return items.toSorted((a, b) => (a < b ? -1 : 1))
}
