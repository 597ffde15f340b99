import { FileRef } from '../../model/file-ref.ts'
import { LEVELS } from '../../model/level.ts'
import { Secret } from '../../model/secret.ts'
import type { Target } from '../../model/target.ts'

// What hangs below a level is not one of its variables.
const BELOW = new Set(['name', 'sites', 'clusters', 'nodes'])

/** The variables of a target and of everything above it, its own first: a line each, `path = value`. */
export function renderVariables({ name, level, scope }: Target): readonly string[] {
  const levels = LEVELS.slice(0, LEVELS.indexOf(level) + 1).toReversed()
  const scopes = scope as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  return levels.flatMap((one, index) => {
    const variables = scopes[one] ?? {}
    const entries = Object.entries(variables).filter(([key, value]) => !BELOW.has(key) && value !== undefined)
    const owner = index === 0 ? name : String(variables['name'])
    const lines = entries.flatMap(([key, value]) => renderValue(key, value)).map((line) => `    ${line}`)
    return [`${one} ${owner}:`, ...(lines.length === 0 ? ['    no variables'] : lines)]
  })
}

function renderValue(path: string, value: unknown): readonly string[] {
  if (value instanceof Secret) return [`${path} = ${String(value)} (${value.describe()})`]
  if (value instanceof FileRef) return [`${path} = ${value.written}`]
  if (typeof value !== 'object' || value === null) return [`${path} = ${JSON.stringify(value)}`]
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
    return [`${path} = [${value.map((one) => JSON.stringify(one)).join(', ')}]`]
  }
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .flatMap(([key, member]) => renderValue(`${path}.${key}`, member))
}
