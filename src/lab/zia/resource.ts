import type { Reply } from './reply.ts'
import type { Body, Shape } from './shape.ts'
import type { Configuration, Stored } from './state.ts'

/** What decides how a tenant answers, beside its state. */
export interface TenantRules {
  /** Does what one would expect as well, and not only what was recorded or is documented. */
  readonly isPlausible: boolean
  /** Service Edges that may be added; none where the subscription is missing or over. */
  readonly licences: number
  readonly isSubscribed: boolean
  readonly firewall: 'standard' | 'advanced'
  /** Location bindings are taken and forgotten. */
  readonly dropsBinding: boolean
  /** A location without a source of traffic is refused. */
  readonly wantsSource: boolean
  /** Whether the API user may change anything. */
  readonly mayWrite: boolean
  /** What is not there is answered without a body. */
  readonly isTerse: boolean
}

/** An object about to be stored, and what it is stored into. */
export interface Placing {
  readonly body: Body
  /** What it replaces; nothing where it is new. */
  readonly old: Stored | undefined
  readonly staged: Configuration
  /** Milliseconds since the epoch, of the lab's clock. */
  readonly now: number
  /** Who edits, as `lastModifiedBy` names them. */
  readonly editor: string
  readonly rules: TenantRules
}

/** How one kind of object behaves. */
export interface Resource {
  readonly noun: string
  readonly shape: Shape
  readonly required: readonly string[]
  readonly firstId: number
  /** Milliseconds that the real one takes. */
  readonly latency: {
    readonly GET: number
    readonly POST: number
    readonly PUT: number
    readonly DELETE: number
  }
  /** Objects a page where nobody asks for another number, and at most. */
  readonly pages: { readonly size: number; readonly most: number }
  /** How many there may be in a tenant. */
  readonly most?: number
  /** Query parameters that pick from the list, beside `search`. */
  readonly filters?: Readonly<Record<string, (stored: Stored, wanted: string) => boolean>>
  /** What `search` looks at beside the name. */
  readonly searched?: (stored: Stored) => string
  /** Whether it gets a gateway id of its own. */
  readonly hasGateway?: boolean
  /** Fills in what a body leaves out, as a full replace does; the id is added by the caller. */
  readonly complete: (placing: Placing) => Body
  /** Finds what is wrong with values that have the right types. */
  readonly check?: (placing: Placing) => Reply | undefined
  /** Makes room: other objects that have to change with this one. */
  readonly settle?: (stored: Stored, placing: Placing) => void
  /** Why it cannot be deleted. */
  readonly keep?: (stored: Stored, holding: Pick<Placing, 'staged' | 'rules'>) => Reply | undefined
  /** What is deleted with it, by id. */
  readonly below?: (stored: Stored, staged: Configuration) => readonly number[]
  /** Closes the gap that it has left: other objects that have to change when it is deleted. */
  readonly close?: (gone: Stored, staged: Configuration) => void
  /** How GET shows it. */
  readonly show: (stored: Stored, staged: Configuration, rules: Pick<TenantRules, 'mayWrite'>) => Body
  /** How POST and PUT echo it; as GET shows it where absent. */
  readonly echo?: (stored: Stored, placing: Placing) => Body
  /** Whether the list has it. */
  readonly isListed?: (stored: Stored) => boolean
}

/** A body without some of its fields. */
export function without(body: Body, keys: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)))
}
