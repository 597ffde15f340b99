import type { Clock } from '../../model/clock.ts'
import type { Reply } from './reply.ts'

/** Counts requests as the server does: by method and endpoint, in sliding windows of the lab's clock. */
export interface Quotas {
  /** Takes a request in, or gives the 429 for it. */
  admit(method: string, path: string): Reply | undefined
}

interface Window {
  readonly max: number
  readonly unit: 'SECOND' | 'MINUTE' | 'HOUR'
}

const MS = { SECOND: 1000, MINUTE: 60_000, HOUR: 3_600_000 } as const
const PER_SECOND_1: readonly Window[] = [
  { max: 1, unit: 'SECOND' },
  { max: 400, unit: 'HOUR' },
]
const PER_SECOND_2: readonly Window[] = [
  { max: 2, unit: 'SECOND' },
  { max: 1000, unit: 'HOUR' },
]
const ACTIVATION: readonly Window[] = [
  { max: 10, unit: 'MINUTE' },
  { max: 40, unit: 'HOUR' },
]
const BULK: readonly Window[] = [
  { max: 1, unit: 'MINUTE' },
  { max: 4, unit: 'HOUR' },
]

/** Makes the counters of a tenant over what was `seen` by now: times of requests, by quota. */
export function createQuotas({
  clock,
  seen,
}: {
  readonly clock: Clock
  readonly seen: Record<string, number[]>
}): Quotas {
  return {
    admit(method, path) {
      const now = clock.now()
      const { name, windows } = quotaOf(method, path)
      const times = (seen[name] ?? []).filter((time) => time > now - MS.HOUR)
      for (const { max, unit } of windows) {
        const inside = times.filter((time) => time > now - MS[unit])
        if (inside.length >= max) {
          const free = (inside[inside.length - max] ?? now) + MS[unit]
          return tooFast(`${max}/${unit}`, Math.max(1, Math.ceil((free - now) / 1000)))
        }
      }
      times.push(now)
      seen[name] = times
      return undefined
    },
  }
}

function quotaOf(
  method: string,
  path: string,
): { readonly name: string; readonly windows: readonly Window[] } {
  if (path === '/status/activate') return { name: 'activate', windows: ACTIVATION }
  if (path === '/locations/bulkDelete') return { name: 'bulkDelete', windows: BULK }
  const resource = path.split('/')[1] ?? ''
  const name = `${method} ${resource}`
  if (resource.startsWith('virtualZen')) return { name, windows: PER_SECOND_1 }
  const isFast = method === 'GET' || resource === 'authenticatedSession'
  return { name, windows: isFast ? PER_SECOND_2 : PER_SECOND_1 }
}

function tooFast(rate: string, seconds: number): Reply {
  return {
    status: 429,
    body: { message: `Rate Limit (${rate}) exceeded`, 'Retry-After': `${seconds} seconds` },
    headers: { 'retry-after': String(seconds) },
  }
}
