import { readPages, type ReaderParts } from './reader.ts'
import type { ZiaKind, ZiaObjects } from './resource.ts'
import type { ZiaUse } from './session.ts'

/**
 * Finds an object by exactly this name in a list that is read now, which everybody shares from then on, and another one that ZIA
 * takes for the same: its name differs in the case of its letters alone.
 */
export async function findAfresh<K extends ZiaKind>(
  { call, lists }: ReaderParts,
  { kind, name }: { readonly kind: K; readonly name: string },
  use: ZiaUse,
): Promise<{ readonly found: ZiaObjects[K] | undefined; readonly twin: string | undefined }> {
  lists.drop(kind)
  const objects = await readPages({ kind, call, use })
  lists.set(kind, objects)
  const lower = name.toLowerCase()
  return {
    found: objects.find((object) => object.name === name),
    twin: objects.find((object) => object.name !== name && object.name.toLowerCase() === lower)?.name,
  }
}
