import { describe, expect, test } from 'vitest'

import { parseInvocation } from '../../src/cli/options.ts'
import { UsageError } from '../../src/model/error.ts'

const parse = (line: string) => parseInvocation(line.split(' ').filter((word) => word !== ''))

function problem(...argv: readonly string[]): string {
  try {
    parseInvocation(argv)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    const { message, hint } = error as UsageError
    return hint === undefined ? message : `${message} | ${hint}`
  }
  throw new UsageError(`${argv.join(' ')} was accepted`)
}

const bare = {
  command: 'run',
  runbook: 'deploy',
  inventories: [],
  set: [],
  lab: false,
  selection: { tags: undefined, skipTags: undefined, limit: undefined, startAt: undefined },
  step: false,
  mode: 'apply',
  diff: false,
  forks: 32,
  reporter: undefined,
  yes: false,
  verbosity: 0,
}

describe('a command line is understood', () => {
  test('a runbook alone runs in the lab', () => {
    expect(parse('deploy')).toEqual(bare)
  })

  test('every option of a run, in long form', () => {
    expect(
      parse(
        'deploy --inventory a.ts --inventory b.yaml --lab --limit fra-1 --tags cert,network --tags dns --skip-tags slow' +
          ' --start-at 7/x --step --check --diff --forks 8 --set a.b=c=d --set e= --reporter json --yes --verbose',
      ),
    ).toEqual({
      command: 'run',
      runbook: 'deploy',
      inventories: ['a.ts', 'b.yaml'],
      set: ['a.b=c=d', 'e='],
      lab: true,
      selection: { tags: ['cert', 'network', 'dns'], skipTags: ['slow'], limit: 'fra-1', startAt: '7/x' },
      step: true,
      mode: 'check',
      diff: true,
      forks: 8,
      reporter: 'json',
      yes: true,
      verbosity: 1,
    })
  })

  test('--no-activate is what --set activate=false is, whatever else is set', () => {
    expect(parse('deploy --no-activate -e a=b')).toEqual({ ...bare, set: ['a=b', 'activate=false'] })
  })

  test('short forms, alone and together, before and after the runbook', () => {
    expect(parse('-i a.ts -CD deploy -vv -l fra-* -l !fra-1-a -t cert -f4 -e a=b -y')).toEqual({
      ...bare,
      inventories: ['a.ts'],
      selection: { ...bare.selection, limit: 'fra-*,!fra-1-a', tags: ['cert'] },
      mode: 'check',
      diff: true,
      verbosity: 2,
      forks: 4,
      set: ['a=b'],
      yes: true,
    })
  })

  test.each([
    ['deploy --limit=-x', { selection: { ...bare.selection, limit: '-x' } }],
    ['deploy -l=fra-1', { selection: { ...bare.selection, limit: 'fra-1' } }],
    ['deploy -vvvvv', { verbosity: 3 }],
    ['deploy --check --check', { mode: 'check' }],
    ['deploy -t a,,b,', { selection: { ...bare.selection, tags: ['a', 'b'] } }],
    ['./runbooks/deploy.ts', { runbook: './runbooks/deploy.ts' }],
    ['--tags list deploy', { selection: { ...bare.selection, tags: ['list'] } }],
  ])('%s', (line, expected) => {
    expect(parse(line)).toMatchObject(expected)
  })

  test.each([
    ['list', { command: 'list', runbook: undefined, show: { steps: false, tags: false, targets: false } }],
    [
      'list deploy --steps --tags --targets -t cert -l lab-1',
      {
        command: 'list',
        runbook: 'deploy',
        show: { steps: true, tags: true, targets: true },
        selection: { tags: ['cert'], skipTags: undefined, limit: 'lab-1', startAt: undefined },
      },
    ],
    ['inventory', { command: 'inventory', view: { kind: 'graph' }, inventories: [] }],
    [
      'inventory --target lab-1-a -i x.ts',
      { view: { kind: 'target', name: 'lab-1-a' }, inventories: ['x.ts'] },
    ],
    ['new module vzen/banner', { command: 'new', kind: 'module', name: 'vzen/banner' }],
    ['docs', { command: 'docs', check: false, module: undefined }],
    ['docs --module vzen/network', { command: 'docs', module: 'vzen/network' }],
    ['docs --check', { command: 'docs', check: true }],
    ['lab status -i x.ts', { command: 'lab', action: { kind: 'status' }, inventories: ['x.ts'] }],
    ['lab reset', { command: 'lab', action: { kind: 'reset' } }],
    ['lab fault', { action: { kind: 'fault', name: undefined, target: undefined, clear: false } }],
    [
      'lab fault slow-disk lab-1-a --clear',
      { action: { kind: 'fault', name: 'slow-disk', target: 'lab-1-a', clear: true } },
    ],
    ['', { command: 'help', topic: 'runbook' }],
    ['--help', { command: 'help', topic: 'runbook' }],
    ['-h', { command: 'help', topic: 'runbook' }],
    ['help', { command: 'help', topic: 'runbook' }],
    ['help list', { command: 'help', topic: 'list' }],
    ['help deploy', { command: 'help', topic: 'run' }],
    ['deploy --help', { command: 'help', topic: 'run' }],
    ['lab --help', { command: 'help', topic: 'lab' }],
    ['--version', { command: 'version' }],
  ])('%s', (line, expected) => {
    expect(parse(line)).toMatchObject(expected)
  })
})

test.each([
  [['deploy', '--limt', 'x'], 'runbook deploy has no option --limt | did you mean --limit?'],
  [['deploy', '--no-check'], 'runbook deploy has no option --no-check | did you mean --check?'],
  [['deploy', '-x'], 'runbook deploy has no option -x | runbook deploy --help lists the options'],
  [
    ['deploy', '--__proto__'],
    'runbook deploy has no option --__proto__ | runbook deploy --help lists the options',
  ],
  [['list', '--forks', '3'], 'runbook list has no option --forks | runbook list --help lists the options'],
  [['deploy', '--limit'], '--limit needs a value | write --limit PATTERN'],
  [['deploy', '--limit', ''], '--limit needs a value | write --limit PATTERN'],
  [['deploy', '--limit='], '--limit needs a value | write --limit PATTERN'],
  [
    ['deploy', '--limit', '--check'],
    '--limit needs a value, but --check follows, which looks like an option | write --limit=--check if that is the value',
  ],
  [
    ['deploy', '--check=yes'],
    '--check takes no value, but was given "yes" | write --check alone, or leave it out',
  ],
  [['deploy', '-f', '3', '-f', '4'], '-f was given twice, as 3 and as 4 | write it once'],
  [
    ['deploy', 'verify'],
    'runbook deploy does not know what to do with "verify" | runbook deploy --help shows what it takes',
  ],
  [
    ['deploy', '--forks', '0'],
    '--forks "0" is not a number from 1 to 1024 | it says how many targets are worked on at once; 32 where it is not given',
  ],
  [
    ['deploy', '--forks', '1e3'],
    '--forks "1e3" is not a number from 1 to 1024 | it says how many targets are worked on at once; 32 where it is not given',
  ],
  [
    ['deploy', '--forks', '99999999999999999999'],
    '--forks "99999999999999999999" is not a number from 1 to 1024 | it says how many targets are worked on at once; 32 where it is not given',
  ],
  [['deploy', '-t', ','], '--tags names no tag | runbook list RUNBOOK --tags shows the tags'],
  [['deploy', '--skip-tags', ' '], '--skip-tags names no tag | runbook list RUNBOOK --tags shows the tags'],
  [
    ['deploy', '-e', 'novalue'],
    '--set "novalue" is not PATH=VALUE | for example --set sites.fra.clusters.fra-1.memoryGB=64',
  ],
  [
    ['deploy', '-e', '=x'],
    '--set "=x" is not PATH=VALUE | for example --set sites.fra.clusters.fra-1.memoryGB=64',
  ],
  [
    ['deploy', '--reporter', 'jsn'],
    '--reporter jsn is not one of tree, lines, json, junit, silent | did you mean json?',
  ],
  [
    ['--check'],
    'the name of a runbook is missing | runbook list shows the runbooks; runbook --help shows the commands',
  ],
  [['--chek'], 'runbook has no option --chek | did you mean --check?'],
  [
    ['list', '--steps'],
    'runbook list needs the name of a runbook to show its steps, tags or targets | runbook list deploy --steps',
  ],
  [
    ['inventory', '--graph', '--target', 'x'],
    'runbook inventory shows --graph or --target, not both | leave one of them out',
  ],
  [['new'], 'runbook new needs a kind and a name | runbook new module vzen/banner'],
  [
    ['new', 'modul', 'x'],
    'runbook new modul is not one of module, runbook, inventory | did you mean module?',
  ],
  [['new', 'module'], 'runbook new needs a kind and a name | runbook new module vzen/banner'],
  [['lab'], 'runbook lab needs to know what to do | runbook lab status'],
  [['lab', 'rest'], 'runbook lab rest is not one of status, reset, fault | did you mean reset?'],
  [
    ['lab', 'status', 'x'],
    'runbook lab status does not know what to do with "x" | runbook lab status --help shows what it takes',
  ],
  [
    ['lab', 'reset', '--clear'],
    'runbook lab reset has no option --clear | runbook lab fault NAME --clear mends a fault',
  ],
  [
    ['help', 'a', 'b'],
    'runbook help does not know what to do with "b" | runbook help --help shows what it takes',
  ],
])('%j is refused with one clear message', (argv, expected) => {
  expect(problem(...argv)).toBe(expected)
})
