import { chmod, symlink } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'

import { loadInventory } from '../../src/load/load-inventory.ts'
import { ConfigError, RunbookError, UsageError } from '../../src/model/error.ts'
import type { FileRef } from '../../src/model/file-ref.ts'
import { Secret } from '../../src/model/secret.ts'
import { createTestProject } from './support/project.ts'
import { type WrittenSite, writeEstate, writeNode } from './support/written.ts'

const project = await createTestProject()
const load = (file: string, set: readonly string[] = []) => loadInventory([file], { project, set })

async function refusal(work: Promise<unknown>): Promise<RunbookError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(RunbookError)
  return error as RunbookError
}

/** A second site that shares nothing with the right inventory’s `fra`. */
function writeSite(): WrittenSite {
  return {
    vcenter: { host: 'vc2.acme.example', username: 'svc', password: { env: 'VC2_PASSWORD' } },
    placement: { datacenter: 'MUC', computeCluster: 'edge', datastore: 'ssd' },
    network: {
      subnet: '10.85.0.0/24',
      gateway: '10.85.0.200',
      dns: ['10.84.0.100'],
      portGroup: { name: 'VSE' },
    },
    clusters: {
      'muc-1': {
        address: '10.85.0.10',
        location: { name: 'Munich' },
        nodes: Object.fromEntries(
          ['muc-1-a', 'muc-1-b'].map((name, index) => [
            name,
            Object.fromEntries(
              Object.entries(writeNode(name, 20 + 10 * index)).map(([key, value]) => [
                key,
                String(value).replace('10.84.', '10.85.'),
              ]),
            ),
          ]),
        ),
      },
    },
  }
}

describe('an inventory', () => {
  it.each(['lab.ts', 'lab-bulk.ts', 'example.ts', 'example.yaml'])(
    'of the project is right: %s',
    async (name) => {
      const loaded = await load(join(project.root, 'inventory', name))
      expect(loaded.lab).toBe(name.startsWith('lab'))
      expect(loaded.schema.name).toBe('vse')
      expect(loaded.estate.sites.length).toBeGreaterThan(0)
      expect(() => loaded.schema.lab(loaded.estate)).not.toThrow()
    },
  )

  it('has its levels in written order, with names and defaults, frozen all the way down', async () => {
    const { estate } = await load(await project.write('order.json', JSON.stringify(writeEstate())))
    expect(estate.name).toBe('estate')
    expect(estate['activate']).toBe(true)
    const nodes = estate.sites[0]?.clusters[0]?.nodes ?? []
    expect(nodes.map(({ name }) => name)).toEqual(['fra-1-a', 'fra-1-b'])
    expect(nodes[0]).toMatchObject({ nitrox: false })
    expect(Object.isFrozen(nodes[0])).toBe(true)
    expect(Object.isFrozen(estate.sites[0]?.['network'])).toBe(true)
  })

  it('means the same in TypeScript, YAML and JSON', async () => {
    const json = await project.write('same.json', JSON.stringify(writeEstate()))
    const yaml = await project.write('same.yaml', stringify(writeEstate()))
    const ts = await project.write(
      'same.ts',
      `import { defineInventory } from '#sdk'
       import { vse } from '#inventory/schema/vse'
       export default defineInventory(vse, ${JSON.stringify(writeEstate())})`,
    )
    const estates = await Promise.all(
      [json, yaml, ts].map(async (file) => JSON.stringify((await load(file)).estate)),
    )
    expect(new Set(estates).size).toBe(1)
  })

  it('holds secrets closed, and says where each of them is used', async () => {
    const { estate, secrets } = await load(await project.write('secrets.json', JSON.stringify(writeEstate())))
    expect(estate['password']).toBeInstanceOf(Secret)
    expect(secrets.map(({ path, target }) => `${path} of ${target}`)).toEqual([
      'zia.login.password of estate',
      'zia.login.apiKey of estate',
      'password of estate',
      'initialPassword of estate',
      'sites.fra.vcenter.password of fra',
    ])
    expect(secrets.filter(({ secret }) => secret.isOpen).map(({ path }) => path)).toEqual(['initialPassword'])
  })

  it('anchors its files beside itself', async () => {
    const written = { ...writeEstate(), image: '../images/vse.ova' }
    const { estate } = await load(await project.write('deep/down/here.json', JSON.stringify(written)))
    expect((estate['image'] as FileRef).path).toBe(join(project.folder, 'deep/images/vse.ova'))
  })

  it('of the lab keeps its files below the lab’s folder, whatever they are called', async () => {
    const written = { ...writeEstate(), lab: true, image: '../../images/vse.ova' }
    const { estate, lab } = await load(await project.write('lab.json', JSON.stringify(written)))
    expect(lab).toBe(true)
    expect((estate['image'] as FileRef).path).toBe(join(project.state, 'lab/files/_up/_up/images/vse.ova'))
    const absolute = await load(
      await project.write('lab2.json', JSON.stringify({ ...written, image: '/srv/vse.ova' })),
    )
    expect((absolute.estate['image'] as FileRef).path).toBe(join(project.state, 'lab/files/srv/vse.ova'))
  })

  it('of production can be rehearsed in the lab', async () => {
    const file = await project.write('rehearsed.json', JSON.stringify(writeEstate()))
    const { lab, estate } = await loadInventory([file], { project, lab: true })
    expect(lab).toBe(true)
    expect((estate['image'] as FileRef).path.startsWith(join(project.state, 'lab'))).toBe(true)
  })

  it('is rehearsed without what only the real systems have: their certificates, and files on web servers', async () => {
    const written = writeEstate()
    const thumbprint = Array.from({ length: 32 }, () => 'AB').join(':')
    const [name = ''] = Object.keys(written.sites)
    const set = [
      'imageUrl.url=https://images.example/vse.ova',
      `imageUrl.sha256=${'a'.repeat(64)}`,
      `sites.${name}.vcenter.thumbprint=${thumbprint}`,
    ]
    const file = await project.write('pinned.json', JSON.stringify(written))
    const thumbprintOf = async (lab: boolean) => {
      const { schema, estate } = await loadInventory([file], { project, set, lab })
      const [site] = estate.sites
      const { vsphere } = schema.endpoints(site === undefined ? { estate } : { estate, site })
      return [estate['imageUrl'] !== undefined, vsphere?.thumbprint]
    }
    expect(await thumbprintOf(false)).toEqual([true, thumbprint])
    expect(await thumbprintOf(true)).toEqual([false, undefined])
  })

  it('may lie outside of the project', async () => {
    const file = await project.write(
      'outside/acme.mts',
      `
      import { defineInventory } from 'runbook'
      import { vse } from '#inventory/schema/vse'
      import { written } from './written.ts'
      export default defineInventory(vse, written)`,
    )
    await project.write('outside/written.ts', `export const written = ${JSON.stringify(writeEstate())}`)
    const { files } = await load(file)
    expect(files).toContain(join(project.folder, 'outside/written.ts'))
  })
})

describe('several inventories', () => {
  it('are one: the sites of all of them under what they share', async () => {
    const one = writeEstate()
    const other = { ...writeEstate(), sites: { muc: writeSite() } }
    const files = [
      await project.write('m/one.json', JSON.stringify(one)),
      await project.write('n/other.yaml', stringify(other)),
    ]
    const { estate, named } = await loadInventory(files, { project })
    expect(estate.sites.map(({ name }) => name)).toEqual(['fra', 'muc'])
    expect(named).toEqual(files)
    const certificates = estate.sites.flatMap((site) =>
      site.clusters.flatMap(({ nodes }) => nodes.map((node) => node['certificate'] as FileRef)),
    )
    expect(certificates.map(({ path }) => path)).toEqual([
      join(project.folder, 'm/fra-1-a.zip'),
      join(project.folder, 'm/fra-1-b.zip'),
      join(project.folder, 'n/muc-1-a.zip'),
      join(project.folder, 'n/muc-1-b.zip'),
    ])
  })

  it('may leave what they share to one of them', async () => {
    const one = await project.write('p/one.json', JSON.stringify(writeEstate()))
    const other = await project.write('p/other.json', JSON.stringify({ sites: { muc: writeSite() } }))
    await expect(loadInventory([other, one], { project })).resolves.toBeDefined()
  })

  it('must not say different things, nor the same site twice', async () => {
    const one = await project.write('q/one.json', JSON.stringify(writeEstate()))
    const other = await project.write(
      'q/other.json',
      JSON.stringify({ ...writeEstate(), image: 'b.ova' }, undefined, 1),
    )
    const error = await refusal(loadInventory([one, other], { project }))
    expect((error as ConfigError).issues.map(({ path, line }) => [path, typeof line])).toEqual([
      ['image', 'number'],
      ['sites.fra', 'number'],
    ])
  })

  it('may name the same file twice', async () => {
    const one = await project.write('q/same.json', JSON.stringify(writeEstate()))
    await expect(loadInventory([one, one], { project })).resolves.toMatchObject({ named: [one] })
  })

  it('must all be real or all be the lab’s', async () => {
    const one = await project.write('r/one.json', JSON.stringify(writeEstate()))
    const error = await refusal(loadInventory([one, join(project.root, 'inventory/lab.ts')], { project }))
    expect(error.message).toContain('a lab and a real estate')
  })

  it('tell of an address that two of them use', async () => {
    const site = writeSite()
    const nodes = site.clusters['muc-1']?.nodes ?? {}
    site.network['subnet'] = '10.84.0.0/15'
    for (const node of Object.values(nodes))
      node['management'] = String(node['management']).replace('/24', '')
    Object.assign(nodes['muc-1-a'] ?? {}, { proxy: '10.84.0.111' })
    const one = await project.write('s/one.json', JSON.stringify(writeEstate()))
    const other = await project.write('s/other.json', JSON.stringify({ sites: { muc: site } }))
    const error = (await refusal(loadInventory([one, other], { project }))) as ConfigError
    expect(error.issues[0]).toMatchObject({
      path: 'sites.muc.clusters.muc-1.nodes.muc-1-a.proxy',
      rule: 'X-02',
    })
    expect(error.issues[0]?.file).toContain('s/other.json')
  })
})

describe('--set', () => {
  it('overrides a variable of the estate, of a target by its name, and by the whole path', async () => {
    const file = await project.write('set.json', JSON.stringify(writeEstate()))
    const { estate } = await load(file, [
      'activate=false',
      'fra-1.cpus=8',
      'fra-1-a.proxy=10.84.0.150',
      'sites.fra.network.dns=[10.84.0.101, 10.84.0.102]',
      'fra.vcenter.password={ file: ../pw }',
    ])
    const site = estate.sites[0]
    expect(estate['activate']).toBe(false)
    expect(site?.clusters[0]?.['cpus']).toBe(8)
    expect(site?.clusters[0]?.nodes[0]?.['proxy']).toBe('10.84.0.150')
    expect((site?.['network'] as { dns: unknown } | undefined)?.dns).toEqual(['10.84.0.101', '10.84.0.102'])
    expect((site?.['vcenter'] as { password: Secret } | undefined)?.password.source).toEqual({
      kind: 'file',
      path: '../pw',
    })
  })

  it('leaves alone what a TypeScript inventory shares between targets', async () => {
    const file = await project.write(
      'shared.ts',
      `
      import { defineInventory } from '#sdk'
      import { vse } from '#inventory/schema/vse'
      const location = { name: 'Frankfurt' }
      const written = ${JSON.stringify(writeEstate())}
      const muc = ${JSON.stringify(writeSite())}
      Object.assign(written.sites.fra.clusters['fra-1'], { location })
      Object.assign(muc.clusters['muc-1'], { location })
      Object.assign(written.sites, { muc })
      export default defineInventory(vse, written)`,
    )
    const { estate } = await load(file, ['fra-1.location.name=Main'])
    expect(estate.sites.map((site) => site.clusters[0]?.['location'])).toEqual([
      { name: 'Main' },
      { name: 'Frankfurt' },
    ])
  })

  it('is checked like any other value, and named as where the problem is', async () => {
    const file = await project.write('set2.json', JSON.stringify(writeEstate()))
    const error = (await refusal(load(file, ['fra-1-a.proxy=10.84.0.200']))) as ConfigError
    expect(error.issues).toEqual([expect.objectContaining({ rule: 'X-02', file: '--set' })])
    const secret = (await refusal(load(file, ['password=hunter2']))) as ConfigError
    expect(secret.issues[0]?.hint).toContain('{ env: NAME }')
    expect(JSON.stringify([secret.message, secret.issues])).not.toContain('hunter2')
  })

  it('alone confirms a decommission: a file that does is refused', async () => {
    const text = JSON.stringify({ ...writeEstate(), confirm: ['fra-1'] })
    const file = await project.write('confirm.json', text)
    const error = (await refusal(load(file))) as ConfigError
    expect(error.issues).toEqual([
      expect.objectContaining({
        path: 'confirm',
        message: '“confirm” is for the command line alone, and stands in a file',
        hint: expect.stringContaining('-e confirm=…'),
        file: expect.stringContaining('confirm.json'),
      }),
    ])
    const clean = await project.write('unconfirmed.json', JSON.stringify(writeEstate()))
    expect((await load(clean, ['confirm=fra-1'])).estate['confirm']).toEqual(['fra-1'])
  })

  it.each([
    ['fra-1.cpus', UsageError, 'path=value'],
    ['=4', UsageError, 'path=value'],
    ['fra-1..cpus=4', UsageError, 'path=value'],
    ['__proto__.x=1', UsageError, 'path=value'],
    ['fra-1=4', UsageError, 'is a target'],
    ['fra-1.cpus={ a: ', UsageError, 'cannot be read'],
    ['sites.fre.placement.datastore=x', ConfigError, 'no “fre”'],
    ['image.path=x', ConfigError, 'single value'],
    ['fra-1.cpu=4', ConfigError, 'a problem'],
    ['fra-2.cpus=4', ConfigError, 'a problem'],
  ])('refuses %s', async (assignment, kind, says) => {
    const error = await refusal(
      load(await project.write('set3.json', JSON.stringify(writeEstate())), [assignment]),
    )
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toContain(says)
    expect(error.hint).toBeDefined()
  })
})

describe('a file that cannot be read', () => {
  const text = JSON.stringify(writeEstate())

  it.each<[string, string | undefined, RegExp, string]>([
    ['misisng.yaml', undefined, /misisng\.yaml: there is no such file/, 'did you mean'],
    ['notes.txt', 'hello', /ends in “\.txt”/, '.yaml'],
    ['empty.yaml', '', /empty\.yaml:1: there is nothing/, 'zia'],
    ['list.yaml', '- a', /no group of keys/, 'zia'],
    ['tab.yaml', 'zia:\n\tcloud: x\n', /tab\.yaml:2: /, 'correct the line'],
    ['open.yaml', 'zia: {\n', /open\.yaml:[12]: /, 'correct the line'],
    [
      'twice.yaml',
      'image: a\nimage: b\n',
      /twice\.yaml:2: the same key stands here twice/,
      'correct the line',
    ],
    ['tag.yaml', 'image: !!js/function "x"\n', /tag\.yaml:1: /, 'correct the line'],
    ['two.yaml', 'image: a\n---\nimage: b\n', /two\.yaml:/, 'correct the line'],
    [
      'bomb.yaml',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replaceAll(/./g, (key, at: number) => `${key}: &${key} [${`*${'abcdefgh'[at] ?? ''},`.repeat(9)}]\n`)}`,
      /bomb\.yaml/,
      'correct the line',
    ],
    ['comma.json', '{\n"image": "a",\n}', /comma\.json.*not JSON/, 'correct the line'],
    ['schema.yaml', 'schema: vsee\n', /no inventory schema “vsee”/, 'vse'],
    ['schema2.yaml', 'schema: [vse]\n', /schema2\.yaml:1: schema is not a name/, 'schema: vse'],
    ['schema3.yaml', 'schema: ../../x\n', /no inventory schema/, 'vse'],
    ['lab.yaml', 'lab: maybe\n', /lab is not true or false/, 'lab: true'],
    ['syntax.ts', 'export default {\n  a: 1\n  b: 2\n}\n', /syntax\.ts:3: Expected/, 'correct the line'],
    [
      'throws.ts',
      'interface A { a: 1 }\n\nthrow new TypeError("the moon is full")\n',
      /throws\.ts.*: the moon is full/,
      'correct the line',
    ],
    [
      'throws2.ts',
      '\nfunction deep(): never {\n  throw { a: 1 }\n}\ndeep()\n',
      /throws2\.ts: it threw/,
      'only describes',
    ],
    [
      'range.ts',
      "import { range } from '#sdk'\n\nexport default range('a[3:1]', () => 1)\n",
      /range\.ts.*: .*backwards/,
      '[1:3]',
    ],
    ['none.ts', 'export const inventory = {}\n', /does not export an inventory/, 'defineInventory'],
    [
      'wrong.ts',
      "import { vse } from '#inventory/schema/vse'\nexport default { kind: 'inventory', schema: vse, written: undefined }\n",
      /is undefined/,
      'defineInventory',
    ],
    [
      'import.ts',
      "\nimport { a } from './nowhere.ts'\nexport default a\n",
      /import\.ts:2: /,
      'correct the line',
    ],
    [
      'room.ts',
      "import { x } from '#inventory/schema/vsee'\nexport default x\n",
      /room\.ts:1: there is no inventory\/schema\/vsee\.ts/,
      'correct the line',
    ],
    [
      'package.ts',
      "import x from 'no-such-package-here'\nexport default x\n",
      /“no-such-package-here”, which is not installed|no-such-package-here/,
      '',
    ],
  ])('is refused with its place: %s', async (...[name, content, says, hint]) => {
    const file = content === undefined ? join(project.folder, name) : await project.write(name, content)
    await project.write('missing.yaml', 'x')
    const error = await refusal(load(file))
    expect(error.message).toMatch(says)
    expect(error.message).not.toContain('\n    at ')
    expect(error.hint).toContain(hint)
  })

  it('is refused: a folder, a loop, a file without permission', async () => {
    await project.write('folder.yaml/x', '')
    expect((await refusal(load(join(project.folder, 'folder.yaml')))).message).toContain('it is a folder')
    await symlink('loop.yaml', join(project.folder, 'loop.yaml'))
    expect((await refusal(load(join(project.folder, 'loop.yaml')))).message).toContain('cannot read')
    if (process.getuid?.() === 0) return
    const file = await project.write('closed.json', text)
    await chmod(file, 0)
    expect((await refusal(load(file))).message).toContain('permission denied')
  })

  it('is refused: one far too large', async () => {
    const file = await project.write('large.yaml', `# ${'x'.repeat(9 * 1024 * 1024)}`)
    expect((await refusal(load(file))).message).toContain('more than')
  })
})

describe('lines', () => {
  it('are those of the key in YAML, also in one-line groups and lists', async () => {
    const written = stringify(writeEstate()).replace('proxy: 10.84.0.111', 'proxy: 10.84.0.300')
    const line = written.split('\n').findIndex((text) => text.includes('10.84.0.300')) + 1
    const error = (await refusal(load(await project.write('lines.yaml', written)))) as ConfigError
    expect(error.issues).toEqual([expect.objectContaining({ line })])
  })
})
