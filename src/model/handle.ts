declare const facts: unique symbol

/** A typed name for what a step finds out, so that a later step of the same target can use it. */
export interface Handle<F> {
  readonly name: string
  readonly [facts]?: F
}

/** Makes a handle. Two handles are the same only if they are the same object. */
export function handle<F>(name: string): Handle<F> {
  return { name }
}

/** Gives what an earlier step of the same target registered. Throws where that step did not run. */
export type Results = <F>(from: Handle<F>) => F
