import { readPages, type ReaderParts } from './reader.ts'
import type { ZiaKind, ZiaObjects } from './resource.ts'
import type { ZiaUse } from './session.ts'

/** Finds an object by exactly this name in a list that is read now, which everybody shares from then on. */
export async function findAfresh<K extends ZiaKind>(
  { call, lists }: ReaderParts,
  { kind, name }: { readonly kind: K; readonly name: string },
  use: ZiaUse,
): Promise<ZiaObjects[K] | undefined> {
  lists.drop(kind)
  const objects = await readPages({ kind, call, use })
  lists.set(kind, objects)
  return objects.find((object) => object.name === name)
}
