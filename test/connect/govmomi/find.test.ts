import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { escapeName, unescapeName } from '../../../src/connect/govmomi/codec/entity-name.ts'
import { createFinder, type Finder } from '../../../src/connect/govmomi/find.ts'
import { hasGlob, matchGlob } from '../../../src/connect/govmomi/glob.ts'
import { joinPath } from '../../../src/connect/govmomi/join-path.ts'
import { selectNearest } from '../../../src/connect/govmomi/nearest.ts'
import { createPropertyReader, type PropertyReader } from '../../../src/connect/govmomi/property.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from '../../lab/vcenter/rig.ts'

describe('an inventory path', () => {
  it('has one slash between its parts, and none inside a name', () => {
    expect(joinPath('/FRA/', 'vm', 'edges', 'a/b')).toBe('/FRA/vm/edges/a%2fb')
    expect(joinPath('folder/FRA', 'network', 'vse')).toBe('/folder/FRA/network/vse')
    expect(joinPath('FRA', 'vm', ...''.split('/'), 'edge-1')).toBe('/FRA/vm/edge-1')
  })

  it.each([
    ['a/b', 'a%2fb'],
    ['a\\b', 'a%5cb'],
    ['50%', '50%25'],
    ['50% of 2/3', '50%25 of 2%2f3'],
  ])('has the name %s as %s, and gives it back', (...[name, escaped]) => {
    expect(escapeName(name)).toBe(escaped)
    expect(unescapeName(escaped)).toBe(name)
  })

  it('leaves what is escaped already as it is', () => {
    expect(escapeName('a%2fb%5Cc%25')).toBe('a%2fb%5Cc%25')
    expect(unescapeName('a%2Fb')).toBe('a/b')
  })
})

describe('the nearest name', () => {
  it.each([
    ['edge-l', ['edge-1', 'core-1'], 'edge-1'],
    ['VSE', ['vse', 'later'], 'vse'],
    ['production', ['prod', 'test'], undefined],
    ['anything', [], undefined],
  ])('to %s among %j is %s', (...[wanted, names, nearest]) => {
    expect(selectNearest(wanted, names)).toBe(nearest)
  })
})

describe('a pattern', () => {
  it.each([
    ['*', 'anything at all', true],
    ['esx-?.lab', 'esx-1.lab', true],
    ['esx-?.lab', 'esx-12.lab', false],
    ['esx-[0-9]*', 'esx-12.lab', true],
    ['esx-[!0-9]*', 'esx-12.lab', false],
    ['esx-1.lab', 'esx-1xlab', false],
    ['[a', '[a', true],
    ['[z-a]', 'm', false],
    ['a+(b)|c', 'a+(b)|c', true],
    ['ESX*', 'esx-1', false],
    ['*\\*', 'a\\b', true],
  ])('%s matches %s: %s', (...[pattern, name, expected]) => {
    expect(matchGlob(pattern, name)).toBe(expected)
  })

  it('is told from a name', () => {
    expect(['a*', 'a?', '[ab]'].every(hasGlob)).toBe(true)
    expect(hasGlob('DC0_C0 (old).1')).toBe(false)
  })
})

describe('a finder', () => {
  let rig: Rig
  let client: Client
  let finder: Finder
  const { signal } = new AbortController()

  beforeAll(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    const { session, properties } = client
    finder = createFinder(session, { content: session.content, properties, signal })
  })
  afterAll(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  it.each([
    ['HostSystem', '/FRA/host/*/esx*', ['/FRA/host/edge/esx-1.lab', '/FRA/host/edge/esx-2.lab']],
    ['HostSystem', '/*/host/edge/esx-[!1]*', ['/FRA/host/edge/esx-2.lab']],
    ['ResourcePool', '/FRA/host/e?ge/Resources/*', ['/FRA/host/edge/Resources/prod']],
    ['Datacenter', '/FRA', ['/FRA']],
    ['Folder', '/FRA/*', ['/FRA/datastore', '/FRA/host', '/FRA/network', '/FRA/vm']],
    ['HostSystem', '/FRA/host/*', []],
    ['VirtualMachine', '/MUC/vm/*', []],
    ['Network', '/FRA/network/*vse', ['/FRA/network/dvs-vse', '/FRA/network/vse']],
  ] as const)('finds every %s at %s', async (...[type, pattern, paths]) => {
    const found = await finder.findAll(type, pattern)
    expect(found.map(({ path }) => path)).toEqual(paths)
    for (const { ref, path } of found) expect(await finder.find(type, path)).toEqual(ref)
  })

  it.each([
    ['HostSystem', '/FRA/host/edge/esx-3.lab', 'did you mean esx-1.lab?'],
    ['VirtualMachine', '/FRA/vm/edgse/edge-1', 'there is no edgse in /FRA/vm; did you mean edges?'],
    ['Datacenter', '/MUC', 'in / are FRA'],
    ['VirtualMachine', '/FRA/vm/edges', 'what is there is a Folder; name another path'],
    ['VirtualMachine', '/FRA/vm/edges/edge-1', '/FRA/vm/edges is empty, or the user may not look into it'],
  ] as const)('says of a %s that is not at %s: %3$s', async (...[type, path, hint]) => {
    await expect(finder.require(type, path)).rejects.toMatchObject({ code: 'not-found', hint })
    expect(await finder.explain(type, path)).toBe(hint)
  })

  it('reads on where an answer has more pages', async () => {
    const { session } = client
    const calls: string[] = []
    const counted: Parameters<typeof createPropertyReader>[0] = {
      call: (operation, call) => {
        calls.push(operation)
        return session.call(operation, call)
      },
    }
    const collector = session.content.propertyCollector
    const reader: PropertyReader = createPropertyReader(counted, { collector, signal, pageSize: 1 })
    const way = {
      from: session.content.rootFolder,
      via: [
        { type: 'Folder', path: 'childEntity' },
        [
          { type: 'Datacenter', path: 'hostFolder' },
          { type: 'Datacenter', path: 'vmFolder' },
        ],
      ],
    } as const
    const found = await reader.list('ManagedEntity', way, ['name'])
    expect(found.map(({ values }) => values.name).toSorted()).toEqual(['FRA', 'host', 'vm'])
    expect(calls).toContain('ContinueRetrievePropertiesEx')
    const refs = found.map(({ ref }) => ref).toReversed()
    const many = await reader.getMany('ManagedEntity', refs, ['name'])
    expect(many.map(({ ref }) => ref)).toEqual(refs)
    expect(await reader.getMany('ManagedEntity', [], ['name'])).toEqual([])
  })
})
