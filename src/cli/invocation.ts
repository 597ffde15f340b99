import type { ConsoleAction } from '../connect/console/operate.ts'
import type { Selection } from '../model/plan.ts'
import type { ReporterName } from '../report/reporter-name.ts'

/** Which inventory, and what of it. */
export interface InventoryOptions {
  /** Files, in order; none means the lab’s own inventory. */
  readonly inventories: readonly string[]
  /** `PATH=VALUE`, in order; the loader finds the variable and checks the value. */
  readonly set: readonly string[]
  /** Rehearse in the embedded lab, whatever systems the inventory names. */
  readonly lab: boolean
}

/** `runbook RUNBOOK`: runs it. */
export interface RunInvocation extends InventoryOptions {
  readonly command: 'run'
  readonly runbook: string
  readonly selection: Selection
  /** Ask before each step. */
  readonly step: boolean
  readonly mode: 'apply' | 'check'
  readonly diff: boolean
  readonly forks: number
  /** None: by whether standard output is a terminal. */
  readonly reporter: ReporterName | undefined
  /** Do not ask before a disruptive phase. */
  readonly yes: boolean
  readonly verbosity: 0 | 1 | 2 | 3
}

/** `runbook list`: what there is, or what a runbook would do. */
export interface ListInvocation extends InventoryOptions {
  readonly command: 'list'
  /** None: the runbooks. */
  readonly runbook: string | undefined
  readonly selection: Selection
  readonly show: { readonly steps: boolean; readonly tags: boolean; readonly targets: boolean }
}

/** `runbook inventory`: the tree, or one target's variables. */
export interface InventoryInvocation extends InventoryOptions {
  readonly command: 'inventory'
  readonly limit: string | undefined
  readonly view: { readonly kind: 'graph' } | { readonly kind: 'target'; readonly name: string }
}

/** What `runbook new` can make. */
export const NEW_KINDS = ['module', 'runbook', 'inventory'] as const

/** `runbook new`: a file to start from. */
export interface NewInvocation {
  readonly command: 'new'
  readonly kind: (typeof NEW_KINDS)[number]
  readonly name: string
}

/** `runbook docs`: the modules' reference. */
export interface DocsInvocation {
  readonly command: 'docs'
  /** Write nothing; fail where the reference is stale. */
  readonly check: boolean
  /** Show what this one takes, and write nothing. */
  readonly module: string | undefined
}

/** `runbook console`: the screen of a node, and its keyboard. */
export interface ConsoleInvocation extends InventoryOptions {
  readonly command: 'console'
  readonly node: string
  /** Write the screen into this file instead of showing it. */
  readonly png: string | undefined
  /** None: only look. */
  readonly action: ConsoleAction | undefined
  /** Do not ask before anything is typed. */
  readonly yes: boolean
}

/** What is to happen to the embedded lab. */
export type LabAction =
  | { readonly kind: 'status' }
  | { readonly kind: 'reset' }
  /** Without a name: list the faults there are. Without a target: in every appliance. */
  | {
      readonly kind: 'fault'
      readonly name: string | undefined
      readonly target: string | undefined
      /** Mend it instead. */
      readonly clear: boolean
    }

/** `runbook lab`: the embedded lab, as the inventory furnishes it. */
export interface LabInvocation extends InventoryOptions {
  readonly command: 'lab'
  readonly action: LabAction
}

/** What a command line asks for, completely checked but for the names of runbooks, tags, steps and targets. */
export type Invocation =
  | RunInvocation
  | ListInvocation
  | InventoryInvocation
  | NewInvocation
  | DocsInvocation
  | ConsoleInvocation
  | LabInvocation
  | { readonly command: 'help'; readonly topic: CommandName }
  | { readonly command: 'version' }

/** What has a page of help: `runbook` is the whole. */
export type CommandName = 'runbook' | 'run' | 'list' | 'inventory' | 'new' | 'docs' | 'console' | 'lab'
