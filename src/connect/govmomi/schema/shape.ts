/**
 * The type of one field, in the table's shorthand: a primitive, an enumeration or a data object type, followed by its
 * cardinality: nothing (exactly one), `?` (at most one), `*` (any number), `+` (at least one).
 */
export type FieldText = string

/** A data object type: where it inherits from, and its own fields in the order in which the wire wants them. */
export interface TypeEntry {
  readonly extends?: string
  readonly fields: Readonly<Record<string, FieldText>>
}

/** Data object types by name. */
export type TypeTable = Readonly<Record<string, TypeEntry>>

/** Enumerations by name. */
export type EnumTable = Readonly<Record<string, readonly string[]>>

/** A managed object type and its properties. */
export interface ObjectEntry {
  readonly extends?: string
  readonly properties: Readonly<Record<string, FieldText>>
}

/** Managed object types by name. */
export type ObjectTable = Readonly<Record<string, ObjectEntry>>

/** An operation: what it is called on, its parameters in order, and what it answers. */
export interface OperationEntry {
  /** The managed object type that has it; subtypes have it too. */
  readonly on: string
  /** Whether it changes the inventory. Session, view and collector bookkeeping does not. */
  readonly mutates: boolean
  /** Whether to carry it out twice is the same as once, so that it may be sent again when its answer was lost. */
  readonly repeatable?: true
  /** After `_this`, in the order in which the wire wants them. */
  readonly params: Readonly<Record<string, FieldText>>
  readonly result?: FieldText
}

/** Operations by their name on the wire. */
export type OperationTable = Readonly<Record<string, OperationEntry>>
