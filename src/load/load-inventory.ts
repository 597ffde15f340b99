import { dirname, join, resolve } from 'node:path'

import { ConfigError } from '../model/error.ts'
import type { Estate, Schema } from '../model/inventory.ts'
import type { Issue } from '../model/issue.ts'
import { anchorFiles } from './anchor-files.ts'
import { checkInventory, ESTATE } from './check-inventory.ts'
import { findRefs, freezeTree } from './find-refs.ts'
import { type MergedSources, mergeSources } from './merge-sources.ts'
import type { WantedSecret } from './open-secrets.ts'
import { renderPath } from './place.ts'
import type { Project } from './project.ts'
import { readSource } from './read-source.ts'
import { setVariables } from './set-variables.ts'

/** An inventory: read, united, checked, frozen. Its secrets are still closed. */
export interface LoadedInventory {
  readonly schema: Schema
  readonly estate: Estate
  /** Absolute paths of the inventory files, as named. */
  readonly named: readonly string[]
  /** Absolute paths of everything that was read for them. */
  readonly files: readonly string[]
  /** Whether every system it names is the embedded lab's. */
  readonly lab: boolean
  /** Every place that refers to a secret. */
  readonly secrets: readonly WantedSecret[]
}

/** How to load an inventory. */
export interface LoadInventoryOptions {
  readonly project: Project
  /** `--set`: overrides, in order. */
  readonly set?: readonly string[]
  /** `--lab`: rehearses a real inventory in the embedded lab. */
  readonly lab?: boolean
}

/** Adds to each issue the file and line it is in. */
function locate(
  issues: readonly Issue[],
  { originOf }: MergedSources,
  set: readonly string[],
): readonly Issue[] {
  return issues.map((issue) => {
    // A key may be anything; what is shown of it must not move anybody's cursor.
    const shown = { ...issue, path: issue.path.replaceAll(/\p{Cc}/gu, '�') }
    if (set.some((path) => issue.path === path || issue.path.startsWith(`${path}.`))) {
      return { ...shown, file: '--set' }
    }
    const path = issue.path === '' ? [] : issue.path.split('.')
    const { file, lineOf } = originOf(path)
    const line = lineOf(path)
    return { ...shown, file: renderPath(file), ...(line === undefined ? {} : { line }) }
  })
}

/** The name of the target that a path lies in: of the last of `sites.X`, `clusters.Y`, `nodes.Z`. */
function targetOf(path: readonly string[]): string {
  const depth = ['sites', 'clusters', 'nodes'].findIndex((key, level) => path[2 * level] !== key)
  return path[2 * (depth < 0 ? 3 : depth) - 1] ?? ESTATE
}

/** The checked tree, its files anchored and its rules held; or a `ConfigError` with everything that is wrong. */
function finish(
  { merged, written, set }: { merged: MergedSources; written: unknown; set: readonly string[] },
  labFolder: string | undefined,
): Estate {
  const { estate, issues } = checkInventory(merged.schema, written, { set })
  const all = [...issues]
  if (estate !== undefined) {
    anchorFiles(findRefs(estate).files, { originOf: (path) => merged.originOf(path).file, labFolder })
    for (const rule of merged.schema.rules) rule.check(estate, (issue) => void all.push(issue))
  }
  if (estate !== undefined && all.length === 0) {
    const rehearsed = labFolder === undefined ? undefined : merged.schema.rehearse?.(estate)
    return freezeTree(rehearsed ?? estate)
  }
  const count = all.length === 1 ? 'a problem' : `${all.length} problems`
  throw new ConfigError(`the inventory ${renderPath(merged.originOf([]).file)} has ${count}`, {
    issues: locate(all, merged, set),
    hint: 'correct all of them; nothing was touched',
  })
}

/**
 * Loads one or several inventory files as one, overrides applied. Throws one `ConfigError` with every problem, each with
 * its place, value, rule and hint.
 */
export async function loadInventory(
  paths: readonly string[],
  { project, set = [], lab = false }: LoadInventoryOptions,
): Promise<LoadedInventory> {
  const sources = await Promise.all(
    [...new Set(paths.map((path) => resolve(path)))].map((path) => readSource(path, project)),
  )
  const merged = mergeSources(sources)
  const overridden = await setVariables(merged.written, set)
  const inLab = lab || merged.lab
  const estate = finish(
    { merged, written: overridden.written, set: overridden.paths },
    inLab ? join(project.state, 'lab', 'files') : undefined,
  )
  return {
    schema: merged.schema,
    estate,
    named: sources.map(({ file }) => file),
    files: [...new Set(sources.flatMap(({ files }) => files))],
    lab: inLab,
    secrets: findRefs(estate).secrets.map(({ ref, path }) => ({
      secret: ref,
      path: path.join('.'),
      target: targetOf(path),
      folder: dirname(merged.originOf(path).file),
    })),
  }
}
