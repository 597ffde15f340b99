import type { Caller } from './client.ts'
import { isObjectSubtype } from './schema/lookup.ts'
import type { Input, MoRef } from './schema/values.ts'

/** Tells where an object is, for messages about it. */
export interface PathReader {
  /** Such as `/FRA/vm/edge01`; undefined where it cannot be told. Never throws, and asks once for each object. */
  read(ref: MoRef): Promise<string | undefined>
}

/** Milliseconds that a message waits for its path. */
const PATIENCE = 3000

const MAX_KNOWN = 1000

const upwards: Input<'TraversalSpec'> = {
  $type: 'TraversalSpec',
  name: 'up',
  type: 'ManagedEntity',
  path: 'parent',
  skip: false,
  selectSet: [{ name: 'up' }],
}

interface Place {
  readonly name: string
  readonly parent: string | undefined
}

/** Makes a reader that calls through `caller`, as plainly as it can: it is used where something has failed already. */
export function createPathReader(caller: Caller, collector: MoRef): PathReader {
  const known = new Map<string, Promise<string | undefined>>()

  async function ask(ref: MoRef): Promise<string | undefined> {
    const answer = await caller.call('RetrievePropertiesEx', {
      self: collector,
      args: {
        specSet: [
          {
            propSet: [{ type: 'ManagedEntity', all: false, pathSet: ['name', 'parent'] }],
            objectSet: [{ obj: ref, skip: false, selectSet: [upwards] }],
          },
        ],
        options: {},
      },
      signal: AbortSignal.timeout(PATIENCE),
    })
    const places = new Map<string, Place>()
    for (const { obj, propSet } of answer?.objects ?? []) {
      const values = new Map<string, unknown>(propSet.map(({ name, val }) => [name, val]))
      const name = values.get('name')
      const parent = values.get('parent') as MoRef | undefined
      places.set(obj.value, { name: typeof name === 'string' ? name : obj.value, parent: parent?.value })
    }
    const names: string[] = []
    // The root folder has a name, too, which no path begins with.
    for (let at = places.get(ref.value); at?.parent !== undefined; at = places.get(at.parent)) {
      if (names.unshift(at.name) > places.size) return undefined
    }
    return names.length === 0 ? undefined : `/${names.join('/')}`
  }

  return {
    async read(ref) {
      if (!isObjectSubtype(ref.type, 'ManagedEntity')) return undefined
      let path = known.get(ref.value)
      if (path === undefined) {
        if (known.size >= MAX_KNOWN) known.clear()
        path = ask(ref).catch(() => undefined)
        known.set(ref.value, path)
      }
      return path
    },
  }
}
