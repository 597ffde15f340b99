import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  writeEstate,
  writeNode,
  type WrittenCluster,
  type WrittenEstate,
  type WrittenSite,
} from '../load/support/written.ts'
import { openFreshProject, type FreshProject } from '../support/fresh-project.ts'

/** What is typed, what lies there, and what has to be said about it. */
interface Case {
  readonly title: string
  /** The command line; `FILE` stands for the first file of the case. */
  readonly args: string
  /** Files of the case by name; they lie in `bad/`. */
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** What standard error has to contain: the place, what is wrong with it, and what to do. */
  readonly says: readonly (string | RegExp)[]
}

/** The parts of the right inventory that a case spoils. */
interface Parts {
  readonly estate: WrittenEstate
  readonly site: WrittenSite
  readonly cluster: WrittenCluster
  readonly a: Record<string, unknown>
  readonly b: Record<string, unknown>
}

/** The right inventory, for the lab, spoiled in one place. */
function spoil(change: (parts: Parts) => unknown): string {
  const estate = writeEstate()
  estate['lab'] = true
  const site = estate.sites['fra'] as WrittenSite
  const cluster = site.clusters['fra-1'] as WrittenCluster
  const { 'fra-1-a': a = {}, 'fra-1-b': b = {} } = cluster.nodes
  change({ estate, site, cluster, a, b })
  return JSON.stringify(estate, undefined, 2)
}

const HEAD = `import { defineRunbook } from '#sdk'
import { vse } from '#inventory/schema/vse'
import { ntp } from '#modules/vzen/ntp'
`

/** A runbook of one phase, `7 Configure`, with these steps. */
const runbookOf = (steps: string, phase = ''): string => `${HEAD}export default defineRunbook(vse, {
  name: 'bad', summary: 'S',
  phases: ({ phase }) => [phase({ number: 7, name: 'Configure', per: 'node', ${phase} steps: ({ step }) => [
    ${steps}
  ] })],
})
`

const CASES: readonly Case[] = [
  // The command line
  {
    title: 'no runbook, but options',
    args: '--check --diff',
    says: ['the name of a runbook is missing', 'runbook list'],
  },
  {
    title: 'an unknown runbook',
    args: 'deplyo',
    says: ['there is no runbook “deplyo”', 'did you mean “deploy”?'],
  },
  {
    title: 'a runbook by a path to nothing',
    args: 'runbooks/none.ts',
    says: ['runbooks/none.ts', 'no such file'],
  },
  {
    title: 'an unknown option',
    args: 'deploy --chekc',
    says: ['runbook deploy has no option --chekc', 'did you mean --check?'],
  },
  {
    title: 'an option of another command',
    args: 'list deploy --forks 4',
    says: ['runbook list has no option --forks', 'runbook list --help'],
  },
  {
    title: 'an option without its value',
    args: 'deploy --limit',
    says: ['--limit needs a value', 'PATTERN'],
  },
  {
    title: 'a switch with a value',
    args: 'deploy --check=yes',
    says: ['--check takes no value', '"yes"'],
  },
  { title: 'a word too many', args: 'deploy lab-1', says: ['runbook deploy', '"lab-1"', '--help'] },
  {
    title: 'a number of forks that is none',
    args: 'deploy --forks many',
    says: ['--forks "many"', 'from 1 to 1024'],
  },
  { title: 'no forks', args: 'deploy --forks 0', says: ['--forks "0"', 'from 1 to 1024'] },
  {
    title: 'an unknown reporter',
    args: 'deploy --reporter jsno',
    says: ['--reporter jsno', 'did you mean json?'],
  },
  { title: 'an unknown lab command', args: 'lab rest', says: ['rest', 'did you mean reset?'] },
  {
    title: 'an unknown lab fault',
    args: 'lab fault split-brian',
    says: ['there is no fault “split-brian”', 'did you mean “split-brain”?'],
  },
  {
    title: 'a name that no module can have',
    args: 'new module Banner',
    says: ['"Banner"', 'vzen/banner'],
  },
  {
    title: 'an unknown module',
    args: 'docs --module vzen/ntq',
    says: ['there is no module “vzen/ntq”', 'did you mean “vzen/ntp”?'],
  },
  {
    title: 'a speed of the lab that is no number',
    args: 'deploy',
    env: { RUNBOOK_LAB_SCALE: 'abc' },
    says: ['RUNBOOK_LAB_SCALE is "abc"', 'from 1 to 100000'],
  },
  // What is selected
  {
    title: 'an unknown tag',
    args: 'deploy --tags certifcate',
    says: ['no step has the tag "certifcate"', 'did you mean certificate?'],
  },
  {
    title: 'an unknown tag to skip',
    args: 'deploy --skip-tags certifcate',
    says: ['no step has the tag "certifcate"', 'did you mean certificate?'],
  },
  { title: 'no tag at all', args: 'deploy --tags ,', says: ['--tags names no tag', '--tags'] },
  {
    title: 'an unknown target',
    args: 'deploy --limit lab-1-x',
    says: ['nothing in the inventory is called lab-1-x', 'did you mean lab-1-'],
  },
  { title: 'a pattern that is none', args: 'deploy --limit ~lab-(', says: ['~lab-(', 'regular expression'] },
  {
    title: 'an empty selection of targets',
    args: 'deploy --limit lab-1:!lab-1',
    says: ['the limit lab-1:!lab-1 leaves no target', 'taken away again'],
  },
  {
    title: 'an empty selection of steps',
    args: 'deploy -t certificate --skip-tags all,always',
    says: ['nothing is left to run in deploy', 'runbook list deploy'],
  },
  {
    title: 'a start at nothing',
    args: 'deploy --start-at Nothing',
    says: ['no step "Nothing" to start at', 'runbook list deploy --steps'],
  },
  {
    title: 'a list of targets that is missing',
    args: 'deploy --limit @retry.txt',
    says: ['--limit @retry.txt', 'no such file', 'file that exists'],
  },
  { title: 'an unknown target to show', args: 'inventory --target lab-1-x', says: ['“lab-1-x”', 'lab-1-'] },
  // Overrides
  { title: 'an override without a value', args: 'deploy --set lab-1-a.proxy', says: ['--set', 'PATH=VALUE'] },
  {
    title: 'an override of a variable that does not exist',
    args: 'deploy --set lab-1-a.proxi=10.84.0.113',
    says: ['--set', 'proxi', 'did you mean “proxy”?'],
  },
  {
    title: 'an override that breaks a rule',
    args: 'deploy --set lab-1-a.proxy=10.99.0.113',
    says: ['--set', '10.99.0.113', 'S-048', '10.84.0.0/24'],
  },
  {
    title: 'an override of a whole target',
    args: 'deploy --set lab-1-a=x',
    says: ['--set lab-1-a', 'not a variable', '--set lab-1-a.VARIABLE=value'],
  },
  {
    title: 'an override that is a secret written out',
    args: 'deploy --set password=hunter2',
    says: ['--set: password', 'written out', '{ env: NAME }'],
  },
  {
    title: 'an override that YAML cannot read, for it begins with a star',
    args: 'deploy --set password=*hunter2',
    says: ['--set password=…', 'begins an alias', 'as YAML does'],
  },
  {
    title: 'an override with a tag of YAML',
    args: 'deploy --set password=!hunter2',
    says: ['--set: password', 'written out'],
  },
  // The inventory as a file
  {
    title: 'a missing inventory',
    args: 'deploy -i inventory/labb.ts',
    says: ['inventory/labb.ts', 'no such file', 'did you mean inventory/lab.ts?'],
  },
  {
    title: 'a folder as an inventory',
    args: 'deploy -i inventory',
    says: ['cannot read inventory', 'it is a folder'],
  },
  {
    title: 'a file that is no inventory',
    args: 'deploy -i FILE',
    files: { 'plan.txt': 'x' },
    says: ['bad/plan.txt', '“.txt”', '.yaml'],
  },
  {
    title: 'a YAML syntax error',
    args: 'deploy -i FILE',
    files: { 'tab.yaml': 'zia:\n  cloud: zscalertwo\n\tlogin: {}\nimage: x.ova\n' },
    says: ['bad/tab.yaml:3', 'indentation'],
  },
  {
    title: 'a YAML key twice',
    args: 'deploy -i FILE',
    files: { 'twice.yaml': 'zia: {}\nimage: x.ova\nimage: y.ova\n' },
    says: ['bad/twice.yaml:3', 'same key'],
  },
  {
    title: 'a JSON syntax error',
    args: 'deploy -i FILE',
    files: { 'comma.json': '{\n  "image": "x.ova",\n  "lab": true,\n}\n' },
    says: ['bad/comma.json:4', 'not JSON'],
  },
  {
    title: 'an empty inventory',
    args: 'deploy -i FILE',
    files: { 'empty.yaml': '' },
    says: ['bad/empty.yaml', 'nothing in it', 'sites'],
  },
  {
    title: 'an inventory of another schema',
    args: 'deploy -i FILE',
    files: { 'other.yaml': 'schema: vsa\nlab: true\n' },
    says: ['there is no inventory schema “vsa”', 'did you mean “vse”?'],
  },
  {
    title: 'TypeScript that does not parse',
    args: 'deploy -i FILE',
    files: {
      'parse.ts': "import { vse } from '#inventory/schema/vse'\nexport default defineInventory(vse, {{\n",
    },
    says: ['bad/parse.ts:2', 'hint:'],
  },
  {
    title: 'TypeScript that throws',
    args: 'deploy -i FILE',
    files: {
      'throws.ts': "const plan: unknown = undefined\nthrow new RangeError('no plan')\nexport default plan\n",
    },
    says: ['bad/throws.ts:2', 'no plan', 'correct the line'],
  },
  {
    title: 'TypeScript that throws no error',
    args: 'deploy -i FILE',
    files: { 'text.ts': "throw 'a text'\n" },
    says: ['bad/text.ts', 'a text'],
  },
  {
    title: 'TypeScript that imports what is not there',
    args: 'deploy -i FILE',
    files: { 'import.ts': "import { x } from '#modules/vzen/none'\nexport default x\n" },
    says: ['bad/import.ts:1', 'modules/vzen/none.ts'],
  },
  {
    title: 'TypeScript that imports a package that is not installed',
    args: 'deploy -i FILE',
    files: { 'package.ts': "import { x } from 'no-such-package'\nexport default x\n" },
    says: ['bad/package.ts', '“no-such-package”', 'npm install no-such-package'],
  },
  {
    title: 'TypeScript that exports no inventory',
    args: 'deploy -i FILE',
    files: { 'nothing.ts': 'export const inventory = 1\n' },
    says: ['bad/nothing.ts', 'does not export an inventory', 'defineInventory'],
  },
  {
    title: 'TypeScript with a type error',
    args: 'deploy -i FILE',
    files: {
      'typed.ts': `import lab from '#inventory/lab'\nconst count: number = 'four'\nexport { count }\nexport default lab\n`,
    },
    says: ['bad/typed.ts:2', 'number', 'TS2322'],
  },
  // The inventory as a plan
  {
    title: 'an unknown key',
    args: 'deploy -i FILE',
    files: { 'key.json': spoil(({ a }) => (a['proxi'] = '10.84.0.9')) },
    says: [/bad\/key\.json:\d+: sites\.fra\.clusters\.fra-1\.nodes\.fra-1-a\.proxi/, 'did you mean “proxy”?'],
  },
  {
    title: 'a wrong type',
    args: 'deploy -i FILE',
    files: { 'type.json': spoil(({ cluster }) => (cluster['cpus'] = 'four')) },
    says: [/bad\/type\.json:\d+: sites\.fra\.clusters\.fra-1\.cpus/, '“four”', 'a number'],
  },
  {
    title: 'overlapping addresses',
    args: 'deploy -i FILE',
    files: { 'address.json': spoil(({ b }) => (b['proxy'] = '10.84.0.111')) },
    says: [/bad\/address\.json:\d+: .*fra-1-b\.proxy/, '10.84.0.111', 'proxy IP address of fra-1-a', 'X-02'],
  },
  {
    title: 'a missing load balancer address',
    args: 'deploy -i FILE',
    files: { 'balancer.json': spoil(({ b }) => delete b['loadBalancer']) },
    says: [/bad\/balancer\.json:\d+: .*fra-1-b\.loadBalancer/, 'S-050', 'add loadBalancer'],
  },
  {
    title: 'one node',
    args: 'deploy -i FILE',
    files: { 'one.json': spoil(({ cluster, a }) => (cluster.nodes = { 'fra-1-a': a })) },
    says: [/bad\/one\.json:\d+: .*fra-1\.nodes/, '1 node', 'at least 2', 'standalone'],
  },
  {
    title: 'seventeen nodes',
    args: 'deploy -i FILE',
    files: {
      'many.json': spoil(
        ({ cluster }) =>
          (cluster.nodes = Object.fromEntries(
            Array.from({ length: 17 }, (_, i) => [`n${i}`, writeNode(`n${i}`, 20 + 3 * i)]),
          )),
      ),
    },
    says: [/bad\/many\.json:\d+: .*fra-1\.nodes/, '17 nodes', 'at most 16'],
  },
  {
    title: 'a gateway outside the subnet',
    args: 'deploy -i FILE',
    files: { 'gateway.json': spoil(({ site }) => (site.network['gateway'] = '10.85.0.1')) },
    says: [/bad\/gateway\.json:\d+: sites\.fra\.network\.gateway/, '10.85.0.1', '10.84.0.0/24', 'S-103'],
  },
  {
    title: 'times 30 minutes apart across midnight',
    args: 'deploy -i FILE',
    files: {
      'times.json': spoil(({ a, b }) => Object.assign(a, { updateAt: '23:45' }) && (b['updateAt'] = '00:15')),
    },
    says: [/bad\/times\.json:\d+: .*fra-1-b\.updateAt/, '30 minutes', '23:45', 'one hour'],
  },
  {
    title: 'the same certificate twice',
    args: 'deploy -i FILE',
    files: { 'certificate.json': spoil(({ b }) => (b['certificate'] = './fra-1-a.zip')) },
    says: [/bad\/certificate\.json:\d+: .*fra-1-b\.certificate/, 'fra-1-a', 'name of its own'],
  },
  {
    title: 'a secret written out',
    args: 'deploy -i FILE',
    files: { 'literal.json': spoil(({ estate }) => (estate['password'] = 'hunter2')) },
    says: [/bad\/literal\.json:\d+: password/, 'written out', "secret.env('NAME')"],
  },
  {
    title: 'several problems at once',
    args: 'deploy -i FILE',
    files: {
      'several.json': spoil(({ estate, a, b }) => {
        Object.assign(estate, { colour: 'blue' })
        Object.assign(a, { proxy: '10.84.0.200' })
        Object.assign(b, { certificate: 'fra-1-a.zip' })
      }),
    },
    says: ['has 3 problems', 'colour', 'X-02', 'S-059', 'nothing was touched'],
  },
  {
    title: 'secrets that are not set',
    args: 'verify -i FILE',
    files: { 'real.json': spoil(({ estate }) => delete estate['lab']) },
    says: [
      '4 secrets could not be opened',
      'sites.fra.vcenter.password',
      'the environment variable VC_PASSWORD is not set',
      'export VC_PASSWORD=…',
    ],
  },
  {
    title: 'a secret that is empty',
    args: 'verify -i FILE',
    files: { 'empty.json': spoil(({ estate }) => delete estate['lab']) },
    env: { P: 'p', K: 'k', VSE_PASSWORD: '', VC_PASSWORD: 'v' },
    says: ['a secret could not be opened', 'password', 'VSE_PASSWORD is empty'],
  },
  {
    title: 'a secret from a command that fails',
    args: 'verify -i FILE',
    files: {
      'command.json': spoil(({ estate }) => {
        delete estate['lab']
        estate['password'] = { command: 'echo half-a-secret; echo locked >&2; exit 3' }
      }),
    },
    env: { P: 'p', K: 'k', VC_PASSWORD: 'v' },
    says: ['password', 'the command echo failed (3): locked', 'run it by hand'],
  },
  {
    title: 'a secret to ask nobody for',
    args: 'verify -i FILE',
    files: {
      'prompt.json': spoil(({ estate }) => {
        delete estate['lab']
        estate['password'] = { prompt: 'New password' }
      }),
    },
    env: { P: 'p', K: 'k', VC_PASSWORD: 'v' },
    says: ['password', 'nobody to ask for “New password”', 'terminal'],
  },
  // The runbook
  {
    title: 'a runbook without a default export',
    args: 'FILE',
    files: { 'none.ts': 'export const runbook = 1\n' },
    says: ['bad/none.ts', 'does not export a runbook', 'defineRunbook'],
  },
  {
    title: 'a runbook that throws',
    args: 'FILE',
    files: { 'thrown.ts': `${HEAD}export default defineRunbook(vse, ntp.nothing.at.all)\n` },
    says: ['bad/thrown.ts:4', 'undefined'],
  },
  {
    title: 'a wrong key for a module',
    args: 'FILE',
    files: { 'wrong.ts': runbookOf(`step('The time', () => ntp({ server: ['10.0.0.1'] })),`) },
    says: ['bad/wrong.ts', '7 Configure › The time', 'vzen/ntp takes no “server”', 'did you mean servers?'],
  },
  {
    title: 'a wrong key for a module that only its type shows, for it is decided late',
    args: 'FILE',
    files: {
      'late.ts': runbookOf(`step('The time', (_scope, _results) => ntp({ servers: [], zone: 'UTC' })),`),
    },
    says: ['bad/late.ts:7', "'zone' does not exist"],
  },
  {
    title: 'a wrong key for a module, where types are not checked',
    args: 'FILE',
    files: { 'wrong.js': runbookOf(`step('The time', () => ntp({ servers: ['10.0.0.1'], zone: 'UTC' })),`) },
    says: ['bad/wrong.js', '7 Configure › The time', 'zone', 'vzen/ntp takes no “zone”', 'servers'],
  },
  {
    title: 'a wrong value for a module, where types are not checked',
    args: 'FILE',
    files: { 'value.js': runbookOf(`step('The time', () => ntp({ servers: 'pool' })),`) },
    says: ['bad/value.js', '7 Configure › The time', 'servers', 'vzen/ntp'],
  },
  {
    title: 'a wrong key of a step, where types are not checked',
    args: 'FILE',
    files: {
      'step.js': runbookOf(`step('The time', () => ntp({ servers: ['x'] }), { retyr: { attempts: 2 } }),`),
    },
    says: ['bad/step.js', '7 Configure › The time › retyr', 'did you mean “retry”?'],
  },
  {
    title: 'a handler that nobody wrote, where types are not checked',
    args: 'FILE',
    files: {
      'notify.js': runbookOf(`step('The time', () => ntp({ servers: ['x'] }), { notify: ['restart'] }),`),
    },
    says: ['bad/notify.js', '7 Configure › The time', 'there is no handler “restart”'],
  },
  {
    title: 'params that cannot be worked out',
    args: 'FILE',
    files: {
      'params.js': runbookOf(`step('The time', ({ node }) => ntp({ servers: node.nothing.at.all })),`),
    },
    says: ['bad/params.js', '7 Configure › The time', 'cannot be worked out'],
  },
]

describe('a bad input', () => {
  let project: FreshProject
  beforeAll(async () => {
    project = await openFreshProject()
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it.concurrent.each(CASES)('$title: is refused, with place and hint', async (one) => {
    const names = Object.keys(one.files ?? {}).map((name) => join('bad', name))
    for (const [name, text] of Object.entries(one.files ?? {})) {
      const path = join(project.folder, 'bad', name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
    const args = one.args.split(' ').map((word) => (word === 'FILE' ? (names[0] ?? word) : word))
    const { code, stdout, stderr } = await project.runWith(one.env ?? {}, args)
    for (const words of one.says) expect(stderr).toMatch(words)
    expect(stderr).toMatch(/^runbook: .*\n(?:.*\n)*? +hint: ./)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stderr).not.toContain('this is a bug')
    // The secret that some of them write out.
    expect(stderr).not.toContain('hunter2')
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  it('of any kind leaves nothing behind but the cache of loaded files', async () => {
    expect(CASES.length).toBeGreaterThanOrEqual(45)
    expect(await readdir(join(project.folder, '.runbook'))).toEqual(['cache'])
  })
})
