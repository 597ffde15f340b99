import { PARTS, type ObjectRequest } from './objects.ts'
import { KINDS } from './state.ts'

/** What a path of the API points at: all objects of a kind, one of them, or something below. */
export type Route = Pick<ObjectRequest, 'kind' | 'id' | 'part'>

const PREFIX = /^(?:\/zia)?\/api\/v1(\/.*)$/

/** A path without the API's prefix; nothing where it has none. */
export const parsePrefix = (path: string): string | undefined => PREFIX.exec(path)?.[1]

/** A request by its method and resource, whatever the id: `PUT /locations`. */
export const renderCall = (method: string, path: string): string =>
  `${method} ${path.replaceAll(/\/\d+(?=\/|$)/g, '')}`

/** What a path without its prefix points at; nothing where there are no objects of that name. */
export function parseRoute(path: string): Route | undefined {
  const [, resource, second, third, ...rest] = path.split('/')
  const kind = KINDS.find((one) => one === resource)
  if (kind === undefined || rest.length > 0) return undefined
  if (second === undefined) return { kind }
  if (/^\d{1,15}$/.test(second)) {
    if (third === undefined) return { kind, id: Number(second) }
    return kind === 'locations' && third === 'sublocations'
      ? { kind, id: Number(second), part: third }
      : undefined
  }
  const part = PARTS.find((one) => one === second)
  if (part === undefined || third !== undefined) return undefined
  return HAS[part].includes(kind) ? { kind, part } : undefined
}

/** Which kinds have what below them. */
const HAS: Readonly<Record<(typeof PARTS)[number], readonly string[]>> = {
  lite: ['locations', 'ipSourceGroups'],
  count: ['firewallFilteringRules'],
  bulkDelete: ['locations'],
  sublocations: [],
}
