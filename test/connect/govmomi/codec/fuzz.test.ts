import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseEnvelope, renderEnvelope } from '../../../../src/connect/govmomi/codec/envelope.ts'
import { CodecError } from '../../../../src/connect/govmomi/codec/error.ts'
import { decodeFault, encodeFault } from '../../../../src/connect/govmomi/codec/fault.ts'
import { parseXml } from '../../../../src/connect/govmomi/codec/parse-xml.ts'
import { decodeRequest } from '../../../../src/connect/govmomi/codec/request.ts'
import { decodeResponse, encodeResponse } from '../../../../src/connect/govmomi/codec/response.ts'

const vm = { type: 'VirtualMachine', value: 'vm-7' }
const disk = {
  $type: 'VirtualDisk',
  key: 2000,
  deviceInfo: { label: 'disk', summary: '500 GB & more' },
  backing: { $type: 'VirtualDiskFlatVer2BackingInfo', fileName: '[ssd] a.vmdk', diskMode: 'persistent' },
  capacityInKB: 524_288_000n,
}
const ANSWERS = [
  renderEnvelope(
    encodeResponse('RetrievePropertiesEx', {
      token: '1',
      objects: [
        {
          obj: vm,
          propSet: [
            { name: 'name', val: 'edge-1' },
            { name: 'config.hardware.device', val: { $type: 'ArrayOfVirtualDevice', items: [disk] } },
            { name: 'network', val: { $type: 'ArrayOfManagedObjectReference', items: [vm, vm] } },
            { name: 'summary.quickStats.uptimeSeconds', val: 7 },
          ],
        },
      ],
    } as never),
  ),
  renderEnvelope(
    encodeResponse('WaitForUpdatesEx', {
      version: '3',
      filterSet: [
        {
          filter: vm,
          objectSet: [{ kind: 'modify', obj: vm, changeSet: [{ name: 'a', op: 'assign', val: true }] }],
        },
      ],
    } as never),
  ),
  renderEnvelope(
    encodeFault({ type: 'InvalidPowerState', message: 'no', detail: { existingState: 'poweredOff' } }),
  ),
]

/** Reads an answer as a client does: gives a value, or throws a `CodecError`; anything else is a failure. */
function read(text: string): 'value' | 'error' {
  try {
    const content = parseEnvelope(text)
    if (decodeFault(content) !== undefined) return 'value'
    decodeResponse('RetrievePropertiesEx', content)
    return 'value'
  } catch (error) {
    if (error instanceof CodecError) return 'error'
    throw error
  }
}

const HOSTILE = [
  '',
  '<',
  '>',
  '&',
  '&amp;',
  '&#0;',
  '&x;',
  '"',
  ']]>',
  '<!--',
  '<![CDATA[',
  '<!DOCTYPE a [<!ENTITY x "y">]>',
  '<?xml version="1.1"?>',
  '\u0000',
  '\uFFFE',
  '\uD800',
  '</returnval>',
  '<returnval/>',
  '<objects/>',
  ' xsi:type="ArrayOfVirtualDevice"',
  ' xsi:type="__proto__"',
  ' xsi:type="constructor"',
  ' xsi:type="ArrayOf"',
  ' xsi:nil="true"',
  ' xmlns=""',
  ' type="x"',
  '99999999999999999999',
  '-1',
  'NaN',
]

describe('an answer that was tampered with', () => {
  it('ends in a value or in an error of the codec, whatever was put where', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      drop: fc.integer({ min: 0, max: 40 }),
      put: fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 })),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...ANSWERS),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (answer, edits) => {
          let text = answer
          for (const { at, drop, put } of edits) {
            const start = Math.floor(at * text.length)
            text = text.slice(0, start) + put + text.slice(start + drop)
          }
          expect(['value', 'error']).toContain(read(text))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('ends in an error wherever it was cut off', () => {
    for (const answer of ANSWERS) {
      for (let length = 0; length < answer.length; length += 7)
        expect(read(answer.slice(0, length))).toBe('error')
    }
  })

  it.each([
    ['a document type', '<!DOCTYPE a>'],
    ['a billion laughs', '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd">'],
  ])('with %s is refused', (_, prologue) => {
    for (const answer of ANSWERS) expect(read(answer.replace('?>', `?>${prologue}`))).toBe('error')
  })

  it.each([
    ['a reference without a type', '<obj type="VirtualMachine">', '<obj>'],
    ['a wrong number', '>7<', '>seven<'],
    ['a number that is too large', '524288000', '9223372036854775808'],
    ['a subtype from elsewhere', 'xsi:type="VirtualDisk"', 'xsi:type="HostPortGroup"'],
    ['a mandatory field left out', '<key>2000</key>', ''],
    ['a field twice', '<key>2000</key>', '<key>2000</key><key>2000</key>'],
    ['a field that holds elements', '<key>2000</key>', '<key><b/></key>'],
    ['another answer', 'RetrievePropertiesExResponse', 'LoginResponse'],
  ])('by %s is refused', (_, from, to) => {
    const answer = ANSWERS[0] ?? ''
    expect(answer).toContain(from)
    expect(read(answer)).toBe('value')
    expect(read(answer.replaceAll(from, to))).toBe('error')
  })
})

describe('a document that wants more than there is', () => {
  it.each([
    ['depth', '<a>'.repeat(5000)],
    ['elements', `<r>${'<a/>'.repeat(5001)}</r>`],
    ['attributes', `<r ${Array.from({ length: 300 }, (_, index) => `a${index}=""`).join(' ')}/>`],
  ])('in %s is refused', (_, text) => {
    expect(() => parseXml(text, { maxElements: 5000 })).toThrow(CodecError)
    expect(() => parseXml(text, { maxElements: 5000 })).toThrow('more than')
  })

  it('in prefixes takes no longer than its length', () => {
    const declare = (from: number): string =>
      Array.from({ length: 200 }, (_, index) => `xmlns:p${from + index}="u"`).join(' ')
    const nested = Array.from({ length: 90 }, (_, level) => `<a ${declare(level * 200)}>`).join('')
    const text = `${nested}${'<b xmlns:q="v" q:c=""/>'.repeat(20_000)}${'</a>'.repeat(90)}`
    let at = parseXml(text)
    while (at.children.length === 1) at = at.children[0] ?? at
    expect(at.children).toHaveLength(20_000)
  })

  it('of names that objects inherit stays data', () => {
    const xml =
      '<RetrieveServiceContent xmlns="urn:vim25"><_this type="__proto__">constructor</_this></RetrieveServiceContent>'
    expect(decodeRequest(parseXml(xml)).self).toEqual({ type: '__proto__', value: 'constructor' })
    const strange =
      '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><__proto__/></Body></Envelope>'
    expect(() => decodeRequest(parseEnvelope(strange))).toThrow('there is no operation __proto__')
    expect(Object.prototype).not.toHaveProperty('polluted')
  })
})
