import { ConfigError, UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'

type Group = Readonly<Record<string, unknown>>

/** Keys whose entries are targets by name. */
const BELOW = ['sites', 'clusters', 'nodes']

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)

/** The path of every target, by name. */
function listTargetPaths(written: Group): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>()
  const visit = (value: unknown, { at, depth }: { at: readonly string[]; depth: number }): void => {
    const key = BELOW[depth]
    const below = key !== undefined && isGroup(value) ? value[key] : undefined
    if (key === undefined || !isGroup(below)) return
    for (const [name, entry] of Object.entries(below)) {
      const path = [...at, key, name]
      paths.set(name, path)
      visit(entry, { at: path, depth: depth + 1 })
    }
  }
  visit(written, { at: [], depth: 0 })
  return paths
}

/** A copy of a group with one value set; groups on the way are copied, so that what files share stays as it is. */
function setIn(
  group: Group,
  path: readonly string[],
  { value, done }: { value: unknown; done: readonly string[] },
): Group {
  const [key = '', ...rest] = path
  const before: unknown = Object.hasOwn(group, key) ? group[key] : undefined
  const here = [...done, key]
  if (rest.length === 0) return { ...group, [key]: value }
  const isTarget = BELOW.includes(done.at(-1) ?? '')
  if (isTarget && before === undefined) {
    const nearest = nearestName(key, Object.keys(group))
    throw new ConfigError(
      `--set ${[...done, ...path].join('.')}: there is no “${key}” in ${done.join('.')}`,
      {
        hint:
          nearest === undefined ? `known: ${Object.keys(group).join(', ')}` : `did you mean “${nearest}”?`,
      },
    )
  }
  if (before !== undefined && !isGroup(before)) {
    throw new ConfigError(
      `--set ${[...done, ...path].join('.')}: ${here.join('.')} is a single value and has no “${rest[0] ?? ''}”`,
      {
        hint: `set ${here.join('.')} itself`,
      },
    )
  }
  return { ...group, [key]: setIn(before ?? {}, rest, { value, done: here }) }
}

async function parseValue(assignment: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    // A warning would be printed, and with it a piece of what may be a secret.
    return parse(text, { logLevel: 'error' }) as unknown
  } catch (cause) {
    // What follows the star of an alias may be a password that begins with one.
    const said =
      cause instanceof ReferenceError
        ? 'a star (*) begins an alias, and there is nothing to refer to'
        : (cause as Error).message.split('\n', 1)[0]
    throw new UsageError(`--set ${assignment}=… has a value that cannot be read: ${said ?? ''}`, {
      hint: 'write a value as YAML does: 4, true, text, [a, b], { env: NAME }',
      cause,
    })
  }
}

/**
 * Overrides variables before they are checked. `lab-1-a.proxy=10.84.0.113` begins with a target’s name,
 * `zia.cloud=zscalertwo` with a key of the estate; a value is written as in YAML. Throws where the place is not there.
 */
export async function setVariables(
  written: Group,
  assignments: readonly string[],
): Promise<{ readonly written: Group; readonly paths: readonly string[] }> {
  let result = written
  const paths: string[] = []
  for (const assignment of assignments) {
    const at = assignment.indexOf('=')
    const keys = assignment.slice(0, at).split('.')
    if (at < 1 || keys.some((key) => !/^[\w-]+$/.test(key) || key === '__proto__')) {
      throw new UsageError(`--set ${at < 0 ? assignment : assignment.slice(0, at)}: that is not path=value`, {
        hint: 'write for instance --set lab-1.cpus=8 or --set zia.cloud=zscalertwo',
      })
    }
    const [name = '', ...rest] = keys
    const target = listTargetPaths(result).get(name)
    if (target !== undefined && rest.length === 0) {
      throw new UsageError(`--set ${name}: that is a target, not a variable`, {
        hint: `write --set ${name}.VARIABLE=value`,
      })
    }
    const path = target === undefined ? keys : [...target, ...rest]
    const value = await parseValue(assignment.slice(0, at), assignment.slice(at + 1))
    result = setIn(result, path, { value, done: [] })
    paths.push(path.join('.'))
  }
  return { written: result, paths }
}
