import type { Clock } from '../../model/clock.ts'
import { parseAnswer, type Said, type Verdict } from './answer.ts'
import { LostAnswerError } from './error.ts'
import type { Http, HttpAnswer, HttpRequest } from './http.ts'
import type { Limiter } from './limiter.ts'
import type { Quota } from './limits.ts'
import { broken, foreign, locked, refused, tooFast } from './refusal.ts'
import type { ZiaTrace, ZiaUse } from './session.ts'

/** A request with what is known of it beside the wire. */
export interface Exchange {
  readonly request: HttpRequest
  readonly quota: Quota
  /** What it is, in words: `POST /virtualZenNodes`. */
  readonly what: string
  /** Whether sending it twice does what sending it once does. */
  readonly repeatable: boolean
  /** Its bodies carry credentials and are never traced. */
  readonly secret?: boolean
  /**
   * Makes the body, where there is any, at the very moment it can be sent, each time it is: what is laid over an object has to
   * be laid over the object as it is then, and not as it was before a wait.
   */
  readonly compose?: (() => Promise<string | undefined>) | undefined
}

/** What came of an exchange: an answer, or the news that the sign-in no longer holds. */
type Exchanged =
  | { readonly kind: 'done'; readonly body: unknown; readonly answer: HttpAnswer }
  | { readonly kind: 'signed-out'; readonly said: Said }

/** Sends a request until it has an answer that means something. */
export type Exchanger = (exchange: Exchange, use: ZiaUse) => Promise<Exchanged>

/** What an exchanger works with. */
export interface ExchangerParts {
  readonly http: Http
  readonly limiter: Limiter
  readonly clock: Clock
  readonly trace?: ZiaTrace | undefined
}

const SECOND = 1000
/** No quota is for longer than an hour: a server that wants more patience than that means something else. */
const LONGEST_PAUSE = 3600 * SECOND
/** What is asked again too early by those that a pause has held up is asked at different times. */
const SPREAD = 5 * SECOND
/** An edit that takes longer than this is held: ZIA keeps it for half a minute before it says that there is no lock. */
const HELD = 10 * SECOND
const TRIES = { 'too-fast': 10, locked: 6, broken: 5 } as const

/**
 * Makes an exchanger: it keeps the rate limits, waits out locks and pauses, and repeats what may be repeated. A request
 * that may not be repeated and whose fate is unknown ends as a `LostAnswerError`.
 */
export function createExchanger({ http, limiter, clock, trace }: ExchangerParts): Exchanger {
  async function once(exchange: Exchange, use: ZiaUse): Promise<HttpAnswer> {
    const { quota, what, secret, compose } = exchange
    const leave = await limiter.enter(quota, use)
    let answered = (): void => {}
    try {
      const body = compose === undefined ? exchange.request.body : await compose()
      const request = { ...exchange.request, body }
      trace?.(1, what)
      if (body !== undefined && secret !== true) trace?.(3, body)
      if (request.method !== 'GET' && use.waiting !== undefined) answered = tellWhenHeld(what, use)
      const answer = await http.send(request, use)
      trace?.(2, `${what}: ${answer.status}, ${answer.text.length} characters`)
      if (secret !== true) trace?.(3, answer.text)
      return answer
    } finally {
      answered()
      leave()
    }
  }

  /** Says so where an answer takes long; call what it gives when the answer is there. */
  function tellWhenHeld(what: string, use: ZiaUse): () => void {
    const answered = new AbortController()
    const signal = AbortSignal.any([answered.signal, use.signal])
    void clock.sleep(HELD, { signal }).then(
      () => use.waiting?.(`ZIA to answer ${what}: somebody else is probably saving changes`),
      // Answered in time.
      () => {},
    )
    return () => answered.abort('answered')
  }

  async function judge(exchange: Exchange, use: ZiaUse): Promise<[Verdict, HttpAnswer?]> {
    try {
      const answer = await once(exchange, use)
      return [parseAnswer(answer), answer]
    } catch (error) {
      if (!(error instanceof LostAnswerError) || !exchange.repeatable) throw error
      trace?.(2, `${exchange.what}: ${error.message}`)
      const said = { status: 0, reason: error.kind, message: error.message, requestId: undefined }
      return [{ kind: 'broken', said: { ...said, readOnly: false } }]
    }
  }

  return async (exchange, use) => {
    const { what, quota } = exchange
    const tries = { 'too-fast': 0, locked: 0, broken: 0 }
    const isSpent = (kind: keyof typeof tries): boolean => ++tries[kind] >= TRIES[kind]
    const pause = async (ms: number, reason: string): Promise<void> => {
      use.waiting?.(`${reason}; ${what} is sent again in ${Math.ceil(ms / SECOND)} s`)
      await clock.sleep(ms, { signal: use.signal })
    }

    for (;;) {
      const [verdict, answer] = await judge(exchange, use)
      switch (verdict.kind) {
        case 'done':
          return { kind: 'done', body: verdict.body, answer: answer as HttpAnswer }
        case 'signed-out':
          return verdict
        case 'too-fast':
          if (verdict.ms > LONGEST_PAUSE || isSpent('too-fast')) throw tooFast(what, verdict.said)
          if (verdict.ms > 60 * SECOND) {
            use.waiting?.(
              `the quota of ${quota.name}: the calls of this hour are used up, by an earlier run or by something else; ${what} is sent again in ${Math.ceil(verdict.ms / 60_000)} min`,
            )
          }
          limiter.pause(quota, verdict.ms + Math.min(verdict.ms / 4, SPREAD) * Math.random())
          break
        case 'locked':
          if (isSpent('locked')) throw locked(what, verdict.said)
          await pause(
            Math.min(5 * 2 ** (tries.locked - 1), 40) * SECOND,
            'another administrator or tool is saving and holds the edit lock of the tenant',
          )
          break
        case 'broken':
          if (!exchange.repeatable) throw lostIn(what, verdict.said)
          if (isSpent('broken')) throw giveUp(what, verdict.said)
          await pause(2 ** tries.broken * SECOND, 'ZIA did not answer as it should')
          break
        case 'refused':
          throw refused(what, verdict.said)
        case 'foreign':
          throw foreign(what, verdict.said)
      }
    }
  }
}

function lostIn(what: string, said: Said): LostAnswerError {
  const cause = broken(what, said)
  return new LostAnswerError('closed', cause.message, { cause, ...(cause.hint ? { hint: cause.hint } : {}) })
}

/** A way that never led anywhere is a lost connection; an answer that said so is a refusal. */
function giveUp(what: string, said: Said): Error {
  if (said.status !== 0) return broken(what, said)
  return new LostAnswerError(said.reason === 'timeout' ? 'timeout' : 'reset', said.message ?? what, {
    hint: 'check the way to ZIA, then run the same command again',
  })
}
