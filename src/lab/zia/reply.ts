/** What the tenant answers: a status, a body that becomes JSON, and headers beside the usual ones. */
export interface Reply {
  readonly status: number
  /** Nothing where absent; text is sent as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The reply to a request that was carried out. */
export const done = (body: unknown): Reply => ({ status: 200, body })

/** The reply that never says what is wrong: an unknown key, a wrong type, or something missing. */
export const INVALID_BODY: Reply = { status: 400, body: { message: 'Request body is invalid.' } }

/** A refusal with a code, as ZIA writes most of them. */
export function refuse(status: number, code: string, message: string): Reply {
  return { status, body: { code, message } }
}

/** The refusal of something that is not there. */
export function notFound(noun: string, id: number): Reply {
  return refuse(404, 'RESOURCE_NOT_FOUND', `Requested ${noun} ${id} not found`)
}

/** The refusal of values that do not fit. */
export const invalid = (message: string): Reply => refuse(400, 'INVALID_INPUT_ARGUMENT', message)
