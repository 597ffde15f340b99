import type { enums } from './enums.ts'
import type { ObjectName, objects } from './objects.ts'
import type { OperationName, operations } from './operations.ts'
import type { TypeName, types } from './types.ts'

/** A reference to a managed object: its type and its id, such as `{ type: 'Folder', value: 'group-v3' }`. */
export interface MoRef {
  readonly type: string
  readonly value: string
}

/** What a field of type `anyType` can hold. See `codec/encode.ts` for how each is tagged on the wire. */
export type AnyValue =
  | string
  | number
  | bigint
  | boolean
  | MoRef
  | { readonly $type: string }
  | readonly AnyValue[]

interface Primitives {
  readonly string: string
  readonly boolean: boolean
  readonly byte: number
  readonly short: number
  readonly int: number
  readonly long: bigint
  readonly float: number
  readonly double: number
  /** As on the wire: servers send microseconds, which a `Date` would drop. */
  readonly dateTime: string
  readonly anyType: AnyValue
  readonly ref: MoRef
}

/** `out`: what is decoded, where a list is always there. `in`: what is encoded, where an empty one may be left out. */
type Mode = 'in' | 'out'

type Named<T extends string, M extends Mode> = T extends keyof Primitives
  ? Primitives[T]
  : T extends keyof typeof enums
    ? (typeof enums)[T][number]
    : T extends TypeName
      ? Shape<T, M>
      : never

type Field<F, M extends Mode> = F extends `${infer T}?`
  ? Named<T, M>
  : F extends `${infer T}*`
    ? readonly Named<T, M>[]
    : F extends `${infer T}+`
      ? readonly Named<T, M>[]
      : F extends string
        ? Named<F, M>
        : never

type OptionalKeys<F, M extends Mode> = {
  [K in keyof F]: F[K] extends `${string}?`
    ? K
    : F[K] extends `${string}*`
      ? M extends 'in'
        ? K
        : never
      : never
}[keyof F]

type Fields<F, M extends Mode> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F, M>>]: Field<F[K], M>
} & { readonly [K in OptionalKeys<F, M>]?: Field<F[K], M> | undefined }

type Shape<N extends TypeName, M extends Mode> = Fields<(typeof types)[N]['fields'], M> &
  ((typeof types)[N] extends { readonly extends: infer B extends TypeName }
    ? Shape<B, M>
    : { readonly $type?: string | undefined })

/** A data object as it is decoded. `$type` names its type where that is a subtype of the declared one. */
export type Value<N extends TypeName> = Shape<N, 'out'>

/** A data object as it is encoded. */
export type Input<N extends TypeName> = Shape<N, 'in'>

/** The arguments of an operation, without `_this`. */
export type Arguments<O extends OperationName> = Fields<(typeof operations)[O]['params'], 'in'>

/** What an operation answers. */
export type Result<O extends OperationName> = (typeof operations)[O] extends { readonly result: infer F }
  ? F extends `${string}?`
    ? Field<F, 'out'> | undefined
    : Field<F, 'out'>
  : undefined

type PropertyTexts<O extends ObjectName> = (typeof objects)[O]['properties'] &
  ((typeof objects)[O] extends { readonly extends: infer B extends ObjectName } ? PropertyTexts<B> : unknown)

type FieldTexts<N extends TypeName> = (typeof types)[N]['fields'] &
  ((typeof types)[N] extends { readonly extends: infer B extends TypeName } ? FieldTexts<B> : unknown)

type Plain<F> = F extends `${infer T}?` ? T : F

type Walk<Texts, P extends string> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof Texts
    ? Plain<Texts[Head]> extends infer T extends TypeName
      ? Walk<FieldTexts<T>, Rest> | (Texts[Head] extends `${string}?` ? undefined : never)
      : never
    : never
  : P extends keyof Texts
    ? Field<Texts[P], 'out'> | (Texts[P] extends `${string}?` ? undefined : never)
    : never

/** What a managed object's property, by its dotted path, holds. */
export type Property<O extends ObjectName, P extends string> = Walk<PropertyTexts<O>, P>

/** What is read of a managed object: its properties by path. */
export type Properties<O extends ObjectName, P extends string> = { readonly [K in P]: Property<O, K> }
