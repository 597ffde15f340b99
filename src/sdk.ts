import type { z } from 'zod'

import type { Readers, Writers } from './connect/kinds.ts'
import type { InventoryDefinition, Levels, Schema, WrittenInventory } from './model/inventory.ts'
import type { Level } from './model/level.ts'
import type { Action, ApplyContext, ConnectionKind, Module, ModuleContext, Task } from './model/module.ts'
import type { Diagnosis, Phase, PhaseDefinition, Runbook, StepKit } from './model/runbook.ts'
import type { Step } from './model/step.ts'

// The only door for runbooks/, modules/ and inventory/.

/** A module or action that can be called with params; calling it makes a task and does nothing. */
export interface Callable<P extends z.ZodObject, F, U> {
  (input: z.input<P>): Task<F>
  readonly uses: U
}

/** A module as it is written: types follow from `connection` and `params` to `read`, and from `read` to the rest. */
export interface ModuleSpec<K extends ConnectionKind, P extends z.ZodObject, F> extends Omit<
  Module<P, F>,
  'kind' | 'read' | 'apply' | 'connection'
> {
  readonly connection: K
  read(context: ModuleContext<Readers[K], z.output<P>>): Promise<F>
  apply?(context: ApplyContext<Writers[K], z.output<P>, F>): Promise<void>
}

/** Defines a module. Keep the order `name, summary, connection, params, read, diff, apply`: inference follows it. */
export function defineModule<K extends ConnectionKind, P extends z.ZodObject, F>(
  spec: ModuleSpec<K, P, F>,
): Callable<P, F, Module<P, F, Readers[K], Writers[K]>> {
  const uses = { kind: 'module', ...spec } as const
  const call = (input: z.input<P>): Task<F> => ({ uses, input })
  return Object.assign(call, { uses })
}

/** An action as it is written. */
export interface ActionSpec<K extends ConnectionKind, P extends z.ZodObject, O> extends Omit<
  Action<P, unknown, O>,
  'kind' | 'run' | 'connection'
> {
  readonly connection: K
  run(context: ModuleContext<Writers[K], z.output<P>>): Promise<O>
}

/** Defines an action: a command with no state to compare. Prefer a module. */
export function defineAction<K extends ConnectionKind, P extends z.ZodObject, O>(
  spec: ActionSpec<K, P, O>,
): Callable<P, O, Action<P, Writers[K], O>> {
  const uses = { kind: 'action', ...spec } as const
  const call = (input: z.input<P>): Task<O> => ({
    uses: uses,
    input,
  })
  return Object.assign(call, { uses })
}

/** Defines what kinds of things an inventory describes. */
export function defineSchema<L extends Levels>(schema: Schema<L>): Schema<L> {
  return schema
}

/** Defines an inventory. It is checked when it is loaded, all problems at once. */
export function defineInventory<L extends Levels>(
  schema: Schema<L>,
  written: WrittenInventory<L>,
  { lab = false }: { readonly lab?: boolean } = {},
): InventoryDefinition {
  return { kind: 'inventory', schema, written, lab }
}

/** Makes phases, typed for the level each runs per. */
export interface PhaseKit<L extends Levels> {
  phase<V extends Level>(this: void, definition: PhaseDefinition<L, V>): Phase
}

/** A runbook as it is written. */
export interface RunbookSpec<L extends Levels> {
  readonly name: string
  readonly summary: string
  /** Brings home what a node has to say, once in a run, where a step of it has failed. */
  readonly diagnosis?: Diagnosis<L>
  phases(this: void, kit: PhaseKit<L>): readonly Phase[]
}

/** Defines a runbook over a schema's levels. */
export function defineRunbook<L extends Levels>(schema: Schema<L>, spec: RunbookSpec<L>): Runbook {
  const kit: PhaseKit<L> = {
    phase<V extends Level>({ steps, handlers, gate, ...rest }: PhaseDefinition<L, V>) {
      const phase: Phase<L, V> = {
        ...rest,
        steps: steps(createStepKit()),
        handlers: handlers?.(createStepKit()) ?? [],
        gate: gate?.(createStepKit()) ?? [],
      }
      // From here on the engine handles every level alike; the types have done their work in the runbook's own file.
      return phase
    },
  }
  const { name, summary, diagnosis } = spec
  return { kind: 'runbook', name, summary, schema: schema, phases: spec.phases(kit), diagnosis }
}

function createStepKit<L extends Levels, V extends Level>(): StepKit<L, V> {
  return {
    step: (name, task, options = {}) => ({ kind: 'step', name, task, ...options }) as unknown as Step<L, V>,
    block: (name, parts, options = {}) => ({ kind: 'block', name, ...parts, ...options }),
  }
}

export type {
  Answered,
  ApplianceReader,
  ApplianceWriter,
  ShellReader,
  ShellWriter,
  SshReader,
  SshWriter,
} from './connect/appliance.ts'
export type { Dialogue, DialogueRule } from './connect/dialogue/dialogue.ts'
export { planDialogue } from './connect/dialogue/plan-dialogue.ts'
export { mergeWordings, wordingSchema } from './connect/dialogue/wording.ts'
export type { Wording, WrittenWording } from './connect/dialogue/wording.ts'
export type { Member } from './connect/kinds.ts'
export { joinPath } from './connect/govmomi/join-path.ts'
export { isTemplateName } from './connect/image-template-name.ts'
export { IMPORT_MARK } from './connect/import-mark.ts'
export { inspectOva } from './connect/ova.ts'
export type { VSphereReader, VSphereWriter } from './connect/vsphere.ts'
export { ALONGSIDE } from './connect/zia/pending.ts'
export type { Pending } from './connect/zia/pending.ts'
export type { ZiaReader, ZiaWriter } from './connect/zia/session.ts'
export type { Change, Json } from './model/change.ts'
export type { Clock } from './model/clock.ts'
export type { CommandResult } from './model/command-result.ts'
export type { Consent } from './model/consent.ts'
export type {
  ApplianceEndpoint,
  Endpoints,
  SshJump,
  SshKey,
  SshWays,
  VSphereEndpoint,
  ZiaEndpoint,
} from './model/endpoint.ts'
export {
  AuthError,
  CommandError,
  ConfigError,
  ConnectError,
  ModuleError,
  RunbookError,
  TimeoutError,
} from './model/error.ts'
export { fileField, secretField } from './model/field.ts'
export type { WrittenSecret } from './model/field.ts'
export { FileRef } from './model/file-ref.ts'
export { handle } from './model/handle.ts'
export type { Handle } from './model/handle.ts'
export type { Cluster, Estate, InventoryRule, Levels, Node, Schema, Scope, Site } from './model/inventory.ts'
export type { Issue } from './model/issue.ts'
export type * from './model/lab-seed.ts'
export type { ApplyContext, Limit, ModuleContext, Task } from './model/module.ts'
export { range } from './model/range.ts'
export type { BringUse, HumanTask } from './model/operator.ts'
export { documentedSecret, secret, Secret } from './model/secret.ts'
export { sh } from './shell/sh.ts'
export type { CommandLine } from './shell/sh.ts'
export type { Phase, Rolling, StepKit } from './model/runbook.ts'
export type { Standing } from './model/standing.ts'
export type { Block, Hold, Retry, Step } from './model/step.ts'
export type { ActivationStatus, ZiaObjects } from './connect/zia/resource.ts'
