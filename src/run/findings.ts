import type { Change } from '../model/change.ts'
import { ModuleError } from '../model/error.ts'
import type { Module } from '../model/module.ts'

/** What a check looked at, and what it found there. */
export interface Findings {
  readonly changes: readonly Change[]
  readonly params: Parameters<Module['diff']>[1]
}

/** The error of a check that does not hold, with everything it found and what to do about it. */
export function findingsOf(module: Module, { changes, params }: Findings): ModuleError {
  const findings = changes.map(({ path, from, to, note }) => {
    const values = from === undefined && to === undefined ? '' : ` is ${render(from)}, wanted ${render(to)}`
    return `${path}${values}${note === undefined ? '' : `: ${note}`}`
  })
  const nodes = [...new Set(changes.flatMap((change) => change.nodes ?? []))]
  const hint = module.hint?.(changes, params) ?? `found by ${module.name}: ${module.summary}`
  return new ModuleError(findings.join('\n'), { nodes, hint })
}

const render = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value))
