import type { Caller } from './client.ts'
import { unescapeName } from './codec/entity-name.ts'
import { VimError } from './error.ts'
import { retrieve } from './retrieve.ts'
import { isObjectSubtype, propertyField } from './schema/lookup.ts'
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

/** Where to start, and which way to go: several hops in one place are ways that part there. */
export interface Way {
  readonly from: MoRef | readonly MoRef[]
  readonly via: readonly (Hop | readonly Hop[])[]
}

/** Reads properties of managed objects, typed by the table. The `name` of an entity comes as people write it, unescaped. */
export interface PropertyReader {
  /** Reads one object. Throws where the object is gone, or a mandatory property cannot be read. */
  get<O extends ObjectName, const P extends string>(
    type: O,
    ref: MoRef,
    paths: readonly P[],
  ): Promise<Properties<O, P>>
  /**
   * Reads many objects in one round trip, or one for every page of them, in the order in which they are given. Throws where
   * one of them is gone.
   */
  getMany<O extends ObjectName, const P extends string>(
    type: O,
    refs: readonly MoRef[],
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]>
  /** Reads every object of a type at the end of a way, in one round trip; those that are hidden from the user are left out. */
  list<O extends ObjectName, const P extends string>(
    type: O,
    way: Way,
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]>
}

/** What a property reader works with. */
export interface PropertyReaderOptions {
  readonly collector: MoRef
  readonly signal: AbortSignal
  /** The most objects in one answer; the rest is fetched by further calls. */
  readonly pageSize?: number
}

function selection(via: Way['via'], index: number): readonly Input<'SelectionSpec'>[] {
  const hops = via[index]
  if (hops === undefined) return []
  const further = selection(via, index + 1)
  return [hops].flat().map((hop, which): Input<'TraversalSpec'> => {
    const name = `hop-${index}-${which}`
    const selectSet = hop.recursive === true ? [{ name }, ...further] : further
    return { $type: 'TraversalSpec', name, type: hop.type, path: hop.path, skip: false, selectSet }
  })
}

/** What of an object is missing because it is hidden from the user, or was removed while the server looked. */
const UNSEEN: ReadonlySet<string> = new Set(['NoPermission', 'ManagedObjectNotFound'])

// A way leads past objects of others: what the user may see nothing of is not there for them.
function isSeen({ propSet, missingSet }: Value<'ObjectContent'>): boolean {
  const isUnseen = missingSet.some(({ fault }) => UNSEEN.has(fault.fault.$type ?? ''))
  return propSet.length > 0 || !isUnseen
}

// An optional property that is not set does not come at all: it becomes undefined, and a list an empty one.
function complete(type: ObjectName, content: Value<'ObjectContent'>, paths: readonly string[]): object {
  const values = new Map(content.propSet.map(({ name, val }) => [name, val as unknown]))
  const own = values.get('name')
  if (typeof own === 'string' && isObjectSubtype(content.obj.type, 'ManagedEntity')) {
    values.set('name', unescapeName(own))
  }
  for (const path of paths) {
    if (values.has(path)) continue
    const field = propertyField(type, path)
    if (field?.list === true) values.set(path, [])
    else if (field?.required !== true || isOptionalOnTheWay(type, path)) values.set(path, undefined)
    else {
      const missing = content.missingSet.find((each) => each.path === path)?.fault
      const message = missing?.localizedMessage
      throw new VimError(
        'fault',
        `${content.obj.value} does not show its ${path}${message === undefined ? '' : `: ${message}`}`,
        {
          hint: 'the user needs the privilege System.Read on it, and a host has to be connected',
          fault: missing && {
            type: missing.fault.$type ?? '',
            message: message ?? '',
            detail: missing.fault,
          },
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
  { collector, signal, pageSize = 500 }: PropertyReaderOptions,
): PropertyReader {
  const ask = (propSet: Input<'PropertySpec'>, objectSet: readonly Input<'ObjectSpec'>[]) =>
    retrieve(caller, { collector, spec: { propSet: [propSet], objectSet }, signal, pageSize })

  async function getMany<O extends ObjectName, P extends string>(
    type: O,
    refs: readonly MoRef[],
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]> {
    if (refs.length === 0) return []
    const contents = await ask(
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
      const selectSet = selection(via, 0)
      const starts = [from].flat()
      if (starts.length === 0) return []
      const contents = await ask(
        { type, all: false, pathSet: paths },
        starts.map((obj) => ({ obj, skip: true, selectSet })),
      )
      return contents.filter(isSeen).map((content) => ({
        ref: content.obj,
        values: complete(type, content, paths) as Properties<O, P>,
      }))
    },
  }
}
