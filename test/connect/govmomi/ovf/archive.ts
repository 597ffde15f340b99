import { createHash } from 'node:crypto'

/** A member of a tar archive as a test wants it: header fields can be wrong on purpose. */
export interface Member {
  readonly name: string
  readonly data?: Buffer | string
  readonly kind?: string
  /** What the header claims; the data's length where absent. */
  readonly size?: number
  readonly prefix?: string
  /** Writes the size in base 256. */
  readonly binarySize?: boolean
  readonly badChecksum?: boolean
}

function header({
  name,
  data = '',
  kind = '0',
  size,
  prefix = '',
  binarySize = false,
  badChecksum = false,
}: Member): Buffer {
  const block = Buffer.alloc(512)
  const length = size ?? Buffer.byteLength(data)
  block.write(name, 0, 100, 'utf8')
  block.write('0000644\0', 100, 'latin1')
  if (binarySize) {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(length), 128)
  } else {
    block.write(`${length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  }
  block.write(kind, 156, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  block.write(prefix, 345, 155, 'utf8')
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, badChecksum ? 1 : 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** Builds a tar archive. */
export function tar(members: readonly Member[], { end = true }: { readonly end?: boolean } = {}): Buffer {
  const parts = members.flatMap((member) => {
    const data = Buffer.from(member.data ?? '')
    return [header(member), data, Buffer.alloc((512 - (data.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(end ? 1024 : 0)])
}

/** A record of a pax header, with the right length in front. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length + 1
  while (String(length).length + Buffer.byteLength(rest) !== length) length += 1
  return `${length}${rest}`
}

export const digest = (algorithm: string, data: string | Buffer): string =>
  createHash(algorithm).update(data).digest('hex')

/** A small OVF descriptor with three adapters. */
export function ovf({
  href = 'disk.vmdk',
  size = '4',
  more = '',
  file = '',
}: { href?: string; size?: string; more?: string; file?: string } = {}): string {
  const nic = (place: number, network: string): string =>
    `<Item><rasd:AddressOnParent>${place}</rasd:AddressOnParent><rasd:Connection>${network}</rasd:Connection><rasd:ResourceType>10</rasd:ResourceType></Item>`
  return (
    '<?xml version="1.0"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"' +
    ' xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">' +
    `<References><File ovf:id="file1" ovf:href="${href}" ovf:size="${size}" ${file}/></References>` +
    '<NetworkSection><Network ovf:name="Management"/><Network ovf:name="Proxy"/><Network ovf:name="LB"/></NetworkSection>' +
    '<VirtualSystem ovf:id="vse"><Name>VSE</Name><VirtualHardwareSection>' +
    `${nic(9, 'LB')}${nic(7, 'Management')}${nic(8, 'Proxy')}</VirtualHardwareSection>${more}</VirtualSystem></Envelope>`
  )
}
