import type { Reply } from './reply.ts'
import type { Body, Shape } from './shape.ts'
import type { Configuration, Stored } from './state.ts'

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
  /** The query parameter, beside `search`, that picks by name. */
  readonly nameQuery?: string
  /** Whether it gets a gateway id of its own. */
  readonly hasGateway?: boolean
  /** Fills in what a body leaves out, as a full replace does; the id is added by the caller. */
  readonly complete: (placing: Placing) => Body
  /** Finds what is wrong with values that have the right types. */
  readonly check?: (placing: Placing) => Reply | undefined
  /** Makes room: other objects that have to change with this one. */
  readonly settle?: (stored: Stored, placing: Placing) => void
  /** Why it cannot be deleted. */
  readonly keep?: (stored: Stored) => Reply | undefined
  /** How GET shows it. */
  readonly show: (stored: Stored, staged: Configuration) => Body
  /** How POST and PUT echo it; as GET shows it where absent. */
  readonly echo?: (stored: Stored, body: Body) => Body
  /** Whether the list has it. */
  readonly isListed?: (stored: Stored) => boolean
}

/** A body without some of its fields. */
export function without(body: Body, keys: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)))
}
