/** A body as it comes in: JSON of any kind. */
export type Body = Readonly<Record<string, unknown>>

/** What a field may hold. `any` is for what the lab stores and never looks into. */
type FieldType = 'text' | 'flag' | 'number' | 'texts' | 'references' | 'any' | readonly string[]

/** Every field that a resource knows, the server-owned ones included. */
export type Shape = Readonly<Record<string, FieldType>>

/** Whether a body has only known fields of the right types, and everything that is required. */
export function fits(body: unknown, shape: Shape, required: readonly string[]): body is Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
  const entries = Object.entries(body)
  const has = new Map<string, unknown>(entries)
  return (
    required.every((key) => has.get(key) !== undefined && has.get(key) !== null && has.get(key) !== '') &&
    entries.every(([key, value]) => {
      const type = Object.hasOwn(shape, key) ? shape[key] : undefined
      return type !== undefined && (value === null || isOf(type, value))
    })
  )
}

function isOf(type: FieldType, value: unknown): boolean {
  switch (type) {
    case 'any':
      return true
    case 'text':
      return typeof value === 'string'
    case 'flag':
      return typeof value === 'boolean'
    case 'number':
      // A numeric string was accepted for a number of minutes.
      return typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'references':
      return Array.isArray(value) && value.every(isReference)
    default:
      return typeof value === 'string' && type.includes(value)
  }
}

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && Number.isSafeInteger(value.id)
}
