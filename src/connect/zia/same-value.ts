import { isDeepStrictEqual } from 'node:util'

/** Whether two values of a field mean the same: lists in any order, references by their id alone, because servers add names to them. */
export function isSameValue(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(plain(one), plain(other))
}

/** The keys of the fields that an object does not have as they are wanted. A rule's place is where it was put once. */
export function listUnlike(object: object, fields: object): readonly string[] {
  const has = new Map<string, unknown>(Object.entries(object))
  return Object.entries(fields).flatMap(([key, value]) =>
    key === 'order' || value === undefined || isSameValue(has.get(key), value) ? [] : [key],
  )
}

/** The id of an object or a reference, where it has one. */
export function readId(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined
  return typeof value.id === 'number' && Number.isSafeInteger(value.id) ? value.id : undefined
}

/** Servers leave out what is empty, or write it as nothing. */
function plain(value: unknown): unknown {
  if (value === null || value === '') return undefined
  if (!Array.isArray(value)) return value
  if (value.length === 0) return undefined
  const items = value.map((item: unknown) => JSON.stringify(readId(item) ?? item))
  return items.toSorted((a, b) => (a < b ? -1 : 1))
}
