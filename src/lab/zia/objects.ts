import { RESOURCE_OF } from './kinds.ts'
import { done, INVALID_BODY, notFound, refuse, type Reply } from './reply.ts'
import { without, type Placing, type TenantRules } from './resource.ts'
import { fits, type Body } from './shape.ts'
import { byId, type Kind, type Stored, type TenantState } from './state.ts'

/** What stands below a kind beside single objects. */
export const PARTS = ['lite', 'count', 'sublocations', 'bulkDelete'] as const

/** An edit or a look at the objects of one kind. */
export interface ObjectRequest {
  readonly kind: Kind
  readonly method: string
  /** Present in `/kind/{id}`. */
  readonly id?: number | undefined
  /** Present in `/kind/lite` and the like. */
  readonly part?: (typeof PARTS)[number] | undefined
  readonly query: URLSearchParams
  readonly body: unknown
  readonly now: number
  readonly editor: string
  readonly rules: TenantRules
}

/** Carries out a request against the staged configuration, at once. */
export function answerObjects(state: TenantState, request: ObjectRequest): Reply {
  const { kind, method, id, part, rules } = request
  const { noun, show } = RESOURCE_OF[kind]
  const old = id === undefined ? undefined : byId(state.staged[kind], id)
  if (id !== undefined && old === undefined) return rules.isTerse ? { status: 404 } : notFound(noun, id)
  if (part !== undefined) return answerPart(state, { ...request, part })
  if (old === undefined) {
    if (method === 'GET')
      return done(select(state, request).map((object) => show(object, state.staged, request.rules)))
    return method === 'POST' ? write(state, { request, old }) : { status: 405 }
  }
  if (method === 'GET') return done(show(old, state.staged, rules))
  if (method === 'PUT') return write(state, { request, old })
  return method === 'DELETE' ? remove(state, { request, objects: [old] }) : { status: 405 }
}

type PartRequest = ObjectRequest & { readonly part: (typeof PARTS)[number] }

function answerPart(state: TenantState, request: PartRequest): Reply {
  const { kind, method, id, part } = request
  const { show } = RESOURCE_OF[kind]
  if (part === 'bulkDelete') return method === 'POST' ? removeMany(state, request) : { status: 405 }
  if (method !== 'GET') return { status: 405 }
  if (part === 'count') return done(select(state, request).length)
  if (part === 'lite')
    return done(select(state, request).map((object) => ({ id: object.id, name: object.name })))
  const below = state.staged[kind].filter((object) => object['parentId'] === id)
  return done(below.map((object) => show(object, state.staged, request.rules)))
}

/** The page of a list that a query asks for. */
function select({ staged }: TenantState, { kind, query, part }: ObjectRequest): readonly Stored[] {
  const { isListed, filters = {}, searched, pages } = RESOURCE_OF[kind]
  const search = (query.get('search') ?? '').toLowerCase()
  const found = staged[kind].filter(
    (object) =>
      isListed?.(object) !== false &&
      `${object.name} ${searched?.(object) ?? ''}`.toLowerCase().includes(search) &&
      Object.entries(filters).every(([key, isWanted]) => {
        const wanted = query.get(key)
        return wanted === null || isWanted(object, wanted)
      }),
  )
  if (part === 'count') return found
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1)
  const size = Math.min(pages.most, Math.max(1, Number(query.get('pageSize') ?? pages.size) || pages.size))
  return found.slice((page - 1) * size, page * size)
}

interface Write {
  readonly request: ObjectRequest
  readonly old: Stored | undefined
}

function write(state: TenantState, { request, old }: Write): Reply {
  const { kind, now, editor, rules } = request
  const { staged, nextId } = state
  const { shape, required, complete, check, settle, echo, show, hasGateway, most, noun } = RESOURCE_OF[kind]
  if (!fits(request.body, shape, required)) return INVALID_BODY
  const unwanted = rules.dropsBinding && kind === 'locations' ? ['virtualZens', 'virtualZenClusters'] : []
  const body: Body = without(request.body, ['id', 'zgatewayId', ...unwanted])
  const name = String(body['name'])
  const twin = staged[kind].find((object) => isTwin(object, name) && object.id !== old?.id)
  if (twin !== undefined && rules.isPlausible) {
    return refuse(409, 'DUPLICATE_ITEM', `The name ${name} is already in use`)
  }
  if (old === undefined && most !== undefined && staged[kind].length >= most) {
    return refuse(403, 'LIMIT_EXCEEDED', `The limit of ${most} ${noun}s is reached`)
  }
  const placing: Placing = { body, old, staged, now, editor, rules }
  const wrong = check?.(placing)
  if (wrong !== undefined) return wrong

  const stored: Stored = {
    ...complete(placing),
    id: old?.id ?? nextId[kind],
    name,
    ...(hasGateway === true ? { zgatewayId: old?.['zgatewayId'] ?? nextId.gateway } : {}),
  }
  if (old === undefined) {
    nextId[kind] += 1
    if (hasGateway === true) nextId.gateway += 1
    staged[kind] = [...staged[kind], stored]
  } else {
    staged[kind] = staged[kind].map((object) => (object === old ? stored : object))
  }
  settle?.(stored, placing)
  return done(echo === undefined ? show(stored, staged, rules) : echo(stored, placing))
}

interface Removal {
  readonly request: ObjectRequest
  readonly objects: readonly Stored[]
}

function remove(state: TenantState, { request, objects }: Removal): Reply {
  const { kind, rules } = request
  const { keep, below, close } = RESOURCE_OF[kind]
  const { staged } = state
  for (const object of objects) {
    const kept = keep?.(object, { staged, rules })
    if (kept !== undefined) return kept
  }
  const gone = new Set(objects.flatMap((object) => [object.id, ...(below?.(object, staged) ?? [])]))
  staged[kind] = staged[kind].filter((object) => !gone.has(object.id))
  for (const object of objects) close?.(object, staged)
  return { status: 204 }
}

const MOST_AT_ONCE = 100

function removeMany(state: TenantState, request: ObjectRequest): Reply {
  const { body, kind } = request
  if (!fits(body, { ids: 'any' }, ['ids'])) return INVALID_BODY
  const ids: unknown = body['ids']
  if (!Array.isArray(ids) || ids.length > MOST_AT_ONCE) return INVALID_BODY
  return remove(state, { request, objects: state.staged[kind].filter(({ id }) => ids.includes(id)) })
}

/** Names are unique whatever the case of their letters. */
const isTwin = (object: Stored, name: string): boolean => object.name.toLowerCase() === name.toLowerCase()
