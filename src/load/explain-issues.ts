import type { z } from 'zod'

import type { Issue } from '../model/issue.ts'
import { nearestName } from '../model/nearest.ts'
import { Secret } from '../model/secret.ts'
import { keysAt, metaAt, valuesAt } from './field-of-schema.ts'

type ZodIssue = z.core.$ZodIssue

/** A value as a message shows it: short, quoted, on one line, and never what may hold a secret. */
export function renderValue(value: unknown): string {
  if (typeof value === 'string')
    return `“${JSON.stringify(value.slice(0, 60)).slice(1, -1)}${value.length > 60 ? '…' : ''}”`
  if (value instanceof Secret) return 'a secret'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (value === null) return 'empty'
  if (typeof value === 'object') return 'a group of keys'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `of type ${typeof value}`
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
}

const alternatives = (values: readonly unknown[]): string => values.map((value) => String(value)).join(', ')

/** Of the branches of a union, the issues of the one that the value was meant for: it fails deeper than at its root. */
function meantBranch({
  errors,
}: {
  errors: readonly (readonly ZodIssue[])[]
}): readonly ZodIssue[] | undefined {
  return errors.find((branch) => branch.length > 0 && branch.every(({ path }) => path.length > 0))
}

/** The value that an issue is about: of a union with a discriminator the value of that, not the whole. */
function meantValue(issue: ZodIssue): unknown {
  const { input } = issue
  if (issue.code !== 'invalid_union' || !('discriminator' in issue)) return input
  const key = issue.discriminator ?? ''
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : input
}

function describe(issue: ZodIssue, options: readonly unknown[]): string {
  const shown = renderValue(issue.input)
  if (meantValue(issue) === undefined && issue.code !== 'unrecognized_keys') return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `is ${shown}, not ${EXPECTED[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `is ${shown}, not one of ${alternatives(issue.values)}`
    case 'too_small':
      if (issue.origin === 'string') return 'is empty'
      return issue.origin === 'array'
        ? `has too few entries: at least ${issue.minimum} needed`
        : `is ${shown}, less than ${issue.minimum}`
    case 'too_big':
      if (issue.origin === 'string') return `is ${shown}, longer than ${issue.maximum} characters`
      return issue.origin === 'array'
        ? `has too many entries: at most ${issue.maximum} allowed`
        : `is ${shown}, more than ${issue.maximum}`
    case 'invalid_union':
      if (options.length > 0)
        return `is ${renderValue(meantValue(issue))}, not one of ${alternatives(options)}`
      break
    case 'custom':
      if (issue.params?.['secret'] === true) return issue.message
      break
    case 'invalid_format':
      if (issue.message.startsWith('Invalid')) return `${shown} does not have the form of a ${issue.format}`
      break
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
      break
  }
  return `${shown} ${issue.message}`
}

/** What a schema found wrong, as issues: place, value and what to write instead. `base` is the path of the value. */
export function explainIssues(
  found: readonly ZodIssue[],
  { schema, base }: { readonly schema: z.ZodType; readonly base: readonly string[] },
): readonly Issue[] {
  return found.flatMap((issue): readonly Issue[] => {
    const pathTo = (path: readonly PropertyKey[]): string => [...base, ...path.map(String)].join('.')
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue)
      return issue.keys.map((key) => {
        const nearest = nearestName(key, known)
        const hint = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean “${nearest}”?`
        return { path: pathTo([...issue.path, key]), message: `unknown key ${renderValue(key)}`, hint }
      })
    }
    if (issue.code === 'invalid_union' && 'errors' in issue) {
      const branch = meantBranch(issue)
      const deeper = branch?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
      if (deeper !== undefined) return explainIssues(deeper, { schema, base })
    }
    // What a missing or unknown kind should have been is said where all kinds are described.
    const isKind = issue.code === 'invalid_union' && 'discriminator' in issue
    const meta = metaAt(schema, isKind ? issue.path.slice(0, -1) : issue.path)
    const params: { rule?: string; hint?: string } = issue.code === 'custom' ? (issue.params ?? {}) : {}
    const options = valuesAt(schema, issue.path)
    const meant = meantValue(issue)
    const nearest = typeof meant === 'string' ? nearestName(meant, options.map(String)) : undefined
    const hint = params.hint ?? (nearest === undefined ? meta.description : `did you mean “${nearest}”?`)
    const rule = params.rule ?? meta.rule
    return [
      {
        path: pathTo(issue.path),
        message: describe(issue, options),
        ...(rule === undefined ? {} : { rule }),
        ...(hint === undefined ? {} : { hint }),
      },
    ]
  })
}
