import type { ObjectName } from '../../../connect/govmomi/schema/objects.ts'
import type { MoRef } from '../../../connect/govmomi/schema/values.ts'
import type { Session } from './session.ts'

/** Who calls a method, and until when the answer is of use. */
export interface Call {
  readonly session: Session
  /** Aborted when the caller hangs up, the session ends, or the server closes. */
  readonly signal: AbortSignal
}

/** A method: takes decoded, complete arguments by name, and throws a `MethodFault`. */
export type Method = (args: Readonly<Record<string, unknown>>, call: Call) => unknown

/** Declares a method whose arguments have the shape `A`: the schema has checked them before it is called. */
export function method<A>(run: (args: A, call: Call) => unknown): Method {
  return (args, call) => run(args as A, call)
}

/** A reference whose type the schema knows. */
export type Ref<T extends ObjectName = ObjectName> = MoRef & { readonly type: T }

/** Something that has an id, properties and methods. Its type stands in the schema. */
export interface ManagedObject {
  readonly ref: Ref
  /** How to find each property's value, which is in the form that the codec encodes; `undefined` where it is not set. */
  readonly properties: Readonly<Record<string, () => unknown>>
  /** Operations by their name on the wire. */
  readonly methods: Readonly<Record<string, Method>>
}
