import type { HttpAnswer } from './http.ts'

/** What an answer means for the one who asked. */
export type Verdict =
  | { readonly kind: 'done'; readonly body: unknown }
  /** Too fast: ask again after so many milliseconds. */
  | { readonly kind: 'too-fast'; readonly ms: number; readonly said: Said }
  /** Somebody else is editing: nothing was done, ask again later. */
  | { readonly kind: 'locked'; readonly said: Said }
  /** The session or the token is no longer good. */
  | { readonly kind: 'signed-out'; readonly said: Said }
  /** The server broke; whether it acted is unknown. */
  | { readonly kind: 'broken'; readonly said: Said }
  | { readonly kind: 'refused'; readonly said: Said }
  /** It does not speak as ZIA does. */
  | { readonly kind: 'foreign'; readonly said: Said }

/** What a server said beside the status, bounded and free of control characters. */
export interface Said {
  readonly status: number
  readonly reason: string | undefined
  readonly message: string | undefined
  readonly requestId: string | undefined
  readonly readOnly: boolean
}

const LOCKED = /enter Org barrier|Resource Access Blocked|expected precondition was not met/i
const EXPIRED = /SESSION_NOT_VALID|Session already invalidated/i

/** Reads the meaning of an answer. Everything in it is taken for hostile text. */
export function parseAnswer(answer: HttpAnswer): Verdict {
  const { status } = answer
  const body = parseJson(answer.text)
  const said = readSaid(answer, body)
  const words = `${said.reason ?? ''} ${said.message ?? ''}`
  if (status >= 200 && status < 300) {
    if (answer.text.trim() === '') return { kind: 'done', body: undefined }
    return body === undefined ? { kind: 'foreign', said } : { kind: 'done', body }
  }
  if (status === 429) return { kind: 'too-fast', ms: readRetryAfter(answer.headers, body), said }
  if (status === 409 || status === 412) {
    const held = said.reason === 'EDIT_LOCK_NOT_AVAILABLE' || LOCKED.test(words)
    return held ? { kind: 'locked', said } : { kind: 'refused', said }
  }
  if (status === 401 || EXPIRED.test(words)) return { kind: 'signed-out', said }
  if (status >= 500) return { kind: 'broken', said }
  if (status >= 400) return { kind: 'refused', said }
  return { kind: 'foreign', said }
}

/** A server's text as it may stand in a message: one line, no control characters, at most 300 characters. */
export function excerpt(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.slice(0, 1200).replaceAll(/[\u0000-\u0020\u007f-\u009f\u2028\u2029]+/g, ' ')
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain.trim()
}

function readSaid({ status, headers, text }: HttpAnswer, body: unknown): Said {
  const fields = isObject(body) ? body : {}
  const pick = (key: string): string | undefined => {
    const value = fields[key]
    return typeof value === 'string' && value !== '' ? excerpt(value) : undefined
  }
  const plain = body === undefined && text.trim() !== '' ? excerpt(text) : undefined
  const requestId = headers['x-oneapi-request-id'] ?? headers['x-transaction-id']
  return {
    status,
    reason: pick('code'),
    message: pick('message') ?? pick('detail') ?? plain,
    requestId: requestId === undefined ? undefined : excerpt(requestId),
    readOnly: headers['x-zscaler-mode'] === 'read-only' || pick('code') === 'STATE_READONLY',
  }
}

/** Milliseconds until the next try, from a header `1` or `13s`, or a body's `1 seconds`; never less than a second. */
function readRetryAfter(headers: Readonly<Record<string, string>>, body: unknown): number {
  const candidates = [headers['retry-after'], isObject(body) ? body['Retry-After'] : undefined]
  for (const value of candidates) {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    const seconds = /^\s*(\d{1,6})\s*(s|seconds?)?\s*$/i.exec(text)?.[1]
    if (seconds !== undefined) return Math.max(1, Number(seconds)) * 1000
  }
  return 1000
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
