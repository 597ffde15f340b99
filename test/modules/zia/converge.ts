import type { z } from 'zod'

import type { ZiaReader, ZiaSession, ZiaWriter } from '../../../src/connect/zia/session.ts'
import type { Change } from '../../../src/model/change.ts'
import type { Clock } from '../../../src/model/clock.ts'
import type { Module } from '../../../src/model/module.ts'

/** What a run of one module came to. */
export interface Converged<F> {
  /** What differed beforehand. */
  readonly changes: readonly Change[]
  /** What differed still after it was applied; nothing where nothing had to be. */
  readonly remaining: readonly Change[]
  readonly facts: F
  readonly warnings: readonly string[]
}

/** Against what a module is run. */
export interface Under {
  readonly session: ZiaSession
  readonly clock: Clock
  /** Stops after the comparison. */
  readonly check?: boolean
  /** Failure domains that have failed before. */
  readonly failed?: readonly string[]
  /** Failure domains that are worked on; all where absent. */
  readonly domains?: readonly string[]
}

type ZiaModule<P extends z.ZodObject, F> = { readonly uses: Module<P, F, ZiaReader, ZiaWriter> }

/** Runs a module as the engine does: read, diff, apply, read again, diff again. */
export async function converge<P extends z.ZodObject, F>(
  { uses }: ZiaModule<P, F>,
  input: z.input<P>,
  { session, clock, check = false, failed, domains }: Under,
): Promise<Converged<F>> {
  const { signal } = new AbortController()
  const warnings: string[] = []
  const use = { signal, warn: (message: string) => void warnings.push(message) }
  const params = uses.params.parse(input)
  const context = {
    params,
    target: 'target',
    signal,
    clock,
    progress: () => {},
    warn: use.warn,
    failed,
    domains,
    recall: () => undefined,
    remember: () => Promise.resolve(),
  }
  const reader = session.reader(use)
  const facts = await uses.read({ ...context, connection: reader })
  const changes = uses.diff(facts, params)
  if (check || changes.length === 0 || uses.apply === undefined) {
    return { changes, remaining: changes, facts, warnings }
  }
  await uses.apply({ ...context, connection: session.writer(use), facts, changes })
  const after = await uses.read({ ...context, connection: reader })
  return { changes, remaining: uses.diff(after, params), facts: after, warnings }
}

/** Changes as a person reads them: `path: from → to`. */
export function lines(changes: readonly Change[]): readonly string[] {
  const text = (value: unknown): string =>
    value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)
  return changes.map(({ path, from, to }) => `${path}: ${text(from)} → ${text(to)}`)
}
