import { UsageError } from '../model/error.ts'
import { REPORTERS } from '../report/reporter-name.ts'
import { COMMAND_WORDS, COMMANDS } from './command-table.ts'
import {
  NEW_KINDS,
  type CommandName,
  type ConsoleInvocation,
  type Invocation,
  type LabInvocation,
  type ListInvocation,
  type NewInvocation,
  type RunInvocation,
} from './invocation.ts'
import type { OptionKey } from './option-table.ts'
import {
  parseForks,
  parseInventoryOptions,
  parseKeys,
  parseLimit,
  parseOneOf,
  parseSelection,
} from './option-values.ts'
import { firstWord, readArguments, type Arguments } from './read-arguments.ts'

/**
 * Understands a command line (without node and script). Throws a `UsageError` that names the nearest match. Whether the
 * runbooks, tags, steps and targets it names exist is for those who know them to say.
 */
export function parseInvocation(argv: readonly string[]): Invocation {
  const first = firstWord(argv)
  if (first === undefined) return parseBare(argv)
  if (first === 'help') return parseHelp(argv)
  const topic: CommandName = isCommandWord(first) ? first : 'run'
  const command = topic === 'run' ? `runbook ${first}` : `runbook ${topic}`
  const args = readArguments(argv, { keys: COMMANDS[topic].options, command })
  if (args.has('help')) return { command: 'help', topic }
  return parseCommand(topic, { args, words: args.words.slice(1), first })
}

const isCommandWord = (word: string): word is Exclude<CommandName, 'run' | 'runbook'> =>
  word !== 'help' && (COMMAND_WORDS as readonly string[]).includes(word)

function parseBare(argv: readonly string[]): Invocation {
  const keys: readonly OptionKey[] = COMMANDS.runbook.options
  const asksOptions = argv.some((word) => !['--help', '-h', '--version'].includes(word))
  if (asksOptions) {
    // Options of a run, but no runbook: say that before anything about the options.
    readArguments(argv, { keys: [...COMMANDS.run.options, 'version'], command: 'runbook' })
    throw new UsageError('the name of a runbook is missing', {
      hint: 'runbook list shows the runbooks; runbook --help shows the commands',
    })
  }
  const args = readArguments(argv, { keys, command: 'runbook' })
  return args.has('version') && !args.has('help')
    ? { command: 'version' }
    : { command: 'help', topic: 'runbook' }
}

function parseHelp(argv: readonly string[]): Invocation {
  const { words } = readArguments(argv, { keys: ['help'], command: 'runbook help' })
  const [, topic, ...more] = words
  expectNoMore(more, 'runbook help')
  if (topic === undefined || topic === 'help') return { command: 'help', topic: 'runbook' }
  return { command: 'help', topic: isCommandWord(topic) ? topic : 'run' }
}

interface CommandLine {
  readonly args: Arguments
  /** Without the command. */
  readonly words: readonly string[]
  readonly first: string
}

function parseCommand(topic: CommandName, line: CommandLine): Invocation {
  const { args, words } = line
  switch (topic) {
    case 'runbook':
    case 'run':
      return parseRun(line)
    case 'list':
      return parseList(line)
    case 'inventory':
      return parseInventory(line)
    case 'new':
      return parseNew(words)
    case 'docs':
      expectNoMore(words, 'runbook docs')
      return { command: 'docs', check: args.has('docsCheck'), module: args.value('module') }
    case 'console':
      return parseConsole(line)
    case 'lab':
      return parseLab(line)
  }
}

function parseRun({ args, words, first }: CommandLine): RunInvocation {
  expectNoMore(words, `runbook ${first}`)
  return {
    command: 'run',
    runbook: first,
    ...parseInventoryOptions(args),
    selection: parseSelection(args, 'tags'),
    step: args.has('step'),
    mode: args.has('check') ? 'check' : 'apply',
    diff: args.has('diff'),
    forks: parseForks(args.value('forks')),
    reporter: parseOneOf(args.value('reporter'), { option: '--reporter', names: REPORTERS }),
    yes: args.has('yes'),
    verbosity: Math.min(3, args.count('verbose')) as 0 | 1 | 2 | 3,
  }
}

function parseList({ args, words }: CommandLine): ListInvocation {
  const [runbook, ...more] = words
  expectNoMore(more, 'runbook list')
  const show = {
    steps: args.has('listSteps'),
    tags: args.has('listTags'),
    targets: args.has('listTargets'),
  }
  if (runbook === undefined && Object.values(show).includes(true)) {
    throw new UsageError('runbook list needs the name of a runbook to show its steps, tags or targets', {
      hint: 'runbook list deploy --steps',
    })
  }
  const selection = parseSelection(args, 'onlyTags')
  return { command: 'list', runbook, ...parseInventoryOptions(args), selection, show }
}

function parseInventory({ args, words }: CommandLine): Invocation {
  expectNoMore(words, 'runbook inventory')
  const name = args.value('target')
  if (name !== undefined && args.has('graph')) {
    throw new UsageError('runbook inventory shows --graph or --target, not both', {
      hint: 'leave one of them out',
    })
  }
  return {
    command: 'inventory',
    ...parseInventoryOptions(args),
    limit: parseLimit(args),
    view: name === undefined ? { kind: 'graph' } : { kind: 'target', name },
  }
}

function parseNew([kind, name, ...more]: readonly string[]): NewInvocation {
  const known = parseOneOf(kind, { option: 'runbook new', names: NEW_KINDS })
  if (known === undefined || name === undefined) {
    throw new UsageError('runbook new needs a kind and a name', { hint: 'runbook new module vzen/banner' })
  }
  expectNoMore(more, 'runbook new')
  return { command: 'new', kind: known, name }
}

function parseConsole({ args, words }: CommandLine): ConsoleInvocation {
  const [node, ...more] = words
  if (node === undefined) {
    throw new UsageError('runbook console needs the name of a node', { hint: 'runbook console lab-1-a' })
  }
  expectNoMore(more, 'runbook console')
  const [text, written] = [args.value('type'), args.value('keys')]
  if (text !== undefined && written !== undefined) {
    throw new UsageError('runbook console takes --type or --keys, not both', { hint: 'run it twice' })
  }
  const action =
    text !== undefined
      ? { kind: 'type' as const, text }
      : written !== undefined
        ? { kind: 'keys' as const, keys: parseKeys(written) }
        : undefined
  const png = args.value('png')
  return { command: 'console', node, ...parseInventoryOptions(args), png, action, yes: args.has('typeYes') }
}

function parseLab({ args, words }: CommandLine): LabInvocation {
  const [written, name, target, ...more] = words
  const kind = parseOneOf(written, { option: 'runbook lab', names: ['status', 'reset', 'fault'] })
  if (kind === undefined) {
    throw new UsageError('runbook lab needs to know what to do', { hint: 'runbook lab status' })
  }
  const options = parseInventoryOptions(args)
  if (kind === 'fault') {
    expectNoMore(more, 'runbook lab fault')
    return { command: 'lab', ...options, action: { kind, name, target, clear: args.has('clear') } }
  }
  expectNoMore(words.slice(1), `runbook lab ${kind}`)
  if (args.has('clear')) {
    throw new UsageError(`runbook lab ${kind} has no option --clear`, {
      hint: 'runbook lab fault NAME --clear mends a fault',
    })
  }
  return { command: 'lab', ...options, action: { kind } }
}

function expectNoMore([extra]: readonly string[], command: string): void {
  if (extra === undefined) return
  throw new UsageError(`${command} does not know what to do with ${JSON.stringify(extra)}`, {
    hint: `${command} --help shows what it takes`,
  })
}
