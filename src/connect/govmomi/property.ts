import type { Caller } from './client.ts'
import { VimError } from './error.ts'
import { propertyField } from './schema/lookup.ts'
import type { ObjectName } from './schema/objects.ts'
import type { Input, MoRef, Properties, Value } from './schema/values.ts'

/** A managed object with what was read of it. */
export interface Found<O extends ObjectName, P extends string> {
  readonly ref: MoRef
  readonly values: Properties<O, P>
}

/** One step from object to object, such as `{ type: 'Datacenter', path: 'network' }`. */
export interface Hop {
  readonly type: ObjectName
  readonly path: string
  /** Goes on along the same property, as through folders in folders. */
  readonly recursive?: boolean
}

/** Where to start, and which way to go. */
export interface Way {
  readonly from: MoRef
  readonly via: readonly Hop[]
}

/** Reads properties of managed objects, typed by the table. */
export interface PropertyReader {
  /** Reads one object. Throws where the object is gone, or a mandatory property cannot be read. */
  get<O extends ObjectName, const P extends string>(
    type: O,
    ref: MoRef,
    paths: readonly P[],
  ): Promise<Properties<O, P>>
  /** Reads many objects in one round trip, in the order in which they are given. */
  getMany<O extends ObjectName, const P extends string>(
    type: O,
    refs: readonly MoRef[],
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]>
  /** Reads every object of a type at the end of a way, in one round trip. */
  list<O extends ObjectName, const P extends string>(
    type: O,
    way: Way,
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]>
}

const PAGE = 500

function selection(via: readonly Hop[], index: number): readonly Input<'SelectionSpec'>[] {
  const hop = via[index]
  if (hop === undefined) return []
  const name = `hop-${index}`
  const further = selection(via, index + 1)
  const { type, path } = hop
  const selectSet = hop.recursive === true ? [{ name }, ...further] : further
  const traversal: Input<'TraversalSpec'> = {
    $type: 'TraversalSpec',
    name,
    type,
    path,
    skip: false,
    selectSet,
  }
  return [traversal]
}

// An optional property that is not set does not come at all: it becomes undefined, and a list an empty one.
function complete(type: ObjectName, content: Value<'ObjectContent'>, paths: readonly string[]): object {
  const values = new Map(content.propSet.map(({ name, val }) => [name, val as unknown]))
  for (const path of paths) {
    if (values.has(path)) continue
    const field = propertyField(type, path)
    if (field?.list === true) values.set(path, [])
    else if (field?.required !== true || isOptionalOnTheWay(type, path)) values.set(path, undefined)
    else {
      const why = content.missingSet.find((missing) => missing.path === path)?.fault.localizedMessage
      throw new VimError(
        'fault',
        `${content.obj.value} does not show its ${path}${why === undefined ? '' : `: ${why}`}`,
        {
          hint: 'the user needs the privilege System.Read on it, and a host has to be connected',
        },
      )
    }
  }
  return Object.fromEntries(values)
}

function isOptionalOnTheWay(type: ObjectName, path: string): boolean {
  const names = path.split('.')
  return names.some(
    (_, index) => propertyField(type, names.slice(0, index + 1).join('.'))?.required === false,
  )
}

/** Makes a reader that calls through `caller`, for as long as `signal` allows. */
export function createPropertyReader(
  caller: Caller,
  { collector, signal }: { readonly collector: MoRef; readonly signal: AbortSignal },
): PropertyReader {
  async function retrieve(
    propSet: Input<'PropertySpec'>,
    objectSet: readonly Input<'ObjectSpec'>[],
  ): Promise<readonly Value<'ObjectContent'>[]> {
    const args = { specSet: [{ propSet: [propSet], objectSet }], options: { maxObjects: PAGE } }
    const first = await caller.call('RetrievePropertiesEx', { self: collector, args, signal })
    const contents = [...(first?.objects ?? [])]
    let token = first?.token
    while (token !== undefined) {
      const next = await caller.call('ContinueRetrievePropertiesEx', {
        self: collector,
        args: { token },
        signal,
      })
      contents.push(...next.objects)
      token = next.token
    }
    return contents
  }

  async function getMany<O extends ObjectName, P extends string>(
    type: O,
    refs: readonly MoRef[],
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]> {
    if (refs.length === 0) return []
    const contents = await retrieve(
      { type, all: false, pathSet: paths },
      refs.map((obj) => ({ obj, skip: false })),
    )
    const byId = new Map(contents.map((content) => [content.obj.value, content]))
    return refs.map((ref) => {
      const content = byId.get(ref.value) ?? { obj: ref, propSet: [], missingSet: [] }
      return { ref, values: complete(type, content, paths) as Properties<O, P> }
    })
  }

  return {
    getMany,
    async get<O extends ObjectName, P extends string>(type: O, ref: MoRef, paths: readonly P[]) {
      const [found] = await getMany(type, [ref], paths)
      if (found === undefined) throw new VimError('not-found', `${type} ${ref.value} is gone`)
      return found.values
    },
    async list<O extends ObjectName, P extends string>(type: O, { from, via }: Way, paths: readonly P[]) {
      const contents = await retrieve({ type, all: false, pathSet: paths }, [
        { obj: from, skip: true, selectSet: selection(via, 0) },
      ])
      return contents.map((content) => ({
        ref: content.obj,
        values: complete(type, content, paths) as Properties<O, P>,
      }))
    },
  }
}
