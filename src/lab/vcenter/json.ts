import type { Json } from '../../model/change.ts'

/** A data object as it is kept in a document. */
export type JsonObject = Readonly<Record<string, Json>>

/** A decoded value as it is kept in a document: long integers as numbers, what is not set left out. */
export function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value as Json
  const entries = Object.entries(value).filter(
    ([, field]) => field !== undefined && !(Array.isArray(field) && field.length === 0),
  )
  return Object.fromEntries(entries.map(([name, field]) => [name, toJson(field)]))
}

/** The object at a field; empty where there is none. */
export function objectAt(object: JsonObject, field: string): JsonObject {
  const value = object[field]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** The text at a field; empty where there is none. */
export function textAt(object: JsonObject, field: string): string {
  const value = object[field]
  return typeof value === 'string' ? value : ''
}
