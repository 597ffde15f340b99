import { inspect } from 'node:util'

import { InternalError } from './error.ts'

/** Where a secret's value is kept. An inventory holds one of these, never the value. */
export type SecretSource =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'prompt'; readonly question: string }
  | { readonly kind: 'age'; readonly text: string }
  | { readonly kind: 'documented'; readonly text: string }

/** What stands wherever a secret would be printed. */
export const MASK = '•••'

/**
 * A value that cannot be printed: as text, as JSON and in `inspect` it is `•••`. It is born closed, with only the
 * place its value is kept in; the loader opens it once before a run, and a transport calls `reveal()` at the last moment.
 */
export class Secret {
  readonly source: SecretSource
  #value: string | undefined

  constructor(source: SecretSource) {
    this.source = source
    if (source.kind === 'documented') this.#value = source.text
  }

  /** Gives the secret its value; a second call is a bug. */
  open(value: string): void {
    if (this.#value !== undefined)
      throw new InternalError(`the secret from ${this.describe()} was opened twice`)
    this.#value = value
  }

  get isOpen(): boolean {
    return this.#value !== undefined
  }

  /** The value. Only a transport calls this, at the moment it puts the value on the wire. */
  reveal(): string {
    if (this.#value === undefined)
      throw new InternalError(`the secret from ${this.describe()} was not opened`)
    return this.#value
  }

  /** Where the value comes from, in words that may be printed: `environment variable VC_PASSWORD`. */
  describe(): string {
    switch (this.source.kind) {
      case 'env':
        return `environment variable ${this.source.name}`
      case 'file':
        return `file ${this.source.path}`
      case 'command':
        // `TOKEN=… op read` must not say what the token is.
        return `command ${this.source.command.split(/\s+/).find((word) => !word.includes('=')) ?? ''}`.trimEnd()
      case 'prompt':
        return `prompt “${this.source.question}”`
      case 'age':
        return 'an age-encrypted text'
      case 'documented':
        return 'the vendor’s documentation'
    }
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/** How an inventory refers to a secret. There is no way to write the value itself. */
export const secret = {
  /** From an environment variable. */
  env: (name: string) => new Secret({ kind: 'env', name }),
  /** The content of a file, without its last line break. */
  file: (path: string) => new Secret({ kind: 'file', path }),
  /** What a command prints, for instance `op read op://network/vcenter/password`. */
  command: (command: string) => new Secret({ kind: 'command', command }),
  /** Asked for on the terminal, once, before the run starts. */
  prompt: (question: string) => new Secret({ kind: 'prompt', question }),
  /** An armored age text; the identity's file is named by `RUNBOOK_AGE_IDENTITY`. */
  age: (text: string) => new Secret({ kind: 'age', text }),
}

/**
 * A password that the vendor has published, such as `zsroot`. It is handled like any other secret, so that no code has to
 * know the difference.
 */
export function documentedSecret(text: string): Secret {
  return new Secret({ kind: 'documented', text })
}
