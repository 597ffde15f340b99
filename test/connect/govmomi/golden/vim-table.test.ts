import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { enums } from '../../../../src/connect/govmomi/schema/enums.ts'
import { fieldsOf, isSubtype } from '../../../../src/connect/govmomi/schema/lookup.ts'
import { objects } from '../../../../src/connect/govmomi/schema/objects.ts'
import { operations } from '../../../../src/connect/govmomi/schema/operations.ts'
import type {
  EnumTable,
  FieldText,
  ObjectTable,
  OperationTable,
  TypeTable,
} from '../../../../src/connect/govmomi/schema/shape.ts'
import { types } from '../../../../src/connect/govmomi/schema/types.ts'

/** Where our table says something else on purpose: our words, govmomi's, and why. */
const DIFFERENCES: Readonly<Record<string, readonly [ours: string, theirs: string, why: string]>> = {
  PropertyChange: ['val anyType?', 'val anyType', 'a property that was removed has no value'],
  HostPortGroup: [
    'computedPolicy HostNetworkPolicy?',
    'computedPolicy HostNetworkPolicy',
    'not every server computes it',
  ],
  HostCapability: [
    'vmotionSupported boolean?',
    'vmotionSupported boolean',
    'only a caution hangs on it, which is no reason to refuse an answer',
  ],
  ClusterComputeResource: [
    'configurationEx ClusterConfigInfoEx?',
    'configuration ClusterConfigInfo',
    'a cluster narrows the type of the property that every compute resource has',
  ],
}

/** One name as govmomi declares it; how the file is made stands at the top of test/support/vim-table/main.go. */
interface Declared {
  readonly base: string | undefined
  /** Fields as `name type`, with the marks of our own table. */
  readonly parts: readonly string[]
}

const declared = new Map<string, Declared>()
for (const line of readFileSync(new URL('vim-table.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')) {
  const [head = '', ...parts] = line.split(' | ')
  const [kind = '', name = '', , base] = head.split(' ')
  declared.set(`${kind} ${name}`, { base, parts })
}

function lookUp(kind: string, name: string): Declared {
  const found = declared.get(`${kind} ${name}`)
  expect(found, `govmomi has no ${kind} ${name}, or test/support/vim-table was not run again`).toBeDefined()
  return found ?? { base: undefined, parts: [] }
}

/** Our fields in govmomi's words. */
function asParts(name: string, fields: Readonly<Record<string, FieldText>>): readonly string[] {
  const [ours, theirs = ''] = DIFFERENCES[name] ?? []
  return Object.entries(fields)
    .map(([field, text]) => `${field} ${text}`)
    .map((part) => (part === ours ? theirs : part))
}

const nameOf = (part: string): string => part.replace(/ .*/, '')
const isMandatory = (part: string): boolean => !/[?*]$/.test(part)

/** Every type that a request may hold: what operations take, what those hold, and what may stand in for it. */
function typesOfRequests(): ReadonlySet<string> {
  const found = new Set<string>()
  const take = (text: string): void => {
    const type = text.replace(/[?*+]$/, '')
    if (found.has(type) || fieldsOf(type) === undefined) return
    found.add(type)
    for (const field of fieldsOf(type) ?? []) take(field.type)
    for (const other of Object.keys(types)) if (isSubtype(other, type)) take(other)
  }
  for (const { params } of Object.values(operations as OperationTable)) Object.values(params).forEach(take)
  return found
}

describe('the table agrees with govmomi', () => {
  it.each(Object.entries(types as TypeTable))('on %s', (...[name, { extends: base, fields }]) => {
    const theirs = lookUp('type', name)
    const ours = asParts(name, fields)
    expect(theirs.parts.filter((part) => ours.includes(part))).toEqual(ours)
    expect(base).toBe(theirs.base)
  })

  it.each([...typesOfRequests()])('on what nobody may leave out of a %s', (name) => {
    const ours = new Set(Object.keys((types as TypeTable)[name]?.fields ?? {}))
    const missing = lookUp('type', name).parts.filter((part) => isMandatory(part) && !ours.has(nameOf(part)))
    expect(missing).toEqual([])
  })

  it.each(Object.entries(operations as OperationTable))('on %s', (...[name, { params, result }]) => {
    const theirs = lookUp('operation', name).parts
    const ours = [...asParts(name, params), ...(result === undefined ? [] : [`returnval ${result}`])]
    expect(theirs.filter((part) => isMandatory(part) || ours.includes(part))).toEqual(ours)
  })

  it.each(Object.entries(objects as ObjectTable))(
    'on the object %s',
    (...[name, { extends: base, properties }]) => {
      const theirs = lookUp('object', name)
      for (const part of asParts(name, properties)) expect(theirs.parts).toContain(part)
      expect(base).toBe(theirs.base === 'ExtensibleManagedObject' ? undefined : theirs.base)
    },
  )

  it.each(Object.entries(enums as EnumTable))('on the values of %s', (...[name, values]) => {
    const theirs = lookUp('enum', name).parts
    for (const value of values) expect(theirs).toContain(value)
  })

  it.each(Object.entries(DIFFERENCES))('but for %s, where it has a reason', (...[name, [ours]]) => {
    const [field = '', text] = ours.split(' ')
    const table: Readonly<Record<string, Readonly<Record<string, FieldText>>>> = {
      ...Object.fromEntries(Object.entries(types as TypeTable).map(([type, { fields }]) => [type, fields])),
      ...Object.fromEntries(Object.entries(objects as ObjectTable).map(([type, o]) => [type, o.properties])),
    }
    expect(table[name]?.[field]).toBe(text)
  })
})
