import type { Caller } from './client.ts'
import { escapeName, unescapeName } from './codec/entity-name.ts'
import { VimError } from './error.ts'
import { hasGlob, matchGlob } from './glob.ts'
import { selectNearest } from './nearest.ts'
import type { Hop, PropertyReader } from './property.ts'
import { isObjectSubtype } from './schema/lookup.ts'
import type { ObjectName } from './schema/objects.ts'
import type { MoRef, Value } from './schema/values.ts'

/** An object and its inventory path. */
export interface Located {
  readonly ref: MoRef
  readonly path: string
}

/**
 * Finds managed objects by their inventory path, such as `/FRA/vm/Zscaler/edge01`. A compute resource, network or datastore
 * is found without the folders, or the datastore cluster, that it is sorted into: `/FRA/datastore/ssd-1`.
 */
export interface Finder {
  /** Undefined where nothing, or something of another type, is at that path. */
  find(type: ObjectName, path: string): Promise<MoRef | undefined>
  /** Throws a `VimError` that names what is there instead. */
  require(type: ObjectName, path: string): Promise<MoRef>
  /** What is there instead, in a clause, where `find` finds nothing. */
  explain(type: ObjectName, path: string): Promise<string>
  /**
   * Everything of a type whose path matches a pattern such as `/FRA/host/edge-?/esx*`, sorted by path. A `*` does not match a
   * slash. Nothing, where nothing matches.
   */
  findAll(type: ObjectName, pattern: string): Promise<readonly Located[]>
}

// Where the children of an object are, as far as an inventory path leads through it.
const CHILDREN: readonly Hop[] = [
  { type: 'Folder', path: 'childEntity' },
  { type: 'Datacenter', path: 'vmFolder' },
  { type: 'Datacenter', path: 'hostFolder' },
  { type: 'Datacenter', path: 'datastoreFolder' },
  { type: 'Datacenter', path: 'networkFolder' },
  { type: 'ComputeResource', path: 'host' },
  { type: 'ComputeResource', path: 'resourcePool' },
  { type: 'ResourcePool', path: 'resourcePool' },
]

// Folders in here sort things that a placement knows by their name alone. Machines are told apart by their folders.
const SORTED: ReadonlySet<string> = new Set(['host', 'network', 'datastore'])

const splitPath = (path: string): readonly string[] => path.split('/').filter((name) => name !== '')

/** Makes a finder over the server's own search. */
export function createFinder(
  caller: Caller,
  options: {
    readonly content: Value<'ServiceContent'>
    readonly properties: PropertyReader
    readonly signal: AbortSignal
  },
): Finder {
  const { content, properties, signal } = options

  async function look(names: readonly string[]): Promise<MoRef | undefined> {
    if (names.length === 0) return content.rootFolder
    if (content.searchIndex === undefined) throw new VimError('protocol', 'the server has no search index')
    return caller.call('FindByInventoryPath', {
      self: content.searchIndex,
      args: { inventoryPath: names.join('/') },
      signal,
    })
  }

  async function childrenOf(parents: readonly Located[]): Promise<readonly (Located & { name: string })[]> {
    const paths = new Map(parents.map(({ ref, path }) => [ref.value, path]))
    const children = await properties.list(
      'ManagedEntity',
      { from: parents.map(({ ref }) => ref), via: [CHILDREN] },
      ['name', 'parent'],
    )
    return children.flatMap(({ ref, values: { name, parent } }) => {
      const above = paths.get(parent?.value ?? '')
      return above === undefined ? [] : [{ ref, name, path: `${above}/${escapeName(name)}` }]
    })
  }

  /** Everything of a name in the folders below a folder, whatever it is; folders themselves are nothing. */
  async function findSorted(folder: MoRef, name: string): Promise<readonly MoRef[]> {
    const way = { from: folder, via: [{ type: 'Folder', path: 'childEntity', recursive: true }] } as const
    const all = await properties.list('ManagedEntity', way, ['name'])
    return all.flatMap(({ ref, values }) =>
      values.name === unescapeName(name) && !isObjectSubtype(ref.type, 'Folder') ? [ref] : [],
    )
  }

  async function lookAround(names: readonly string[], type: ObjectName): Promise<MoRef | undefined> {
    const direct = await look(names)
    const at = names.findIndex((name) => SORTED.has(name))
    const [name, ...rest] = names.slice(at + 1)
    // A folder may have the name of what is sorted into it.
    const isIt = direct !== undefined && isObjectSubtype(direct.type, type)
    if (isIt || at < 1 || name === undefined) return direct
    const folder = await look(names.slice(0, at + 1))
    if (folder === undefined) return direct
    const wanted = rest.length === 0 ? type : 'ComputeResource'
    const found = (await findSorted(folder, name)).filter((ref) => isObjectSubtype(ref.type, wanted))
    if (found.length > 1) {
      throw new VimError(
        'decision',
        `there are ${found.length} of the name ${name} in the folders below /${names.slice(0, at + 1).join('/')}: ${found.map(({ type: is, value }) => `${is} ${value}`).join(', ')}`,
        { hint: 'rename all but one of them in vSphere, so that the name says which is meant' },
      )
    }
    let [ref] = found
    for (const below of rest) {
      if (ref === undefined) return direct
      const children = await childrenOf([{ ref, path: '' }])
      ref = children.find((child) => child.name === unescapeName(below))?.ref
    }
    return ref ?? direct
  }

  async function explainMissing(names: readonly string[]): Promise<string> {
    for (let depth = names.length - 1; depth >= 0; depth -= 1) {
      const above = names.slice(0, depth)
      const ref = await look(above)
      if (ref === undefined) continue
      const path = `/${above.join('/')}`
      const wanted = names[depth] ?? ''
      const there = (await childrenOf([{ ref, path: '' }])).map(({ name }) => name).toSorted()
      const which = depth === names.length - 1 ? '' : `there is no ${wanted} in ${path}; `
      const nearest = selectNearest(unescapeName(wanted), there)
      if (nearest !== undefined) return `${which}did you mean ${nearest}?`
      if (there.length === 0) return `${which}${path} is empty, or the user may not look into it`
      const more = there.length > 8 ? ` and ${there.length - 8} more` : ''
      return `${which}in ${path} are ${there.slice(0, 8).join(', ')}${more}`
    }
    return 'the user may not see even the root of the inventory'
  }

  async function find(type: ObjectName, path: string): Promise<MoRef | undefined> {
    const ref = await lookAround(splitPath(path), type)
    return ref !== undefined && isObjectSubtype(ref.type, type) ? ref : undefined
  }

  async function explain(type: ObjectName, path: string): Promise<string> {
    const names = splitPath(path)
    const ref = await lookAround(names, type)
    return ref === undefined ? explainMissing(names) : `what is there is a ${ref.type}; name another path`
  }

  return {
    find,
    async require(type, path) {
      const ref = await find(type, path)
      if (ref !== undefined) return ref
      throw new VimError('not-found', `there is no ${type} at ${path}`, { hint: await explain(type, path) })
    },
    explain,
    async findAll(type, pattern) {
      const names = splitPath(pattern)
      const plain = names.findIndex(hasGlob)
      const known = plain < 0 ? names : names.slice(0, plain)
      const start = await look(known)
      if (start === undefined) return []
      let found: readonly Located[] = [{ ref: start, path: known.map((name) => `/${name}`).join('') }]
      for (const name of names.slice(known.length)) {
        found = (await childrenOf(found)).filter(
          (child) => matchGlob(name, child.name) || matchGlob(name, escapeName(child.name)),
        )
      }
      return found
        .filter(({ ref }) => isObjectSubtype(ref.type, type))
        .map(({ ref, path }) => ({ ref, path }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    },
  }
}
