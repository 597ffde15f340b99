import type { z } from 'zod'

import type { Endpoints } from './endpoint.ts'
import type { Issue } from './issue.ts'
import type { LabSeed } from './lab-seed.ts'
import type { Level } from './level.ts'

/** The variables of every level, each as a strict zod object. The engine never looks inside. */
export interface Levels {
  readonly estate: z.ZodObject
  readonly site: z.ZodObject
  readonly cluster: z.ZodObject
  readonly node: z.ZodObject
}

/** A node with its validated variables. */
export type Node<L extends Levels = Levels> = z.output<L['node']> & { readonly name: string }

/** A cluster with its validated variables and its nodes. */
export type Cluster<L extends Levels = Levels> = z.output<L['cluster']> & {
  readonly name: string
  readonly nodes: readonly Node<L>[]
}

/** A site with its validated variables and its clusters. */
export type Site<L extends Levels = Levels> = z.output<L['site']> & {
  readonly name: string
  readonly clusters: readonly Cluster<L>[]
}

/** The whole inventory: what all sites share, and the sites. */
export type Estate<L extends Levels = Levels> = z.output<L['estate']> & {
  readonly name: string
  readonly sites: readonly Site<L>[]
}

/** What a step that runs per `V` may look at: its own level and everything above it. */
export type Scope<L extends Levels = Levels, V extends Level = Level> = V extends 'node'
  ? {
      readonly estate: Estate<L>
      readonly site: Site<L>
      readonly cluster: Cluster<L>
      readonly node: Node<L>
    }
  : V extends 'cluster'
    ? { readonly estate: Estate<L>; readonly site: Site<L>; readonly cluster: Cluster<L> }
    : V extends 'site'
      ? { readonly estate: Estate<L>; readonly site: Site<L> }
      : { readonly estate: Estate<L> }

/** What a person writes: the variables of each level, and the levels below by name. */
export type WrittenInventory<L extends Levels = Levels> = z.input<L['estate']> & {
  readonly sites: Readonly<
    Record<
      string,
      z.input<L['site']> & {
        readonly clusters: Readonly<
          Record<
            string,
            z.input<L['cluster']> & { readonly nodes: Readonly<Record<string, z.input<L['node']>>> }
          >
        >
      }
    >
  >
}

/** A rule over the whole address plan: pure, and told of every problem, not only the first. */
export interface InventoryRule<L extends Levels = Levels> {
  /** One sentence in the words of the documentation. */
  readonly summary: string
  check(estate: Estate<L>, report: (issue: Issue) => void): void
}

/** What kinds of things an inventory describes, what must hold between them, and how their systems are reached. */
export interface Schema<L extends Levels = Levels> {
  readonly name: string
  readonly levels: L
  readonly rules: readonly InventoryRule<L>[]
  /** How the systems behind one target are reached. */
  endpoints(scope: Partial<Scope<L, 'node'>> & Scope<L, 'estate'>): Endpoints
  /** What the lab has to build so that this inventory can be deployed in it. */
  lab(estate: Estate<L>): LabSeed
  /** The inventory without what the lab has its own of, where one is rehearsed in it: certificates, files on web servers. */
  rehearse?(estate: Estate<L>): Estate<L>
}

/** An inventory as `defineInventory` returns it: written, and not yet checked. */
export interface InventoryDefinition<L extends Levels = Levels> {
  readonly kind: 'inventory'
  readonly schema: Schema<L>
  readonly written: unknown
  /** Whether the systems it names are the embedded lab's. */
  readonly lab: boolean
}
