import type { Change } from '#sdk'

/**
 * What tells an object from ours that only has its name. A name can be given twice in the life of a tenant; its address is what
 * a Service Edge really is.
 */
export function isAnother(path: string, from: string | null | undefined, to: string): Change {
  const note = 'it has our name, and is another one: correct the inventory, or remove it in the Admin Portal'
  return { path, from: from ?? undefined, to, note }
}
