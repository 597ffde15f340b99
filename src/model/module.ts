import type { z } from 'zod'

import type { Change } from './change.ts'
import type { Clock } from './clock.ts'
import type { Demand } from './demand.ts'
import type { Progress } from './progress.ts'

/** The ways to a system that a module can ask for. */
export type ConnectionKind = 'none' | 'zia' | 'vsphere' | 'appliance' | 'members'

/** How much of a shared thing a module may use at once, over the whole run: `{ name: 'datastore ds1', max: 2 }`. */
export interface Limit {
  readonly name: string
  readonly max: number
}

/** What every function of a module is given. */
export interface ModuleContext<C, P> {
  readonly connection: C
  readonly params: P
  /** The target's name, for messages. */
  readonly target: string
  readonly signal: AbortSignal
  /** The only clock. A module that has to wait waits on it. */
  readonly clock: Clock
  /** Tells how far a long piece of work has come. */
  readonly progress: (progress: Progress) => void
  /** Tells something worth knowing that is neither a failure nor a change. */
  readonly warn: (message: string) => void
  /** The folder of this run, for what is brought home from a system; none where the run leaves nothing behind. */
  readonly folder?: string | undefined
  /** The failure domains, clusters mostly, in which something of this run has failed so far; none where absent. */
  readonly failed?: readonly string[] | undefined
  /**
   * The failure domains of which this run leaves out nothing that is changed through the module's connection; every one where
   * absent.
   */
  readonly domains?: readonly string[] | undefined
  /**
   * What this module has noted about a thing of this target, by the identity of the thing: a host key, a VM's UUID. A step that is
   * done once for many targets notes of their system, so that any of them finds it.
   */
  readonly recall: (identity: string) => string | undefined
}

/** What `apply` is given beside: what was read, and what has to change. */
export interface ApplyContext<C, P, F> extends ModuleContext<C, P> {
  readonly facts: F
  readonly changes: readonly Change[]
  /** Notes something about a thing that the thing itself cannot tell. Kept from run to run in plain text: never a secret. */
  readonly remember: (identity: string, note: string) => Promise<void>
}

/** How long an effect may take to show, in seconds of the run's clock. */
export interface Settle {
  readonly within: number
  readonly every: number
}

/** A module whose effect no system can be asked about: what was applied is kept in the engine's own record instead. */
export interface NoReadBack<F> {
  readonly kind: 'none'
  /** Why it cannot be read, as a clause: `the appliance has no command that shows it`. */
  readonly why: string
  /** Identifies the very thing that was changed, so that a rebuilt one counts as unchanged: a VM's UUID, a host key. */
  identity(facts: F): string
}

/**
 * An idempotent unit: data with `name, summary, connection, params, read, diff, apply`, in this order, because types are
 * inferred from `read` to `diff`. `read` only reads. `diff` is pure and synchronous. `apply` makes the changes it is given.
 * A module without `apply` is a check: it fails where `diff` finds anything.
 */
export interface Module<P extends z.ZodObject = z.ZodObject, F = unknown, R = unknown, W = unknown> {
  readonly kind: 'module'
  /** `family/name`, the same as its file. */
  readonly name: string
  readonly summary: string
  readonly connection: ConnectionKind
  readonly params: P
  /** The facts of a thing that does not exist yet; check mode compares with them where it cannot look. */
  readonly absent?: F | undefined
  /**
   * It carries out what other modules with its connection have staged: where check mode has predicted one of their changes,
   * `absent` says what it would find.
   */
  readonly follows?: boolean | undefined
  /** Present where the effect cannot be read back. */
  readonly readBack?: NoReadBack<F> | undefined
  /** Present where the effect takes time to show. */
  readonly settle?: Settle | undefined
  read(context: ModuleContext<R, z.output<P>>): Promise<F>
  diff(facts: F, params: z.output<P>): readonly Change[]
  apply?(context: ApplyContext<W, z.output<P>, F>): Promise<void>
  /** Says what the changes would interrupt; nothing where they interrupt nothing. */
  disruptive?(changes: readonly Change[], params: z.output<P>, facts: F): string | undefined
  /** Whether the changes make the machine that the target is, so that what was learned of an earlier one is forgotten. */
  creates?(changes: readonly Change[]): boolean
  limits?(params: z.output<P>): readonly Limit[]
  /** What it asks for at most of a system that allows only so many calls an hour. */
  demands?(params: z.output<P>): readonly Demand[]
  /**
   * The identities of things of which its own note no longer holds, by what was read: that note is gone from then on, but in
   * check mode. Without it a note holds until `apply` writes another one.
   */
  refutes?(facts: F): readonly string[]
  /** What an operator has to know of it before a run, in a sentence. */
  readonly caution?: string | undefined
  /** Of a check: what to do next about what it found, as far as the notes of the findings do not say it. */
  hint?(changes: readonly Change[], params: z.output<P>): string
}

/** A command with no state to compare: it runs whenever its step does. Check mode cannot predict it and says so. */
export interface Action<P extends z.ZodObject = z.ZodObject, W = unknown, O = unknown> {
  readonly kind: 'action'
  readonly name: string
  readonly summary: string
  readonly connection: ConnectionKind
  readonly params: P
  /** `always`: it changes something each time. `never`: it only looks, so it runs in check mode too. */
  readonly changes: 'always' | 'never'
  run(context: ModuleContext<W, z.output<P>>): Promise<O>
  disruptive?(params: z.output<P>): string | undefined
  limits?(params: z.output<P>): readonly Limit[]
}

/** A module or an action, with the params one step gives it. A value: making one does nothing. */
export interface Task<F = unknown> {
  readonly uses: Module<z.ZodObject, F> | Action<z.ZodObject, unknown, F>
  /** As written; checked against `uses.params` when the runbook is planned. */
  readonly input: unknown
}
