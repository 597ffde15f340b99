import colours from 'picocolors'

import type { Outcome } from '../../model/outcome.ts'

/** Paints a text. */
export type Paint = (text: string) => string

/** The few colours in use: each can be read on a dark and on a light background. */
export interface Style {
  readonly strong: Paint
  readonly faint: Paint
  readonly warning: Paint
  readonly added: Paint
  readonly removed: Paint
  readonly outcome: Readonly<Record<Outcome, Paint>>
}

/** Makes the paints; without colour each returns its text. */
export function createStyle({ colour }: { readonly colour: boolean }): Style {
  const { bold, dim, red, green, cyan, magenta } = colours.createColors(colour)
  return {
    strong: bold,
    faint: dim,
    warning: magenta,
    added: green,
    removed: red,
    outcome: { ok: green, changed: cyan, failed: red, unreachable: magenta, skipped: dim },
  }
}
