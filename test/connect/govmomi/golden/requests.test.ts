import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { XmlElement } from '../../../../src/connect/govmomi/codec/element.ts'
import { parseXml } from '../../../../src/connect/govmomi/codec/parse-xml.ts'
import { decodeRequest, encodeRequest, type Request } from '../../../../src/connect/govmomi/codec/request.ts'
import { fieldsOf, paramsOf, type Field } from '../../../../src/connect/govmomi/schema/lookup.ts'
import { operations, type OperationName } from '../../../../src/connect/govmomi/schema/operations.ts'

const { children } = parseXml(readFileSync(new URL('requests.xml', import.meta.url), 'utf8'))
const recorded = children.flatMap(({ attributes, children: [body] }) =>
  body === undefined ? [] : [{ operation: body.name as OperationName, command: attributes['command'], body }],
)

/** Operations that govc has no way to send, so that the table of types alone guards their fields. */
const NOT_IN_GOVC: Readonly<Partial<Record<OperationName, string>>> = {
  AnswerVM: 'vm.question answers only where there is a question, and vcsim asks none',
  CancelRetrievePropertiesEx: 'govc reads to the end',
  CancelWaitForUpdates: 'govc ends a wait with its collector',
  CreateScreenshot_Task: 'govc takes screenshots from /screen',
  FetchUserPrivilegeOnEntities: 'in the library, in no command',
  HasPrivilegeOnEntities: 'govc knows the form for one entity only',
  HttpNfcLeaseProbeUrls: 'govc only pushes',
  HttpNfcLeasePullFromUrls_Task: 'govc only pushes',
  HttpNfcLeaseSetManifestChecksumType: 'govc compares with what the server chose',
  ParseDescriptor: 'govc parses descriptors itself',
  RetrieveProperties: 'govc reads by pages',
  Refresh: 'no command for passthrough on hosts',
  UpdatePassthruConfig: 'no command for passthrough on hosts',
}

interface Canonical {
  readonly name: string
  readonly type: string | undefined
  readonly ref: string | undefined
  readonly content: string | readonly Canonical[]
}

/** A message without layout, prefixes, and types that name what is expected in that place anyway. */
function simplify(element: XmlElement, expected: string | undefined): Canonical {
  const { name, xsiType, attributes, children, text } = element
  const type = xsiType === expected ? undefined : xsiType
  const fields = fieldsOf(xsiType ?? expected ?? '') ?? []
  const content =
    children.length === 0 ? text : children.map((child) => simplify(child, typeOfField(child, fields)))
  return { name, type, ref: attributes['type'], content }
}

const typeOfField = ({ name }: XmlElement, fields: readonly Field[]): string | undefined =>
  fields.find((field) => field.name === name)?.type

const simplifyRequest = (element: XmlElement, operation: OperationName): readonly Canonical[] =>
  element.children.map((child) => simplify(child, typeOfField(child, paramsOf(operation))))

/** The same value with the keys of every object in the opposite order. */
function turnRound(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnRound)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, turnRound(inner)]),
  )
}

describe('a request of govc', () => {
  it.each(recorded)(
    'is understood, and written as govc wrote it: $operation by $command',
    ({ operation, body }) => {
      const request = decodeRequest(body)
      expect(request.operation).toBe(operation)
      const again = parseXml(encodeRequest(request))
      expect(again).toMatchObject({ name: operation, namespace: 'urn:vim25' })
      expect(simplifyRequest(again, operation)).toEqual(simplifyRequest(body, operation))
    },
  )

  it.each(recorded)(
    'is written in its order, whatever the order of the arguments: $operation by $command',
    ({ body }) => {
      const request = decodeRequest(body)
      expect(encodeRequest(turnRound(request) as Request)).toBe(encodeRequest(request))
    },
  )

  it('is there for every operation that govc can send', () => {
    const missing = Object.keys(operations).filter(
      (name) => !recorded.some(({ operation }) => operation === name),
    )
    expect(missing.toSorted()).toEqual(Object.keys(NOT_IN_GOVC).toSorted())
  })
})
