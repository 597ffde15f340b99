import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { ConfigError } from '../model/error.ts'
import type { Schema } from '../model/inventory.ts'
import { nearestName } from '../model/nearest.ts'
import { importFile } from './import-file.ts'
import { renderPath } from './place.ts'
import type { Project } from './project.ts'

/** Whether a value is what `defineSchema` returns. */
export function isSchema(value: unknown): value is Schema {
  return (
    typeof value === 'object' &&
    value !== null &&
    'levels' in value &&
    'rules' in value &&
    'endpoints' in value &&
    'lab' in value
  )
}

/**
 * Loads the schema that a YAML or JSON inventory names: `inventory/schema/<name>.ts`, which exports it under its name.
 * Throws a `ConfigError` where there is none.
 */
export async function loadSchema(
  name: string,
  project: Project,
): Promise<{ readonly schema: Schema; readonly files: readonly string[] }> {
  const folder = join(project.root, 'inventory', 'schema')
  const names = (await readdir(folder).catch(() => []))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
  if (!names.includes(name)) {
    const nearest = nearestName(name, names)
    throw new ConfigError(`there is no inventory schema “${name}” in ${renderPath(folder)}`, {
      hint:
        nearest === undefined
          ? 'leave the key schema out for the usual one, vse'
          : `did you mean “${nearest}”?`,
    })
  }
  const path = join(folder, `${name}.ts`)
  const { exports, files } = await importFile(path, project)
  const schema = exports[name]
  if (!isSchema(schema)) {
    throw new ConfigError(`${renderPath(path)} does not export a schema named “${name}”`, {
      hint: `export const ${name} = defineSchema({ … })`,
    })
  }
  return { schema, files }
}
