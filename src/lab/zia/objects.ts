import { RESOURCE_OF } from './kinds.ts'
import { done, INVALID_BODY, notFound, refuse, type Reply } from './reply.ts'
import { without, type Placing } from './resource.ts'
import { fits, type Body } from './shape.ts'
import { byId, type Kind, type Stored, type TenantState } from './state.ts'

/** An edit or a look at the objects of one kind. */
export interface ObjectRequest {
  readonly kind: Kind
  readonly method: string
  /** Present in `/kind/{id}`. */
  readonly id?: number | undefined
  readonly query: URLSearchParams
  readonly body: unknown
  readonly now: number
  readonly editor: string
  /** Location bindings are taken and forgotten. */
  readonly dropsBinding: boolean
}

/** Carries out a request against the staged configuration, at once. */
export function answerObjects(state: TenantState, request: ObjectRequest): Reply {
  const { kind, method, id } = request
  const { noun, show } = RESOURCE_OF[kind]
  const old = id === undefined ? undefined : byId(state.staged[kind], id)
  if (id !== undefined && old === undefined) return notFound(noun, id)
  if (old === undefined) {
    if (method === 'GET') return list(state, request)
    return method === 'POST' ? write(state, { request, old }) : { status: 405 }
  }
  if (method === 'GET') return done(show(old, state.staged))
  if (method === 'PUT') return write(state, { request, old })
  return method === 'DELETE' ? remove(state, { kind, old }) : { status: 405 }
}

function list({ staged }: TenantState, { kind, query }: ObjectRequest): Reply {
  const { isListed, nameQuery, show } = RESOURCE_OF[kind]
  const search = (query.get('search') ?? query.get(nameQuery ?? 'search') ?? '').toLowerCase()
  const page = Math.max(1, Number(query.get('page') ?? 1))
  const size = Math.min(5000, Math.max(1, Number(query.get('pageSize') ?? 100)))
  const found = staged[kind].filter(
    (object) => isListed?.(object) !== false && object.name.toLowerCase().includes(search),
  )
  return done(found.slice((page - 1) * size, page * size).map((object) => show(object, staged)))
}

interface Write {
  readonly request: ObjectRequest
  readonly old: Stored | undefined
}

function write(state: TenantState, { request, old }: Write): Reply {
  const { kind, now, editor, dropsBinding } = request
  const { staged, nextId } = state
  const { shape, required, complete, check, settle, echo, show, hasGateway } = RESOURCE_OF[kind]
  if (!fits(request.body, shape, required)) return INVALID_BODY
  const unwanted = dropsBinding && kind === 'locations' ? ['virtualZens', 'virtualZenClusters'] : []
  const body: Body = without(request.body, ['id', 'zgatewayId', ...unwanted])
  const name = String(body['name'])
  const twin = staged[kind].find((object) => isTwin(object, name) && object.id !== old?.id)
  if (twin !== undefined) return refuse(409, 'DUPLICATE_ITEM', `The name ${name} is already in use`)
  const placing: Placing = { body, old, staged, now, editor }
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
  return done(echo === undefined ? show(stored, staged) : echo(stored, body))
}

function remove(state: TenantState, { kind, old }: { readonly kind: Kind; readonly old: Stored }): Reply {
  const kept = RESOURCE_OF[kind].keep?.(old)
  if (kept !== undefined) return kept
  state.staged[kind] = state.staged[kind].filter((object) => object !== old)
  return { status: 204 }
}

/** Names are unique whatever the case of their letters. */
const isTwin = (object: Stored, name: string): boolean => object.name.toLowerCase() === name.toLowerCase()
