/** One option of the command line: how it is written, and what it means. */
export interface OptionSpec {
  readonly long: string
  readonly short?: string
  /** What its value is called in the usage; a switch where absent. */
  readonly value?: string
  readonly repeatable?: boolean
  readonly summary: string
}

/** Every option there is. Parsing and usage both follow this table. */
export const OPTIONS = {
  inventory: {
    long: 'inventory',
    short: 'i',
    value: 'FILE',
    repeatable: true,
    summary: 'TypeScript, JSON or YAML; repeatable; default inventory/lab.ts',
  },
  lab: { long: 'lab', summary: 'rehearse the inventory in the embedded lab' },
  limit: {
    long: 'limit',
    short: 'l',
    value: 'PATTERN',
    repeatable: true,
    summary: 'only these targets: names at any level, globs, a:b, a:&b, !a, ~regex, edge[01:16], @file',
  },
  tags: {
    long: 'tags',
    short: 't',
    value: 'TAGS',
    repeatable: true,
    summary: 'only steps with one of these tags, separated by commas',
  },
  skipTags: {
    long: 'skip-tags',
    value: 'TAGS',
    repeatable: true,
    summary: 'no steps with one of these tags',
  },
  startAt: { long: 'start-at', value: 'STEP', summary: 'begin at this step, by its name or id' },
  step: { long: 'step', summary: 'ask before each step' },
  check: { long: 'check', short: 'C', summary: 'read and compare only; nothing is changed' },
  diff: { long: 'diff', short: 'D', summary: 'show what changes, before and after' },
  forks: {
    long: 'forks',
    short: 'f',
    value: 'N',
    summary: 'how many targets at once over the whole run; default 32',
  },
  set: {
    long: 'set',
    short: 'e',
    value: 'PATH=VALUE',
    repeatable: true,
    summary: 'override a variable of the inventory; checked like any other',
  },
  reporter: {
    long: 'reporter',
    value: 'NAME',
    summary: 'tree, lines, json, junit or silent; default tree on a terminal, lines elsewhere',
  },
  noActivate: {
    long: 'no-activate',
    summary: 'leave the changes in the portal staged; the same as --set activate=false',
  },
  yes: { long: 'yes', short: 'y', summary: 'do not ask before a disruptive phase' },
  verbose: {
    long: 'verbose',
    short: 'v',
    repeatable: true,
    summary: '-v the commands, -vv their output too, -vvv the wire too',
  },
  listSteps: { long: 'steps', summary: 'the steps of each phase, with their ids' },
  listTags: { long: 'tags', summary: 'the tags of each phase and step' },
  listTargets: { long: 'targets', summary: 'the targets of each phase' },
  onlyTags: {
    long: 'only-tags',
    short: 't',
    value: 'TAGS',
    repeatable: true,
    summary: 'what a run with --tags TAGS would do',
  },
  graph: { long: 'graph', summary: 'the tree of sites, clusters and nodes; the default' },
  target: { long: 'target', value: 'NAME', summary: 'the variables of one site, cluster or node' },
  module: { long: 'module', value: 'NAME', summary: 'show what one module takes; write nothing' },
  docsCheck: { long: 'check', summary: 'write nothing; fail where the reference is stale' },
  png: { long: 'png', value: 'FILE', summary: 'write the screen as a picture' },
  type: {
    long: 'type',
    value: 'TEXT',
    summary: 'type a line and Enter; never a password, which others could read in the list of processes',
  },
  keys: {
    long: 'keys',
    value: 'KEYS',
    summary: 'press keys, separated by blanks: enter, tab, esc, up, f1, ctrl+c, alt+f2, y',
  },
  typeYes: { long: 'yes', short: 'y', summary: 'type without being asked' },
  clear: { long: 'clear', summary: 'mend the fault instead' },
  help: { long: 'help', short: 'h', summary: 'show this help' },
  version: { long: 'version', summary: 'show the version' },
} as const satisfies Readonly<Record<string, OptionSpec>>

/** How the code calls an option. */
export type OptionKey = keyof typeof OPTIONS

/** An option by its key. */
export function optionOf(key: OptionKey): OptionSpec {
  return OPTIONS[key]
}
