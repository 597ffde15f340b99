import type { ZiaObjects } from '#sdk'

/** The objects of a tenant, from the shared lists. */
export type Objects = { readonly [K in keyof ZiaObjects]: readonly ZiaObjects[K][] }

/** What is bound to what: all that a Service Edge can be part of. */
export type Edges = Pick<Objects, 'virtualZenNodes' | 'virtualZenClusters' | 'locations'>

/** A reference to another object. */
export interface Reference {
  readonly id: number
}

/** Whether a list of references has this object. */
export function refersTo(references: readonly Reference[] | null | undefined, id: number): boolean {
  return (references ?? []).some((reference) => reference.id === id)
}
