import { ConnectError, RunbookError, type ErrorDetails } from '../../model/error.ts'

/** What the tenant said beside no. */
export interface Refusal extends ErrorDetails {
  readonly status: number
  /** The server's own code, such as `DUPLICATE_ITEM`. */
  readonly reason?: string | undefined
  readonly requestId?: string | undefined
}

/** ZIA was reached, knew us, and refused the request. */
export class ZiaError extends RunbookError {
  readonly code = 'ZIA'
  /** The HTTP status. */
  readonly status: number
  /** The server's own code, where it gave one. */
  readonly reason: string | undefined
  readonly requestId: string | undefined

  constructor(message: string, details: Refusal) {
    super(message, details)
    this.status = details.status
    this.reason = details.reason
    this.requestId = details.requestId
  }
}

/** A request was sent and its answer was lost: nobody knows whether the server acted on it. */
export class LostAnswerError extends ConnectError {}
