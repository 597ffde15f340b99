import type { z } from 'zod'

import type { Cluster, Estate, Node, Schema, Site } from '../model/inventory.ts'
import type { Issue } from '../model/issue.ts'
import { explainIssues, renderValue } from './explain-issues.ts'
import { metaAt } from './field-of-schema.ts'

/** Name of the target that stands for the whole inventory. */
export const ESTATE = 'estate'

/** Words that mean something else where targets are named. */
const RESERVED = new Set([ESTATE, 'all'])

/** What characters a name may have so that `--limit` and `--set` can name it. */
const NAME = /^[A-Za-z0-9_-]+$/

/** What became of a written inventory: a tree, or at least the parts of it that are right, and what is wrong. */
export interface CheckedInventory {
  /** Without the parts that are wrong; nothing where the estate’s own variables are wrong. */
  readonly estate: Estate | undefined
  readonly issues: readonly Issue[]
}

/** Collects issues while the tree is walked. */
interface Walk {
  readonly schema: Schema
  readonly names: Map<string, string>
  /** Paths whose values the command line has given. */
  readonly set: readonly string[]
  readonly report: (issue: Issue) => void
}

/** What stands under one level: its own variables, and the level below by name. */
interface Written {
  readonly path: readonly string[]
  readonly value: unknown
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reports what only the command line may say: a file is read again tomorrow, by somebody who does not mean it. */
function reportCommandLineOnly(level: z.ZodObject, { path, value }: Written, { set, report }: Walk): void {
  for (const key of isGroup(value) ? Object.keys(value) : []) {
    const at = [...path, key].join('.')
    if (metaAt(level, [key]).only !== 'command-line' || set.includes(at)) continue
    report({
      path: at,
      message: `“${key}” is for the command line alone, and stands in a file`,
      hint: `take it out of the file, and give it with the one command that it is meant for: -e ${at}=…`,
    })
  }
}

/**
 * The variables of one level. Unknown keys are reported and left out, so that what else is wrong is still found; with
 * any other problem there is no value.
 */
function parseVariables(
  level: z.ZodObject,
  { path, value }: Written,
  walk: Walk,
): Record<string, unknown> | undefined {
  const { report } = walk
  reportCommandLineOnly(level, { path, value }, walk)
  const first = level.safeParse(value, { reportInput: true })
  if (first.success) return first.data
  for (const issue of explainIssues(first.error.issues, { schema: level, base: path })) report(issue)
  const unknown = first.error.issues.filter(
    (issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0,
  )
  if (unknown.length !== first.error.issues.length) return undefined
  const extra = new Set(unknown.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])))
  const rest = Object.entries(value as object).filter(([key]) => !extra.has(key))
  return level.safeParse(Object.fromEntries(rest)).data
}

/** The entries of the level below; each name is checked. Nothing where there are none. */
function listEntries(
  below: Written,
  what: string,
  { names, report }: Walk,
): readonly (readonly [string, unknown])[] {
  const path = below.path.join('.')
  if (!isGroup(below.value) || Object.keys(below.value).length === 0) {
    report({
      path,
      message:
        below.value === undefined
          ? `there are no ${what}`
          : `${renderValue(below.value)} where ${what} are expected`,
      hint: `write the ${what} by name, each with its variables`,
    })
    return []
  }
  return Object.entries(below.value).filter(([name]) => {
    const at = `${path}.${name}`
    const owner = names.get(name)
    names.set(name, owner ?? at)
    if (owner !== undefined) {
      report({
        path: at,
        message: `the name “${name}” is already taken by ${owner}`,
        hint: 'names are unique over the whole inventory; rename one of the two',
      })
    } else if (!NAME.test(name)) {
      report({
        path: at,
        message: `${renderValue(name)} cannot be a name`,
        hint: 'use letters, digits and hyphens',
      })
    } else if (RESERVED.has(name)) {
      report({
        path: at,
        message: `“${name}” cannot be a name: it means something else in --limit`,
        hint: 'choose another name',
      })
    } else {
      return true
    }
    return false
  })
}

/** Splits a level into its own variables and the level below. */
function split(
  { path, value }: Written,
  key: string,
  { report }: Walk,
): { own: Written; below: Written } | undefined {
  if (!isGroup(value)) {
    report({
      path: path.join('.'),
      message: `is ${renderValue(value)}, not a group of keys`,
      hint: `write its variables and its ${key}`,
    })
    return undefined
  }
  const { [key]: below, ...own } = value
  return { own: { path, value: own }, below: { path: [...path, key], value: below } }
}

function checkNode(written: Written, walk: Walk): Node | undefined {
  const name = written.path.at(-1) ?? ''
  if (!isGroup(written.value)) {
    walk.report({
      path: written.path.join('.'),
      message: `is ${renderValue(written.value)}, not a group of keys`,
      hint: 'write its variables',
    })
    return undefined
  }
  const own = parseVariables(walk.schema.levels.node, written, walk)
  return own === undefined ? undefined : { ...own, name }
}

function checkCluster(written: Written, walk: Walk): Cluster | undefined {
  const parts = split(written, 'nodes', walk)
  if (parts === undefined) return undefined
  const own = parseVariables(walk.schema.levels.cluster, parts.own, walk)
  const entries = listEntries(parts.below, 'nodes', walk)
  const nodes = entries.map(([name, value]) => checkNode({ path: [...parts.below.path, name], value }, walk))
  const complete = entries.length === Object.keys(parts.below.value ?? {}).length
  // Half a cluster would break rules that the whole one keeps.
  if (own === undefined || !complete || nodes.includes(undefined) || nodes.length === 0) return undefined
  return {
    ...own,
    name: written.path.at(-1) ?? '',
    nodes: nodes.filter((node) => node !== undefined),
  }
}

function checkSite(written: Written, walk: Walk): Site | undefined {
  const parts = split(written, 'clusters', walk)
  if (parts === undefined) return undefined
  const own = parseVariables(walk.schema.levels.site, parts.own, walk)
  const clusters = listEntries(parts.below, 'clusters', walk)
    .map(([name, value]) => checkCluster({ path: [...parts.below.path, name], value }, walk))
    .filter((cluster) => cluster !== undefined)
  return own === undefined ? undefined : { ...own, name: written.path.at(-1) ?? '', clusters }
}

/**
 * Checks the variables of every level of a written inventory, and reports everything that is wrong with them. `set` are the
 * paths that the command line has given.
 */
export function checkInventory(
  schema: Schema,
  value: unknown,
  { set = [] }: { readonly set?: readonly string[] } = {},
): CheckedInventory {
  const issues: Issue[] = []
  const walk: Walk = { schema, names: new Map(), set, report: (issue) => void issues.push(issue) }
  const parts = split({ path: [], value }, 'sites', walk)
  if (parts === undefined) return { estate: undefined, issues }
  const own = parseVariables(schema.levels.estate, parts.own, walk)
  const sites = listEntries(parts.below, 'sites', walk)
    .map(([name, site]) => checkSite({ path: ['sites', name], value: site }, walk))
    .filter((site) => site !== undefined)
  return { estate: own === undefined ? undefined : { ...own, name: ESTATE, sites }, issues }
}
