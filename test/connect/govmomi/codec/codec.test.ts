import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'

import { decodeValue } from '../../../../src/connect/govmomi/codec/decode.ts'
import { encodeProperty, encodeValue } from '../../../../src/connect/govmomi/codec/encode.ts'
import { parseEnvelope, renderEnvelope } from '../../../../src/connect/govmomi/codec/envelope.ts'
import { CodecError } from '../../../../src/connect/govmomi/codec/error.ts'
import { decodeFault, encodeFault } from '../../../../src/connect/govmomi/codec/fault.ts'
import { declarations } from '../../../../src/connect/govmomi/codec/namespaces.ts'
import { parseXml } from '../../../../src/connect/govmomi/codec/parse-xml.ts'
import { decodeRequest, encodeRequest } from '../../../../src/connect/govmomi/codec/request.ts'
import { decodeResponse, encodeResponse } from '../../../../src/connect/govmomi/codec/response.ts'
import { fieldsOf, propertyField } from '../../../../src/connect/govmomi/schema/lookup.ts'
import type { TypeTable } from '../../../../src/connect/govmomi/schema/shape.ts'
import { types } from '../../../../src/connect/govmomi/schema/types.ts'
import type { Property, Result, Value } from '../../../../src/connect/govmomi/schema/values.ts'

/** What XML 1.0 cannot hold, by its code point. */
function isForbidden(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d
  return isControl || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff
}

const parse = (xml: string) => parseXml(`<r ${declarations}>${xml}</r>`).children[0] ?? parseXml('<x/>')
const decode = (xml: string, type: string, strict = true): unknown =>
  decodeValue(parse(xml), type, { strict })
const round = (type: string, value: unknown): unknown => decode(encodeValue('v', type, value), type)

describe('the table', () => {
  it('knows every base and every type that its fields name', () => {
    for (const [name, entry] of Object.entries(types as TypeTable)) {
      if (entry.extends !== undefined) expect(fieldsOf(entry.extends), `base of ${name}`).toBeDefined()
      const fields = fieldsOf(name) ?? []
      expect(new Set(fields.map((field) => field.name)).size, `fields of ${name}`).toBe(fields.length)
    }
  })

  it('gives types to properties by their path', () => {
    expectTypeOf<Property<'VirtualMachine', 'runtime.powerState'>>().toEqualTypeOf<
      'poweredOff' | 'poweredOn' | 'suspended'
    >()
    expectTypeOf<Property<'HostSystem', 'hardware.memorySize'>>().toEqualTypeOf<bigint | undefined>()
    expectTypeOf<Result<'QueryOptions'>>().toEqualTypeOf<readonly Value<'OptionValue'>[]>()
    expectTypeOf<Property<'VirtualMachine', 'no.such.path'>>().toBeNever()
    expect(propertyField('VirtualMachine', 'config.hardware.device')).toEqual({
      name: 'device',
      type: 'VirtualDevice',
      list: true,
      required: false,
    })
    expect(propertyField('ClusterComputeResource', 'name')?.type).toBe('string')
    expect(propertyField('VirtualMachine', 'config.nothing')).toBeUndefined()
    expect(propertyField('VirtualMachine', '__proto__.x')).toBeUndefined()
  })
})

describe('values', () => {
  it('keep all 64 bits of a long', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => round('long', n) === n),
    )
    expect(() => encodeValue('v', 'long', 2n ** 63n)).toThrow(CodecError)
    expect(() => decode('<v>9223372036854775808</v>', 'long')).toThrow(CodecError)
  })

  it('keep every text that XML can hold, and refuse the rest', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let xml: string
        try {
          xml = encodeValue('v', 'string', text)
        } catch (error) {
          return error instanceof CodecError && Array.from(text).some((character) => isForbidden(character))
        }
        return decode(xml, 'string') === text
      }),
    )
    expect(() => encodeValue('v', 'string', 'lone \uD800 surrogate')).toThrow(CodecError)
  })

  it.each([
    ['int', '2147483648'],
    ['int', '1.5'],
    ['int', ''],
    ['int', '0x10'],
    ['short', '40000'],
    ['byte', '200'],
    ['boolean', 'yes'],
    ['double', '1,5'],
    ['dateTime', 'yesterday'],
    ['VirtualMachinePowerState', 'floating'],
  ])('of type %s cannot be “%s”', (type, text) => {
    expect(() => decode(`<v>${text}</v>`, type)).toThrow(CodecError)
  })

  it('of any type carry their type', () => {
    for (const value of ['a', 7, 7n, true, 1.5, { type: 'Folder', value: 'g' }]) {
      expect(round('anyType', value)).toEqual(value)
    }
    expect(round('anyType', { $type: 'ArrayOfString', items: ['a', 'b'] })).toEqual(['a', 'b'])
    expect(round('anyType', { $type: 'xsd:short', text: '7' })).toBe(7)
    expect(round('anyType', { $type: 'OptionValue', key: 'k', value: 1n })).toEqual({
      $type: 'OptionValue',
      key: 'k',
      value: 1n,
    })
    expect(() => encodeValue('v', 'anyType', { some: 'thing' })).toThrow(CodecError)
    expect(() => encodeValue('v', 'anyType', null)).toThrow(CodecError)
  })

  it('of a property carry the type that real servers give them', () => {
    const property = (path: string) =>
      propertyField('VirtualMachine', path) ?? { name: '', type: '', list: false, required: true }
    expect(encodeProperty('val', property('runtime.powerState'), 'poweredOn')).toBe(
      '<val xsi:type="VirtualMachinePowerState">poweredOn</val>',
    )
    expect(encodeProperty('val', property('network'), [{ type: 'Network', value: 'n' }])).toBe(
      '<val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Network">n</ManagedObjectReference></val>',
    )
    expect(encodeProperty('val', property('disabledMethod'), ['a'])).toBe(
      '<val xsi:type="ArrayOfString"><string>a</string></val>',
    )
    expect(
      encodeProperty('val', property('runtime.question'), {
        id: '1',
        text: 'Continue?',
        choice: { choiceInfo: [{ label: 'Yes', summary: 'Yes', key: '0' }] },
      }),
    ).toContain('<val xsi:type="VirtualMachineQuestionInfo"><id>1</id>')
  })

  it.each([
    [
      'an unknown field',
      'HostPortGroupSpec',
      { name: 'a', vlanId: 1, vswitchName: 's', policy: {}, color: 'red' },
      'no field color',
    ],
    ['a missing field', 'HostPortGroupSpec', { name: 'a', vlanId: 1, vswitchName: 's' }, 'policy is missing'],
    [
      'a wrong type',
      'HostPortGroupSpec',
      { name: 'a', vlanId: '1', vswitchName: 's', policy: {} },
      'int is wanted',
    ],
    [
      'a foreign subtype',
      'VirtualDevice',
      { $type: 'OptionValue', key: 'a', value: 'b' },
      'is no VirtualDevice',
    ],
    [
      'an unknown subtype',
      'VirtualDevice',
      { $type: 'VirtualToaster', key: 1 },
      'unknown type VirtualToaster',
    ],
    [
      'an inherited name',
      'HostPortGroupSpec',
      Object.create({ name: 'a', vlanId: 1 }) as object,
      'name is missing',
    ],
    [
      'null',
      'HostPortGroupSpec',
      { name: null, vlanId: 1, vswitchName: 's', policy: {} },
      'string is wanted',
    ],
  ])('with %s are not encoded', (...[, type, value, message]) => {
    expect(() => encodeValue('v', type, value)).toThrow(message)
  })
})

describe('a request that does not fit the table', () => {
  const encode = (device: object) => () =>
    encodeRequest({
      operation: 'ReconfigVM_Task',
      self: { type: 'VirtualMachine', value: 'vm-1' },
      args: { spec: { deviceChange: [{ operation: 'edit', device: { key: 1, ...device } }] } },
    })

  it.each([
    [
      'a missing field',
      { backing: { $type: 'VirtualPCIPassthroughDeviceBackingInfo', deviceName: 'x' } },
      '.backing.id:',
    ],
    ['an unknown field', { colour: 'red' }, '.colour: VirtualDevice has no field colour'],
    ['a wrong type', { unitNumber: '7' }, '.unitNumber: string is given where int is wanted'],
  ])('is refused with the path of %s', (...[, device, message]) => {
    expect(encode(device)).toThrow(`ReconfigVM_Task.spec.deviceChange[0].device${message}`)
  })
})

describe('a strict decoder', () => {
  const order = (xml: string): unknown => decode(`<v>${xml}</v>`, 'HostNetworkSecurityPolicy')

  it.each([
    ['wrong order', '<macChanges>true</macChanges><allowPromiscuous>true</allowPromiscuous>', 'order'],
    ['unknown elements', '<allowPromiscuous>true</allowPromiscuous><color>red</color>', 'unknown'],
    ['repeated elements', '<macChanges>true</macChanges><macChanges>true</macChanges>', 'repeated'],
    ['wrong values', '<macChanges>perhaps</macChanges>', 'type'],
    ['children inside a primitive', '<macChanges><b/></macChanges>', 'unknown'],
  ])('refuses %s', (_, xml, kind) => {
    expect(() => order(xml)).toThrow(expect.objectContaining({ kind }))
  })

  it('refuses what has no type in a place for any type', () => {
    expect(() => decode('<v><key>k</key><value>1</value></v>', 'OptionValue')).toThrow('has no xsi:type')
  })

  it('refuses an operation that is called on the wrong kind of object', () => {
    const xml = `<PowerOnVM_Task ${declarations}><_this type="HostSystem">host-1</_this></PowerOnVM_Task>`
    expect(() => decodeRequest(parseEnvelope(renderEnvelope(xml)))).toThrow('a HostSystem has no operation')
  })
})

describe('a forgiving decoder', () => {
  it('skips what it does not know, and takes any order', () => {
    const xml =
      '<v><macChanges>true</macChanges><newInNine>1</newInNine><allowPromiscuous>false</allowPromiscuous></v>'
    expect(decode(xml, 'HostNetworkSecurityPolicy', false)).toEqual({
      macChanges: true,
      allowPromiscuous: false,
    })
  })

  it('reads an unknown subtype as its declared type, and says which it was', () => {
    const xml = '<v xsi:type="VirtualToaster"><key>7</key><slots>2</slots></v>'
    expect(decode(xml, 'VirtualDevice', false)).toEqual({ $type: 'VirtualToaster', key: 7 })
  })

  it('keeps an unknown type in a place for any type as text', () => {
    const xml = '<v xsi:type="Toast"><side>both</side></v>'
    expect(decode(xml, 'anyType', false)).toEqual({ $type: 'Toast', side: 'both' })
  })

  it('understands the attribute prefixes of every server', () => {
    const xml =
      '<a:Envelope xmlns:a="http://schemas.xmlsoap.org/soap/envelope/"><a:Body><QueryOptionsResponse xmlns="urn:vim25">' +
      '<returnval xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="OptionValue">' +
      '<key>k</key><value xmlns:q="http://www.w3.org/2001/XMLSchema" _XMLSchema-instance:type="q:long">9007199254740993</value>' +
      '</returnval></QueryOptionsResponse></a:Body></a:Envelope>'
    expect(decodeResponse('QueryOptions', parseEnvelope(xml))).toEqual([
      { key: 'k', value: 9_007_199_254_740_993n },
    ])
  })

  it('reads a list of an unknown type, and what is marked as no value', () => {
    const list = '<v xsi:type="ArrayOfToast"><Toast><side>both</side></Toast></v>'
    expect(decode(list, 'anyType', false)).toEqual([{ side: 'both' }])
    expect(() => decode(list, 'anyType')).toThrow('unknown type Toast')
    const none = '<v><allowPromiscuous xsi:nil="true"/><macChanges>true</macChanges></v>'
    expect(decode(none, 'HostNetworkSecurityPolicy', false)).toEqual({ macChanges: true })
  })

  it('takes XML Schema’s types without a declared prefix, as govc and the servers do', () => {
    const bare = parseXml('<v xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="xsd:long">7</v>')
    expect(decodeValue(bare, 'anyType', { strict: true })).toBe(7n)
  })

  it('says where in the answer it found what makes no sense', () => {
    const xml = renderEnvelope(
      `<QueryOptionsResponse ${declarations}><returnval><key>a</key><value xsi:type="xsd:long">x</value></returnval></QueryOptionsResponse>`,
    )
    expect(() => decodeResponse('QueryOptions', parseEnvelope(xml))).toThrow(
      expect.objectContaining({ path: 'value', kind: 'type' }),
    )
  })

  it('answers an idle wait with nothing', () => {
    const xml = renderEnvelope(encodeResponse('WaitForUpdatesEx', undefined))
    expect(decodeResponse('WaitForUpdatesEx', parseEnvelope(xml))).toBeUndefined()
  })

  it('tells an answer without its value from an empty one', () => {
    const xml = renderEnvelope(`<LoginResponse ${declarations}/>`)
    expect(() => decodeResponse('Login', parseEnvelope(xml))).toThrow('without a value')
  })
})

describe('a fault', () => {
  it('keeps its type, its words and its fields', () => {
    const detail = { existingState: 'poweredOff', requestedState: 'poweredOn' }
    const xml = renderEnvelope(encodeFault({ type: 'InvalidPowerState', message: 'no <way>', detail }))
    expect(decodeFault(parseEnvelope(xml))).toEqual({
      type: 'InvalidPowerState',
      message: 'no <way>',
      detail: { faultMessage: [], ...detail },
    })
  })

  it('of an unknown type keeps its name', () => {
    const xml = renderEnvelope(
      '<soapenv:Fault><faultstring>hm</faultstring><detail><ToastBurntFault xmlns="urn:vim25"/></detail></soapenv:Fault>',
    )
    expect(decodeFault(parseEnvelope(xml))).toMatchObject({ type: 'ToastBurnt', message: 'hm' })
  })
})

describe('XML', () => {
  it.each([
    ['a document type', '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', 'document type'],
    ['a billion laughs', '<!DOCTYPE r [<!ENTITY a "&b;&b;"><!ENTITY b "ha">]><r>&a;</r>', 'document type'],
    ['an unknown entity', '<r>&boom;</r>', 'not well-formed'],
    ['an undeclared prefix', '<a:r/>', 'prefix'],
    ['a truncated document', '<r><a>', 'not well-formed'],
    ['two roots', '<r/><r/>', 'not well-formed'],
    ['nothing', '', 'not well-formed'],
    ['a repeated attribute', '<r a="1" a="2"/>', 'not well-formed'],
  ])('with %s is refused', (_, xml, message) => {
    expect(() => parseXml(xml)).toThrow(CodecError)
    expect(() => parseXml(xml)).toThrow(message)
  })

  it('is bounded in length and depth', () => {
    expect(() => parseXml('<r/>', { maxLength: 3 })).toThrow('more than 3')
    expect(() => parseXml('<a>'.repeat(101))).toThrow('more than 100 nested')
  })

  it('of any kind ends in a value or in a CodecError', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<a ',
      'x="1"',
      'xsi:type="b"',
      '&amp;',
      '&#0;',
      '<![CDATA[',
      ']]>',
      '<?p?>',
      '<!--',
      '-->',
      'text',
      '>',
      '\u0000',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parseXml(pieces.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError)
        }
      }),
    )
  })
})
