/** Why something could not be turned into XML, or out of it. */
export type CodecFailure =
  /** Not well-formed, or beyond a bound. */
  | 'xml'
  /** An element or key that the type does not have. */
  | 'unknown'
  /** An element that comes before or after its place. */
  | 'order'
  /** A mandatory field is missing. */
  | 'missing'
  /** A second element where one is allowed. */
  | 'repeated'
  /** A value that does not fit its type, or a type that does not fit its place. */
  | 'type'

/** What a `CodecError` carries beside its message. */
export interface CodecErrorDetails {
  readonly type?: string | undefined
  readonly cause?: unknown
  readonly path?: string
}

/** A value and the schema do not agree. `message` says what is wrong, in a real server's words where it has some. */
export class CodecError extends Error {
  readonly kind: CodecFailure
  /** The type in which it happened, where there is one. */
  readonly type: string | undefined
  /** Where it happened, from the outermost message inwards: `ReconfigVM_Task.spec.deviceChange[0].device`. */
  readonly path: string

  constructor(kind: CodecFailure, message: string, { type, cause, path = '' }: CodecErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CodecError'
    this.kind = kind
    this.type = type
    this.path = path
  }
}

/** What was thrown at a place inside a value, with that place in front of its path. */
export function locate(error: unknown, place: string): unknown {
  if (!(error instanceof CodecError)) return error
  const { kind, message, type, cause, path } = error
  const dot = path === '' || path.startsWith('[') ? '' : '.'
  return new CodecError(kind, message, { type, cause, path: `${place}${dot}${path}` })
}

/** An error with its place: `ReconfigVM_Task.spec.numCPUs: string is given where int is wanted`. */
export function describeCodecError({ path, message }: CodecError): string {
  return path === '' ? message : `${path}: ${message}`
}
