import { extname, resolve } from 'node:path'

import { ConfigError } from '../model/error.ts'
import type { InventoryDefinition, Schema } from '../model/inventory.ts'
import { importFile } from './import-file.ts'
import { isSchema, loadSchema } from './load-schema.ts'
import { renderPath, renderPlace } from './place.ts'
import type { Project } from './project.ts'
import { readDocument } from './read-document.ts'
import { readText } from './read-text.ts'

/** One inventory file, as written. */
export interface InventorySource {
  /** Absolute. */
  readonly file: string
  /** Everything that was read for it. */
  readonly files: readonly string[]
  readonly schema: Schema
  readonly lab: boolean
  readonly written: Readonly<Record<string, unknown>>
  /** One-based line of a value, where the format can tell. */
  readonly lineOf: (path: readonly string[]) => number | undefined
}

function isInventory(value: unknown): value is InventoryDefinition {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'inventory')
    return false
  return 'schema' in value && isSchema(value.schema) && 'written' in value
}

async function readModule(file: string, project: Project): Promise<InventorySource> {
  const { exports, files } = await importFile(file, project)
  const definition = exports['default']
  if (!isInventory(definition)) {
    throw new ConfigError(`${renderPath(file)} does not export an inventory`, {
      hint: 'write export default defineInventory(vse, { … })',
    })
  }
  const { schema, written, lab } = definition
  if (typeof written !== 'object' || written === null) {
    throw new ConfigError(`${renderPath(file)}: the inventory is ${String(written)}, not an object`, {
      hint: 'write defineInventory(vse, { zia: …, sites: … })',
    })
  }
  return { file, files, schema, lab, written: written as Record<string, unknown>, lineOf: () => undefined }
}

async function readData(file: string, project: Project): Promise<InventorySource> {
  const { value, lineOf } = await readDocument(file)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(
      `${renderPlace(file, 1)}: there is ${value === null ? 'nothing' : 'no group of keys'} in it`,
      {
        hint: 'begin with the keys zia, image, password and sites',
      },
    )
  }
  const { schema: name = 'vse', lab = false, ...written } = value as Record<string, unknown>
  if (typeof name !== 'string') {
    throw new ConfigError(`${renderPlace(file, lineOf(['schema']))}: schema is not a name`, {
      hint: 'write schema: vse',
    })
  }
  if (typeof lab !== 'boolean') {
    throw new ConfigError(`${renderPlace(file, lineOf(['lab']))}: lab is not true or false`, {
      hint: 'write lab: true where the systems are the embedded lab’s',
    })
  }
  const { schema, files } = await loadSchema(name, project)
  return { file, files: [file, ...files], schema, lab, written, lineOf }
}

/** Reads one inventory file, by its ending. Throws a `ConfigError` where it cannot be read at all. */
export async function readSource(path: string, project: Project): Promise<InventorySource> {
  const file = resolve(path)
  switch (extname(file)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return readModule(file, project)
    case '.yaml':
    case '.yml':
    case '.json':
      return readData(file, project)
    default:
      await readText(file)
      throw new ConfigError(`${renderPath(file)} ends in “${extname(file)}”, which is no inventory`, {
        hint: 'an inventory is a .ts, .js, .yaml, .yml or .json file',
      })
  }
}
