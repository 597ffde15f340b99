import { describe, expect, it } from 'vitest'

import { declarations } from '../../../../src/connect/govmomi/codec/namespaces.ts'
import { parseXml } from '../../../../src/connect/govmomi/codec/parse-xml.ts'
import { renderElement } from '../../../../src/connect/govmomi/codec/render-element.ts'
import { patchImportSpec } from '../../../../src/connect/govmomi/ovf/import-spec.ts'

const patch = { annotation: 'a & b', extraConfig: { mark: 'importing' } }

function patched(config: string, type = 'VirtualMachineImportSpec'): string {
  const spec = parseXml(`<importSpec ${declarations} xsi:type="${type}">${config}</importSpec>`)
  return renderElement(patchImportSpec(spec, patch), 'spec')
}

const MARK = '<extraConfig><key>mark</key><value xsi:type="xsd:string">importing</value></extraConfig>'

describe('an import specification', () => {
  it('gets our marks in the right places, and keeps what the table does not know', () => {
    const config =
      '<configSpec><name>edge</name><guestId>freebsd</guestId><numCPUs>4</numCPUs><fromTheFuture>1</fromTheFuture>' +
      '<deviceChange><operation>add</operation><device xsi:type="VirtualToaster"><key>1</key></device></deviceChange>' +
      '<extraConfig><key>a</key><value xsi:type="xsd:string">b</value></extraConfig><firmware>bios</firmware></configSpec>'
    expect(patched(config)).toBe(
      '<spec xsi:type="VirtualMachineImportSpec"><configSpec><name>edge</name><guestId>freebsd</guestId>' +
        '<annotation>a &amp; b</annotation><numCPUs>4</numCPUs><fromTheFuture>1</fromTheFuture><deviceChange>' +
        '<operation>add</operation><device xsi:type="VirtualToaster"><key>1</key></device></deviceChange>' +
        `<extraConfig><key>a</key><value xsi:type="xsd:string">b</value></extraConfig>${MARK}` +
        '<firmware>bios</firmware></configSpec></spec>',
    )
  })

  it('has its annotation replaced', () => {
    expect(patched('<configSpec><annotation>theirs</annotation></configSpec>')).toBe(
      `<spec xsi:type="VirtualMachineImportSpec"><configSpec><annotation>a &amp; b</annotation>${MARK}</configSpec></spec>`,
    )
  })

  it.each([
    ['a virtual appliance', '<child/>', 'VirtualAppImportSpec'],
    ['nothing', '', 'VirtualMachineImportSpec'],
  ])('of %s is refused', (...[, config, type]) => {
    expect(() => patched(config, type)).toThrow('something else than one virtual machine')
  })
})
