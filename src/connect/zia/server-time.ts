import type { Clock } from '../../model/clock.ts'
import type { Http } from './http.ts'

/** What a tenant's answers say of its clock. */
export interface ServerTime {
  /** The same way to send, with an eye on the dates of what comes back. */
  watch(http: Http): Http
  /**
   * Seconds that the tenant's clock was ahead of ours at its last dated answer, negative where it was behind: 0 where the date
   * lies between question and answer. Nothing where no answer had a date.
   */
  ahead(): number | undefined
}

const SECOND = 1000

/** Keeps what the last answer said. */
export function createServerTime({ clock }: { readonly clock: Clock }): ServerTime {
  let ahead: number | undefined
  return {
    watch: (http) => ({
      ...http,
      async send(request, options) {
        const before = clock.now()
        const answer = await http.send(request, options)
        const date = Date.parse(answer.headers['date'] ?? '')
        // A date has whole seconds: it may be from the end of its second.
        const late = date - clock.now()
        const early = before - (date + SECOND)
        if (!Number.isNaN(date)) ahead = (late > 0 ? late : early > 0 ? -early : 0) / SECOND
        return answer
      },
    }),
    ahead: () => ahead,
  }
}
