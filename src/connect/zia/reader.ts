import { z } from 'zod'

import { ConnectError } from '../../model/error.ts'
import type { Caller } from './call.ts'
import type { EditRecord } from './edit-record.ts'
import type { Pending } from './pending.ts'
import {
  RESOURCES,
  statusSchema,
  subscriptionSchema,
  type ActivationStatus,
  type Subscription,
  type ZiaKind,
  type ZiaObjects,
} from './resource.ts'
import type { ServerMode } from './server-mode.ts'
import type { ServerTime } from './server-time.ts'
import type { ZiaReader, ZiaUse } from './session.ts'
import type { SharedLists } from './shared-lists.ts'
import type { SharedValue } from './shared-value.ts'

/** What readers of one session share. */
export interface ReaderParts {
  readonly call: Caller
  readonly lists: SharedLists
  readonly bought: SharedValue<readonly Subscription[]>
  readonly waiting: SharedValue<Pending>
  readonly record: EditRecord
  readonly time: Pick<ServerTime, 'ahead'>
  readonly mode: Pick<ServerMode, 'isReadOnly'>
  /** What becomes of pending edits that nobody activates, were the session left now. */
  readonly fate: () => string
  /** The session's own use: what is read for everybody goes on when one caller gives up. */
  readonly shared: ZiaUse
}

/** No tenant has more pages of any kind: 32 thousand locations are 33 of them. */
const MAX_PAGES = 50

/** Makes a view of the tenant that cannot write. */
export function createReader(
  { call, lists, bought, waiting, record, time, mode, shared, fate }: ReaderParts,
  use: ZiaUse,
): ZiaReader {
  const reader: ZiaReader = {
    list: (kind) =>
      lists.read(kind, {
        load: () => readPages({ kind, call, use: { ...shared, waiting: use.waiting } }),
        signal: use.signal,
      }),
    listAfresh(kind) {
      lists.drop(kind)
      return reader.list(kind)
    },
    async find(kind, name) {
      const objects = await reader.list(kind)
      return objects.find((object) => object.name === name)
    },
    get: (kind, id) => readObject({ kind, id, call, use }),
    subscriptions: () =>
      bought.read({
        load: async () => {
          const path = '/subscriptions'
          const body = await call({ method: 'GET', path }, { ...shared, waiting: use.waiting })
          return parseAs(z.array(subscriptionSchema), { body, path })
        },
        signal: use.signal,
      }),
    status: () => record.ask(() => readStatus(call, use)),
    clockAhead: () => time.ahead(),
    isReadOnly: () => mode.isReadOnly(),
    pending: () => record.pending(() => readStatus(call, use)),
    pendingLately: () =>
      waiting.read({
        load: () => record.pending(() => readStatus(call, { ...shared, waiting: use.waiting })),
        signal: use.signal,
      }),
    staged: () => record.staged(),
    stagedEarlier: () => record.stagedEarlier(),
    fate,
  }
  return reader
}

/** Reads one object as it is now. */
export async function readObject<K extends ZiaKind>(options: {
  readonly kind: K
  readonly id: number
  readonly call: Caller
  readonly use: ZiaUse
}): Promise<ZiaObjects[K]> {
  const { kind, id, call, use } = options
  const path = `/${kind}/${id}`
  const body = await call({ method: 'GET', path }, use)
  return parseAs(RESOURCES[kind].schema, { body, path }) as ZiaObjects[K]
}

/** Asks whether edits wait for an activation. */
export async function readStatus(call: Caller, use: ZiaUse): Promise<ActivationStatus> {
  const path = '/status'
  return parseStatus(await call({ method: 'GET', path }, use), path)
}

/** Reads a list past every shared copy. */
export async function readPages<K extends ZiaKind>(options: {
  readonly kind: K
  readonly call: Caller
  readonly use: ZiaUse
}): Promise<readonly ZiaObjects[K][]> {
  const { kind, call, use } = options
  const { pageSize, schema } = RESOURCES[kind]
  const path = `/${kind}`
  const found = new Map<number, ZiaObjects[K]>()
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const body = await call({ method: 'GET', path, query: { page, pageSize } }, use)
    const objects = parseAs(z.array(schema), { body, path }) as ZiaObjects[K][]
    const before = found.size
    for (const object of objects) found.set(object.id, object)
    // A server that ignores the page number answers the same page for ever.
    if (objects.length < pageSize || found.size === before) return [...found.values()]
  }
  throw new ConnectError('protocol', `GET ${path} never came to an end: ${found.size} objects so far`)
}

/** Reads an activation status. */
export function parseStatus(body: unknown, path: string): ActivationStatus {
  return parseAs(statusSchema, { body, path }).status
}

/** Checks that an answer has the shape that the API documents; fields that nobody knows are kept. */
export function parseAs<S extends z.ZodType>(
  schema: S,
  { body, path }: { readonly body: unknown; readonly path: string },
): z.output<S> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue === undefined || issue.path.length === 0 ? 'as a whole' : `at ${issue.path.join('.')}`
  throw new ConnectError(
    'protocol',
    `${path} answered something unexpected ${place}: ${issue?.message ?? ''}`,
    {
      hint: 'check that apiUrl is the ZIA API’s; if it is, the API has changed and this needs a fix',
    },
  )
}
