import { z } from 'zod'

import { documentedSecret } from '../../model/secret.ts'

/** The parts of a JSON schema that a reader of the reference wants to know. */
interface Shape {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly items?: Shape
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly additionalProperties?: Shape | boolean
}

/** One param, or one member of a param. */
export interface ParamRow {
  /** `nodes[].address` */
  readonly path: string
  readonly type: string
  /** JSON of the default, `required`, or nothing where it may be left out. */
  readonly need: string
  readonly description: string
}

const PROBE = documentedSecret('')

/** The params of a module, members of objects below their object. */
export function listParams(params: z.ZodObject): readonly ParamRow[] {
  const schema = z.toJSONSchema(params, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // No JSON can say what a secret is; a schema that takes one and no text is one.
      if (!(zodSchema instanceof z.ZodCustom)) return
      const takes = (value: unknown): boolean => z.safeParse(zodSchema, value).success
      if (takes(PROBE) && !takes('text')) Object.assign(jsonSchema, { type: 'secret' })
    },
  })
  return listMembers(schema as Shape, '')
}

function listMembers({ properties = {}, required = [] }: Shape, prefix: string): readonly ParamRow[] {
  return Object.entries(properties).flatMap(([name, shape]) => {
    const path = `${prefix}${name}`
    const need =
      shape.default === undefined
        ? required.includes(name)
          ? 'required'
          : ''
        : JSON.stringify(shape.default)
    const row: ParamRow = { path, type: typeOf(shape), need, description: shape.description ?? '' }
    const inner = shape.items?.properties === undefined ? shape : shape.items
    return [row, ...listMembers(inner, inner === shape ? `${path}.` : `${path}[].`)]
  })
}

function typeOf(shape: Shape): string {
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum !== undefined) return shape.enum.map((value) => JSON.stringify(value)).join(', ')
  const choices = shape.anyOf ?? shape.oneOf
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ')
  if (shape.items !== undefined) return `list of ${typeOf(shape.items)}`
  if (typeof shape.additionalProperties === 'object') return `map of ${typeOf(shape.additionalProperties)}`
  if (Array.isArray(shape.type)) return shape.type.join(' or ')
  return `${typeof shape.type === 'string' ? shape.type : 'any'}${rangeOf(shape)}`
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: Shape): string {
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1)
  // Whole numbers have these limits by themselves.
  const from = least === undefined || least === Number.MIN_SAFE_INTEGER ? undefined : least
  const to = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (from === undefined && to === undefined) return ''
  if (to === undefined) return ` from ${from}`
  return from === undefined ? ` up to ${to}` : ` ${from} to ${to}`
}
