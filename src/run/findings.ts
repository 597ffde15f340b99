import type { Change } from '../model/change.ts'
import { ModuleError } from '../model/error.ts'
import type { Module } from '../model/module.ts'

/** The error of a check that does not hold, with everything it found. */
export function findingsOf(module: Module, changes: readonly Change[]): ModuleError {
  const findings = changes.map(({ path, from, to, note }) => {
    const values = from === undefined && to === undefined ? '' : ` is ${render(from)}, wanted ${render(to)}`
    return `${path}${values}${note === undefined ? '' : `: ${note}`}`
  })
  return new ModuleError(findings.join('\n'), { hint: `found by ${module.name}: ${module.summary}` })
}

const render = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value))
