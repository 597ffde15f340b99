import { isDeepStrictEqual } from 'node:util'

import { ConfigError } from '../model/error.ts'
import type { Schema } from '../model/inventory.ts'
import type { Issue } from '../model/issue.ts'
import { renderPath } from './place.ts'
import type { InventorySource } from './read-source.ts'

/** Several inventory files as one. */
export interface MergedSources {
  readonly schema: Schema
  readonly lab: boolean
  readonly written: Readonly<Record<string, unknown>>
  /** The file that a value comes from. */
  readonly originOf: (path: readonly string[]) => InventorySource
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function mergeKeys(
  of: readonly { readonly source: InventorySource; readonly value: unknown }[],
  { base, report }: { readonly base: readonly string[]; readonly report: (issue: Issue) => void },
): { readonly value: Record<string, unknown>; readonly origins: ReadonlyMap<string, InventorySource> } {
  const origins = new Map<string, InventorySource>()
  const merged: [string, unknown][] = []
  for (const { source, value } of of) {
    for (const [key, entry] of Object.entries(isGroup(value) ? value : {})) {
      const first = origins.get(key)
      const path = [...base, key]
      if (first === undefined) {
        origins.set(key, source)
        merged.push([key, entry])
      } else if (base.length > 0 || !isDeepStrictEqual(entry, merged.find(([other]) => other === key)?.[1])) {
        const line = source.lineOf(path)
        report({
          path: path.join('.'),
          message:
            base.length > 0
              ? `“${key}” is also in ${renderPath(first.file)}`
              : `it differs from ${renderPath(first.file)}`,
          hint:
            base.length > 0
              ? 'write each of them in one file only'
              : 'write it in one file only, or alike in all of them',
          file: source.file,
          ...(line === undefined ? {} : { line }),
        })
      }
    }
  }
  return { value: Object.fromEntries(merged), origins }
}

/**
 * Unites inventory files: the sites of all of them under the estate that they share. What two files say differently is
 * an error, so that no order of files matters. Throws a `ConfigError` with every such place.
 */
export function mergeSources(sources: readonly InventorySource[]): MergedSources {
  const [first, ...others] = sources
  if (first === undefined) {
    throw new ConfigError('no inventory was named', { hint: 'name one with -i FILE' })
  }
  for (const { file, schema, lab } of others) {
    if (schema.name !== first.schema.name || lab !== first.lab) {
      const what =
        lab === first.lab ? `schema ${schema.name} and ${first.schema.name}` : 'a lab and a real estate'
      throw new ConfigError(`${renderPath(file)} and ${renderPath(first.file)} do not go together: ${what}`, {
        hint: 'run them one after the other',
      })
    }
  }
  if (others.length === 0) {
    return { schema: first.schema, lab: first.lab, written: first.written, originOf: () => first }
  }
  const issues: Issue[] = []
  const report = (issue: Issue): void => void issues.push(issue)
  const keys = mergeKeys(
    sources.map((source) => {
      const { sites: _, ...value } = source.written
      return { source, value }
    }),
    { base: [], report },
  )
  const sites = mergeKeys(
    sources.map((source) => ({ source, value: source.written['sites'] })),
    { base: ['sites'], report },
  )
  if (issues.length > 0) {
    throw new ConfigError(
      `the inventories do not go together in ${issues.length} ${issues.length === 1 ? 'place' : 'places'}`,
      {
        issues,
        hint: 'every site is in one file, and what all sites share is the same in every file',
      },
    )
  }
  return {
    schema: first.schema,
    lab: first.lab,
    written: { ...keys.value, sites: sites.value },
    originOf: ([key = '', name = '']) =>
      (key === 'sites' ? sites.origins.get(name) : keys.origins.get(key)) ?? first,
  }
}
