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

/** A value and the schema do not agree. `message` names the place and what is wrong with it. */
export class CodecError extends Error {
  readonly kind: CodecFailure
  /** The type in which it happened, where there is one. */
  readonly type: string | undefined

  constructor(
    kind: CodecFailure,
    message: string,
    options: { readonly type?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CodecError'
    this.kind = kind
    this.type = options.type
  }
}
