import { isSubtype } from '../schema/lookup.ts'
import type { TypeName } from '../schema/types.ts'
import type { Value } from '../schema/values.ts'

/** A virtual device as it is read. */
export type Device = Value<'VirtualDevice'>

/** The value as the subtype it is, by its `$type`; undefined where it is another. */
export function narrow<T extends TypeName>(
  value: { readonly $type?: string | undefined } | undefined,
  type: T,
): Value<T> | undefined {
  return value?.$type !== undefined && isSubtype(value.$type, type)
    ? (value as unknown as Value<T>)
    : undefined
}

/** The devices of a type, subtypes included, in the order of their keys: the order of the adapters. */
export function devicesOf<T extends TypeName>(devices: readonly Device[], type: T): readonly Value<T>[] {
  return devices
    .filter((device) => narrow(device, type) !== undefined)
    .toSorted((a, b) => a.key - b.key) as unknown as readonly Value<T>[]
}
