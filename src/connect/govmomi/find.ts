import type { Caller } from './client.ts'
import { VimError } from './error.ts'
import type { PropertyReader } from './property.ts'
import { isObjectSubtype } from './schema/lookup.ts'
import type { ObjectName } from './schema/objects.ts'
import type { MoRef, Value } from './schema/values.ts'

/** Finds managed objects by their inventory path, such as `/FRA/vm/Zscaler/edge01`. */
export interface Finder {
  /** Undefined where nothing, or something of another type, is at that path. */
  find(type: ObjectName, path: string): Promise<MoRef | undefined>
  /** Throws a `VimError` that names what is there instead. */
  require(type: ObjectName, path: string): Promise<MoRef>
}

/** Joins parts to an inventory path; a slash inside a name becomes `%2f`, as in the API. */
export function joinPath(...parts: readonly string[]): string {
  return parts
    .map((part, index) => (index === 0 ? part.replaceAll(/^\/+|\/+$/g, '') : part.replaceAll('/', '%2f')))
    .map((part) => `/${part}`)
    .join('')
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The name that comes nearest to a wanted one, where one comes near at all. */
export function selectNearest(wanted: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, far: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ far, name }) => far <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.far - b.far)
  return near[0]?.name
}

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

  async function find(type: ObjectName, path: string): Promise<MoRef | undefined> {
    if (content.searchIndex === undefined) throw new VimError('protocol', 'the server has no search index')
    const inventoryPath = path.replaceAll(/^\/+|\/+$/g, '')
    const ref = await caller.call('FindByInventoryPath', {
      self: content.searchIndex,
      args: { inventoryPath },
      signal,
    })
    return ref !== undefined && isObjectSubtype(ref.type, type) ? ref : undefined
  }

  async function namesBeside(path: string): Promise<readonly string[]> {
    const parent = path.replace(/\/[^/]*\/*$/, '')
    const ref = parent === '' ? content.rootFolder : await find('Folder', parent)
    if (ref === undefined) return []
    const children = await properties.list(
      'ManagedEntity',
      { from: ref, via: [{ type: 'Folder', path: 'childEntity' }] },
      ['name'],
    )
    return children.map(({ values }) => values.name)
  }

  return {
    find,
    async require(type, path) {
      const ref = await find(type, path)
      if (ref !== undefined) return ref
      const names = await namesBeside(path)
      const nearest = selectNearest(path.slice(path.lastIndexOf('/') + 1), names)
      throw new VimError('not-found', `there is no ${type} at ${path}`, {
        hint:
          nearest !== undefined
            ? `did you mean ${nearest}?`
            : names.length > 0
              ? `in that place are ${names.slice(0, 8).join(', ')}`
              : 'look at the part of the path before it, too',
      })
    },
  }
}
