/** So many requests in so many milliseconds. */
interface Window {
  readonly max: number
  readonly ms: number
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

const HOUR = 3_600_000

const SLOW: readonly Window[] = [
  { max: 1, ms: 1000 },
  { max: 400, ms: HOUR },
]
const FAST: readonly Window[] = [
  { max: 2, ms: 1000 },
  { max: 1000, ms: HOUR },
]
const ACTIVATE: readonly Window[] = [
  { max: 10, ms: 60_000 },
  { max: 40, ms: HOUR },
]

/** What one pair of endpoint and verb may be asked, by the vendor's table. */
export interface Quota {
  /** Requests that share a quota share this name: `POST /virtualZenNodes`. */
  readonly name: string
  readonly windows: readonly Window[]
}

/** The quota that a request counts against; unknown endpoints get the strictest. */
export function quotaOf(method: Method, path: string): Quota {
  if (path === '/status/activate') return { name: 'POST /status/activate', windows: ACTIVATE }
  const resource = path.split('/', 2)[1] ?? ''
  return { name: `${method} /${resource}`, windows: windowsOf(method, resource) }
}

function windowsOf(method: Method, resource: string): readonly Window[] {
  switch (resource) {
    case 'authenticatedSession':
      return FAST
    case 'locations':
    case 'firewallFilteringRules':
    case 'ipSourceGroups':
    case 'status':
    case 'subscriptions':
    case 'orgInformation':
      return method === 'GET' ? FAST : SLOW
    default:
      return SLOW
  }
}
