import { z } from 'zod'

import { ConnectError } from '../../model/error.ts'
import type { Caller } from './call.ts'
import {
  RESOURCES,
  statusSchema,
  subscriptionSchema,
  type ActivationStatus,
  type ZiaKind,
  type ZiaObjects,
} from './resource.ts'
import type { ZiaReader, ZiaUse } from './session.ts'
import type { SharedLists } from './shared-lists.ts'

/** What readers of one session share. */
export interface ReaderParts {
  readonly call: Caller
  readonly lists: SharedLists
  /** The session's own use: what is read for everybody goes on when one caller gives up. */
  readonly shared: ZiaUse
}

/** No tenant has more pages of any kind: 32 thousand locations are 33 of them. */
const MAX_PAGES = 50

/** Makes a view of the tenant that cannot write. */
export function createReader({ call, lists, shared }: ReaderParts, use: ZiaUse): ZiaReader {
  const reader: ZiaReader = {
    list: (kind) =>
      lists.read(kind, {
        load: () => readPages({ kind, call, use: { ...shared, waiting: use.waiting } }),
        signal: use.signal,
      }),
    async find(kind, name) {
      const objects = await reader.list(kind)
      return objects.find((object) => object.name === name)
    },
    async get<K extends ZiaKind>(kind: K, id: number) {
      const path = `/${kind}/${id}`
      return parseAs(RESOURCES[kind].schema, {
        body: await call({ method: 'GET', path }, use),
        path,
      }) as ZiaObjects[K]
    },
    async subscriptions() {
      const path = '/subscriptions'
      return parseAs(z.array(subscriptionSchema), { body: await call({ method: 'GET', path }, use), path })
    },
    async status() {
      const path = '/status'
      return parseStatus(await call({ method: 'GET', path }, use), path)
    },
  }
  return reader
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
function parseAs<S extends z.ZodType>(
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
