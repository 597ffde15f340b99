import type { Kit } from './kit.ts'

/** Something that every server does, as a test against any of them. It makes what it needs, under names of its own. */
export interface Behaviour {
  readonly title: string
  /** The one kind of server that has this at all. */
  readonly only?: 'vcenter' | 'esxi' | undefined
  readonly run: (kit: Kit) => Promise<void>
}
