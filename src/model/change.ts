/** A value that can be printed and compared: what facts and wanted states are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One difference between facts and the wanted state. */
export interface Change {
  /** What differs, as a path inside the thing: `security.promiscuous`. */
  readonly path: string
  /** What is there; `undefined` where there is nothing. */
  readonly from?: Json | undefined
  /** What is wanted; `undefined` where nothing is. */
  readonly to?: Json | undefined
  /** Why it matters or what it means, where path and values do not say it. */
  readonly note?: string
  /** The nodes it is about, where a module looks at several. */
  readonly nodes?: readonly string[]
}
