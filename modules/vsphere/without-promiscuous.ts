import { ConnectError, joinPath, ModuleError, type ApplyContext, type VSphereWriter } from '#sdk'

import { outlast } from './outlast.ts'

/** A port group: a standard one on one host, or a distributed one. */
export type Place = Parameters<VSphereWriter['withoutPromiscuous']>[0]

/** What a place is called: `vse on esx-1`, or `vse in /FRA` where it is distributed. */
export function placeName(place: Place): string {
  return 'host' in place
    ? `${place.name} on ${place.host.name}`
    : `${place.name} in ${joinPath(place.datacenter)}`
}

/** Identity of the note that a place is off and was on. */
export function offNote(name: string): string {
  return `promiscuous mode of ${name}`
}

type Context = Pick<
  ApplyContext<VSphereWriter, unknown, unknown>,
  'connection' | 'signal' | 'clock' | 'warn' | 'remember'
>

/** Does some work while promiscuous mode is off on all of these port groups. */
type Without = (places: readonly Place[], work: () => Promise<void>) => Promise<void>

/**
 * Runs work that needs promiscuous mode off on port groups that have it, one within the other. Each is noted before it is off, so
 * that the next run mends what a killed one leaves, and switched on again whatever happens: for ten minutes where the server went
 * away. What stays off all the same is named at the end, all of it.
 */
export async function toggling(context: Context, work: (without: Without) => Promise<void>): Promise<void> {
  const { connection, signal, warn, remember } = context
  const off: string[] = []
  let cause: unknown
  let isAway = false
  const without: Without = async ([place, ...others], inner) => {
    if (place === undefined) return inner()
    const name = placeName(place)
    await remember(offNote(name), 'off')
    const insist = async (put: () => Promise<void>): Promise<void> => {
      try {
        // Ten minutes are given once: whoever has waited for it in vain has waited for all.
        if (isAway) await put()
        else await outlast(context, `promiscuous mode of ${name} cannot be switched on again`, put)
      } catch (error) {
        off.push(name)
        cause ??= error
        isAway ||= error instanceof ConnectError
        throw error
      }
    }
    await connection.withoutPromiscuous(place, () => without(others, inner), insist)
  }
  const [done] = await Promise.allSettled([work(without)])
  if (off.length > 0) {
    const message = `promiscuous mode of ${off.toReversed().join(', ')} ${isAway ? 'may be' : 'is'} off, and was on`
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    // A run that is stopped ends as that, whatever is thrown here.
    if (signal.aborted) warn(`${message}${why}`)
    throw new ModuleError(`${message}${why}`, {
      hint: 'run this step again when that is mended, `deploy --tags host-option`, for any cluster on these hosts: it knows them, and switches them on',
      cause,
    })
  }
  if (done.status === 'rejected') throw done.reason
}
