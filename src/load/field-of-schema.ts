import type { z } from 'zod'

// What a schema knows about the field at a path: zod tells what is wrong with a value, and not what would be right.

/** What a schema says about a field beside its type. */
export interface Meta {
  readonly description?: string | undefined
  readonly rule?: string | undefined
  /** Where alone it may be given; anywhere where absent. */
  readonly only?: 'command-line' | undefined
}

/** The schemas inside a schema: what an optional or a pipe wraps, what an object has under a key. */
interface Definition {
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly options?: readonly z.ZodType[]
}

const definitionOf = (schema: z.ZodType): Definition => schema.def as Definition

/** The schemas one key below, looking through wrappers and into every branch of a union. */
function below(schema: z.ZodType, key: PropertyKey): readonly z.ZodType[] {
  const { innerType, in: input, shape, element, options } = definitionOf(schema)
  const wrapped = innerType ?? input
  if (wrapped !== undefined) return below(wrapped, key)
  if (options !== undefined) return options.flatMap((option) => below(option, key))
  if (element !== undefined && typeof key === 'number') return [element]
  const found = shape !== undefined && Object.hasOwn(shape, key) ? shape[String(key)] : undefined
  return found === undefined ? [] : [found]
}

/** The only values that a literal takes. */
function valuesIn(schema: z.ZodType): readonly unknown[] {
  return (schema.def as { readonly values?: readonly unknown[] }).values ?? []
}

function schemasAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly z.ZodType[] {
  return path.reduce<readonly z.ZodType[]>((at, key) => at.flatMap((one) => below(one, key)), [schema])
}

/** Description and rule of a field; of the field around it where it has none. */
export function metaAt(schema: z.ZodType, path: readonly PropertyKey[]): Meta {
  for (let depth = path.length; depth > 0; depth--) {
    for (
      let at = schemasAt(schema, path.slice(0, depth))[0];
      at !== undefined;
      at = definitionOf(at).innerType
    ) {
      const meta = at.meta() as Meta | undefined
      if (meta?.description !== undefined) return meta
    }
  }
  return {}
}

/** Whether a branch of a union is the one that a value says it is: its literals are the value's. */
function isMeant(branch: z.ZodType, value: unknown): boolean {
  const literals = Object.entries(definitionOf(branch).shape ?? {}).filter(
    ([, field]) => valuesIn(field).length > 0,
  )
  if (typeof value !== 'object' || value === null) return true
  return literals.every(([key, field]) => valuesIn(field).includes((value as Record<string, unknown>)[key]))
}

/** The keys that an object may have at a path; of a union those of the branch that `value` means. */
export function keysAt(
  schema: z.ZodType,
  { path, input }: { path: readonly PropertyKey[]; input?: unknown },
): readonly string[] {
  const keysOf = (one: z.ZodType): readonly string[] => {
    const { innerType, in: written, shape, options } = definitionOf(one)
    const wrapped = innerType ?? written
    if (wrapped !== undefined) return keysOf(wrapped)
    if (options === undefined) return Object.keys(shape ?? {})
    return options.filter((option) => isMeant(option, input)).flatMap((option) => keysOf(option))
  }
  return [...new Set(schemasAt(schema, path).flatMap((one) => keysOf(one)))]
}

/** The only values that the field at a path takes, in every branch of a union. */
export function valuesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly unknown[] {
  return [...new Set(schemasAt(schema, path).flatMap((one) => valuesIn(one)))]
}
