import { readFileSync } from 'node:fs'

/** What ansible-core 2.17.5 was seen to do: tags, host patterns, inventory ranges and `serial`. */
export interface Oracle {
  readonly source: string
  readonly inventory: string
  readonly tags: {
    readonly cases: readonly (readonly [
      readonly string[],
      readonly string[] | null,
      readonly string[],
      boolean,
    ])[]
  }
  readonly patterns: readonly (readonly [string, readonly string[]])[]
  readonly ranges: readonly (readonly [string, readonly string[] | { readonly error: string }])[]
  readonly serial: readonly (readonly [number, readonly (number | `${number}%`)[], readonly number[]])[]
}

/** Reads the table of `ansible-oracle.json`. */
export function readOracle(): Oracle {
  return JSON.parse(readFileSync(new URL('./ansible-oracle.json', import.meta.url), 'utf8')) as Oracle
}
