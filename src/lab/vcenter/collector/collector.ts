import type { Arguments, Input, MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import { method, type Call, type ManagedObject, type Ref } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { Session } from '../model/session.ts'
import type { World } from '../model/world.ts'
import { createFilter, selectValues, type Filter } from './filter.ts'
import { selectObjects, type Lookup } from './select.ts'

/** Milliseconds that a wait lasts where the client does not say. */
const LONGEST_WAIT = 30 * 60 * 1000

/** Objects that an answer holds where the client does not say. */
const LARGEST_PAGE = 1000

interface Wait {
  readonly stop: AbortController
  wake: () => void
}

type Page = readonly (() => Input<'ObjectContent'>)[]

/** Makes a session's property collector, which sees the session's own objects too. */
export function createCollector(
  world: World,
  session: Session,
  ref: Ref<'PropertyCollector'>,
): ManagedObject {
  const belongings = world.sessions.objectsOf(session)
  const lookup: Lookup = ({ value }) => belongings.get(value) ?? world.objects.get(value)
  const filters = new Map<string, { readonly filter: Filter; readonly spec: Value<'PropertyFilterSpec'> }>()
  const pages = new Map<string, { readonly rest: Page; readonly size: number }>()
  const waits = new Set<Wait>()
  let version = 0

  function wakeAll({ cancel = false } = {}): void {
    for (const wait of waits) {
      if (cancel) wait.stop.abort()
      wait.wake()
    }
  }

  const unlisten = world.changes.listen((moid) => {
    for (const { filter } of filters.values()) filter.notice(moid)
    wakeAll()
  })
  session.signal.addEventListener('abort', unlisten, { once: true })

  function takePage(contents: Page, size: number): Input<'RetrieveResult'> {
    const objects = contents.slice(0, size).map((read) => read())
    if (contents.length <= size) return { objects }
    const token = String(session.nextId())
    pages.set(token, { rest: contents.slice(size), size })
    return { objects, token }
  }

  function takeUpdates(): Input<'UpdateSet'> | undefined {
    const filterSet = [...filters.values()].flatMap(({ filter }) => filter.takeUpdate() ?? [])
    if (filterSet.length === 0) return undefined
    return { version: String(++version), filterSet }
  }

  async function waitForUpdates(
    { version: given = '', options }: Arguments<'WaitForUpdatesEx'>,
    call: Call,
  ): Promise<Input<'UpdateSet'> | undefined> {
    if (given === '') for (const { filter } of filters.values()) filter.reset()
    else if (given !== String(version)) throw faults.invalidVersion()
    const longest = options?.maxWaitSeconds === undefined ? LONGEST_WAIT : options.maxWaitSeconds * 1000
    const wait: Wait = { stop: new AbortController(), wake: () => {} }
    waits.add(wait)
    const signal = AbortSignal.any([wait.stop.signal, call.signal, session.signal])
    const timer = new AbortController()
    let isOver = longest <= 0
    const end = (): void => {
      isOver = true
      wait.wake()
    }
    if (!isOver)
      world.clock.sleep(longest, { signal: AbortSignal.any([signal, timer.signal]) }).then(end, end)
    try {
      for (;;) {
        if (signal.aborted) throw faults.requestCanceled()
        const updates = takeUpdates()
        if (updates !== undefined || isOver) return updates
        await new Promise<void>((resolve) => {
          wait.wake = resolve
        })
      }
    } finally {
      timer.abort()
      waits.delete(wait)
    }
  }

  function describeFilter(filter: Filter, spec: Value<'PropertyFilterSpec'>): ManagedObject {
    return {
      ref: filter.ref,
      properties: { spec: () => spec, partialUpdates: () => false },
      methods: {
        DestroyPropertyFilter: method(() => {
          filters.delete(filter.ref.value)
          belongings.delete(filter.ref.value)
        }),
      },
    }
  }

  return {
    ref,
    properties: { filter: () => [...filters.values()].map(({ filter }) => filter.ref) },
    methods: {
      RetrieveProperties: method(({ specSet }: { specSet: Value<'PropertyFilterSpec'>[] }) =>
        specSet.flatMap((spec) =>
          selectObjects(spec, lookup).objects.map((object) => describeContent(spec, object)),
        ),
      ),
      RetrievePropertiesEx: method(
        ({
          specSet,
          options,
        }: {
          specSet: Value<'PropertyFilterSpec'>[]
          options: Value<'RetrieveOptions'>
        }) => {
          const contents = specSet.flatMap((spec) =>
            selectObjects(spec, lookup).objects.map((object) => () => describeContent(spec, object)),
          )
          if (contents.length === 0) return undefined
          return takePage(contents, Math.max(1, options.maxObjects ?? LARGEST_PAGE))
        },
      ),
      ContinueRetrievePropertiesEx: method(({ token }: { token: string }) => {
        const page = pages.get(token)
        if (page === undefined) throw faults.invalidArgument('token')
        pages.delete(token)
        return takePage(page.rest, page.size)
      }),
      CancelRetrievePropertiesEx: method(({ token }: { token: string }) => {
        if (!pages.delete(token)) throw faults.invalidArgument('token')
      }),
      CreatePropertyCollector: method(() => {
        const own = createCollector(world, session, {
          type: 'PropertyCollector',
          value: `session[${session.key}]collector-${session.nextId()}`,
        })
        belongings.set(own.ref.value, own)
        return own.ref
      }),
      DestroyPropertyCollector: method(() => {
        unlisten()
        wakeAll({ cancel: true })
        for (const moid of filters.keys()) belongings.delete(moid)
        belongings.delete(ref.value)
      }),
      CreateFilter: method(({ spec }: { spec: Value<'PropertyFilterSpec'> }) => {
        const own: MoRef & { type: 'PropertyFilter' } = {
          type: 'PropertyFilter',
          value: `session[${session.key}]filter-${session.nextId()}`,
        }
        const filter = createFilter(own, { spec, lookup })
        filters.set(own.value, { filter, spec })
        belongings.set(own.value, describeFilter(filter, spec))
        wakeAll()
        return own
      }),
      WaitForUpdatesEx: method(waitForUpdates),
      CancelWaitForUpdates: method(() => {
        wakeAll({ cancel: true })
      }),
    },
  }
}

function describeContent(spec: Value<'PropertyFilterSpec'>, object: ManagedObject): Input<'ObjectContent'> {
  const propSet = [...selectValues(spec, object)].map(([name, $xml]) => ({ name, val: { $xml } as never }))
  return { obj: object.ref, propSet }
}
