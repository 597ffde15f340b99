import type { ZiaFields, ZiaKind, ZiaObjects } from './resource.ts'

/** An object to replace, and what is laid over it as it is then. */
export interface Replacement<K extends ZiaKind> {
  readonly kind: K
  readonly id: number
  readonly overlay: (current: ZiaObjects[K]) => ZiaFields<K>
}

/** What an object was replaced by, all fields but the server's own, which of them were laid over it, and what it was before. */
export interface Replaced {
  readonly sent: Fields
  readonly laid: Fields
  readonly before: Fields
}

/** Fields by name, whatever they hold. */
export type Fields = Readonly<Record<string, unknown>>
