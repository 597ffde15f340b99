import type { CommandName } from './invocation.ts'
import type { OptionKey } from './option-table.ts'

/** One command: what it takes, and what its help says. */
export interface CommandSpec {
  /** After `runbook`, as the usage writes it. */
  readonly synopsis: string
  readonly summary: string
  readonly options: readonly OptionKey[]
  readonly examples: readonly (readonly [line: string, meaning: string])[]
}

const INVENTORY: readonly OptionKey[] = ['inventory', 'lab', 'set']

/** Every command there is. A first word that is none of them is the name of a runbook. */
export const COMMANDS: Readonly<Record<CommandName, CommandSpec>> = {
  runbook: {
    synopsis: 'RUNBOOK | COMMAND [options]',
    summary: 'Deploys and runs Virtual Service Edge clusters from typed runbooks and inventories.',
    options: ['help', 'version'],
    examples: [
      ['runbook deploy', 'a whole deployment in the embedded lab'],
      ['runbook deploy -i inventory/acme.ts --check --diff', 'what would change in a real estate'],
      ['runbook list', 'the runbooks there are'],
    ],
  },
  run: {
    synopsis: 'RUNBOOK [options]',
    summary: 'Runs a runbook: reads, compares, changes what differs, and reads again to prove it.',
    options: [
      ...INVENTORY,
      'limit',
      'tags',
      'skipTags',
      'startAt',
      'step',
      'check',
      'diff',
      'forks',
      'reporter',
      'noActivate',
      'yes',
      'verbose',
      'help',
    ],
    examples: [
      ['runbook deploy', 'in the embedded lab, which needs nothing'],
      ['runbook deploy -i inventory/acme.ts -CD', 'compare only, and show the differences'],
      ['runbook deploy -i inventory/acme.ts --lab', 'rehearse a real estate in the lab'],
      ["runbook deploy -l 'fra-*:!fra-1-a' -t certificate", 'part of it again'],
      ['runbook verify -i inventory/acme.ts --reporter junit', 'a record for the change ticket'],
    ],
  },
  list: {
    synopsis: 'list [RUNBOOK] [options]',
    summary: 'Shows the runbooks, or what one of them would do. Touches no system.',
    options: [
      'listSteps',
      'listTags',
      'listTargets',
      ...INVENTORY,
      'limit',
      'onlyTags',
      'skipTags',
      'startAt',
      'help',
    ],
    examples: [
      ['runbook list', 'the runbooks there are'],
      ['runbook list deploy --steps --tags --targets', 'everything about one'],
      ['runbook list deploy --steps -l fra-1 -t network', 'what of it a selection leaves'],
    ],
  },
  inventory: {
    synopsis: 'inventory [options]',
    summary: 'Shows an inventory after all checks. Touches no system.',
    options: ['graph', 'target', ...INVENTORY, 'limit', 'help'],
    examples: [
      ['runbook inventory', 'the tree of the lab'],
      ['runbook inventory -i inventory/acme.ts --target fra-1-a', 'every variable of one node'],
    ],
  },
  new: {
    synopsis: 'new module|runbook|inventory NAME',
    summary: 'Writes files to start from. Never overwrites one.',
    options: ['help'],
    examples: [
      ['runbook new module vzen/banner', 'modules/vzen/banner.ts and its test'],
      ['runbook new runbook replace-node', 'runbooks/replace-node.ts'],
      ['runbook new inventory acme', 'inventory/acme.ts'],
    ],
  },
  docs: {
    synopsis: 'docs [options]',
    summary: 'Writes modules/README.md, the reference of all modules, from their schemas.',
    options: ['module', 'docsCheck', 'help'],
    examples: [
      ['runbook docs', 'after a module changed'],
      ['runbook docs --module vzen/network', 'what that module takes'],
      ['runbook docs --check', 'in CI'],
    ],
  },
  console: {
    synopsis: 'console NODE [options]',
    summary: 'Shows what the screen of a node’s virtual machine shows, and types on it.',
    options: ['png', 'type', 'keys', 'typeYes', ...INVENTORY, 'help'],
    examples: [
      ['runbook console fra-1-a -i inventory/acme.ts', 'the screen, as text'],
      ['runbook console fra-1-a --png screen.png', 'the screen, as a picture'],
      ["runbook console lab-1-a --type 'sudo vzen status'", 'type a line, read it back, press Enter'],
      ["runbook console lab-1-a --keys 'ctrl+c enter' --yes", 'press keys, without being asked'],
    ],
  },
  lab: {
    synopsis: 'lab status | reset | fault [NAME [TARGET]] [options]',
    summary: 'Shows the embedded lab, forgets it, or breaks something in it.',
    options: ['clear', 'inventory', 'set', 'help'],
    examples: [
      ['runbook lab status', 'what stands in the lab'],
      ['runbook lab reset', 'start from nothing again'],
      ['runbook lab fault', 'the faults there are'],
      ['runbook lab fault split-brain lab-1-a', 'break something in one appliance'],
      ['runbook lab fault split-brain --clear', 'mend it everywhere'],
    ],
  },
}

/** The words that are commands and therefore cannot name a runbook. */
export const COMMAND_WORDS = ['list', 'inventory', 'new', 'docs', 'console', 'lab', 'help'] as const
