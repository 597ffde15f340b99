import type { Clock } from '../../model/clock.ts'
import type { Document } from '../../state/document-store.ts'

/** How often a tenant was asked since it was made. */
export interface TenantCounts {
  /** Everything that arrived, sign-ins included. */
  readonly requests: number
  /** What could have changed the configuration, whatever came of it; neither activations nor sign-ins. */
  readonly writes: number
  /** Activations that were asked for. */
  readonly activations: number
  /** How often what was staged became what the cloud works by, by an activation or by a session's end. */
  readonly commits: number
  /** Answers that said 429. */
  readonly tooFast: number
  /** Requests by method and resource: `POST /virtualZenNodes`. */
  readonly calls: Readonly<Record<string, number>>
}

/** What a tenant remembers of its visitors' requests; in the next process, too. */
export interface TrafficState {
  /** When this was kept, by the clock of the process that did. */
  at: number
  /** When the requests of the last hour came in, by quota. */
  seen: Record<string, number[]>
  counts: { -readonly [K in keyof TenantCounts]: TenantCounts[K] } & { calls: Record<string, number> }
}

/** What nobody has asked anything yet. */
export const planTraffic = (): TrafficState => ({
  at: 0,
  seen: {},
  counts: { requests: 0, writes: 0, activations: 0, commits: 0, tooFast: 0, calls: {} },
})

/**
 * Brings times of an earlier process into this one's: the lab's clock begins with the wall's in every process, and the
 * one before may have been hours ahead of it. What was a minute ago when the process ended is a minute ago again.
 */
export function rebaseTraffic(state: TrafficState, now: number): void {
  const ahead = Math.max(0, state.at - now)
  for (const [name, times] of Object.entries(state.seen)) state.seen[name] = times.map((time) => time - ahead)
}

/** Counts a tenant's requests. */
export interface Traffic {
  /** Told of every request, by method and resource. */
  arrived(call: string): void
  add(what: 'writes' | 'activations' | 'commits' | 'tooFast'): void
  readonly counts: TenantCounts
  /** Resolves when everything counted so far is on disk. */
  keep(): Promise<void>
}

/** A killed process forgets fewer requests than this. */
const KEEP_EVERY = 100

/** Counts in a document, which quotas share. */
export function createTraffic(
  document: Document<TrafficState>,
  { clock }: { readonly clock: Clock },
): Traffic {
  async function keep(): Promise<void> {
    document.value.at = clock.now()
    await document.save()
  }
  return {
    arrived(call) {
      const { counts } = document.value
      counts.requests += 1
      counts.calls[call] = (counts.calls[call] ?? 0) + 1
      // Nobody is told of a count, so nobody waits for it.
      if (counts.requests % KEEP_EVERY === 0) keep().catch(() => {})
    },
    add(what) {
      document.value.counts[what] += 1
    },
    get counts() {
      const { counts } = document.value
      return { ...counts, calls: { ...counts.calls } }
    },
    keep,
  }
}
