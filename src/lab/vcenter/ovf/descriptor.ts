import { childOf, childrenOf, parseElements, textOf, type Element } from './element.ts'

/** A file that belongs to the descriptor. `size` is in bytes, 0 where it is not said. */
interface OvfFile {
  readonly href: string
  readonly size: number
  readonly compression: string | undefined
  readonly chunkSize: number | undefined
}

/** A disk, by what it is attached to. `unit` counts on its controller. */
export interface OvfDisk {
  readonly capacityBytes: number
  readonly file: OvfFile | undefined
  readonly controller: string
  readonly unit: number
}

/** A disk controller. */
export interface OvfController {
  readonly id: string
  readonly kind: 'scsi' | 'ide' | 'sata'
  readonly subtype: string
}

/** A network adapter and the name of the network it asks for. */
export interface OvfAdapter {
  readonly name: string
  readonly subtype: string
  readonly network: string
}

/** What a descriptor says about its one virtual machine. */
export interface OvfDescriptor {
  readonly name: string
  readonly osType: string
  readonly hardwareVersion: string
  readonly cpus: number
  readonly memoryMB: number
  readonly networks: readonly string[]
  readonly controllers: readonly OvfController[]
  readonly disks: readonly OvfDisk[]
  readonly adapters: readonly OvfAdapter[]
}

/** Something in a descriptor that keeps it from being imported; the line is what a server would print. */
export interface OvfProblem {
  readonly problem: string
}

const CONTROLLERS: Readonly<Record<string, OvfController['kind']>> = { '5': 'ide', '6': 'scsi', '20': 'sata' }

/** Parses a descriptor; problems come as a value, because a server lists them in its answer instead of failing. */
export function parseOvf(text: string): OvfDescriptor | OvfProblem {
  const envelope = parseElements(text)
  if (typeof envelope === 'string') return { problem: `The OVF descriptor is not valid XML: ${envelope}` }
  if (envelope.name !== 'Envelope')
    return { problem: `The OVF descriptor's root is ${envelope.name}, not Envelope` }
  const system = childOf(envelope, 'VirtualSystem')
  if (system === undefined) return { problem: 'The OVF descriptor has no VirtualSystem' }
  const hardware = childOf(system, 'VirtualHardwareSection')
  if (hardware === undefined) return { problem: 'The OVF descriptor has no VirtualHardwareSection' }

  const items = childrenOf(hardware, 'Item')
  const ofType = (type: string): readonly Element[] =>
    items.filter((item) => textOf(item, 'ResourceType') === type)
  const networks = childrenOf(childOf(envelope, 'NetworkSection'), 'Network').map(
    (network) => network.attributes['name'] ?? '',
  )
  const adapters = ofType('10').map((item) => ({
    name: textOf(item, 'ElementName') ?? '',
    subtype: textOf(item, 'ResourceSubType') ?? 'E1000',
    network: textOf(item, 'Connection') ?? '',
  }))
  const stray = adapters.find(({ network }) => !networks.includes(network))
  if (stray !== undefined)
    return { problem: `The adapter ${stray.name} names the network ${stray.network}, which is not declared` }

  const disks = parseDisks(envelope, ofType('17'))
  if ('problem' in disks) return disks
  return {
    name: textOf(system, 'Name') ?? system.attributes['id'] ?? 'vm',
    osType: childOf(system, 'OperatingSystemSection')?.attributes['osType'] ?? 'otherGuest64',
    hardwareVersion: textOf(childOf(hardware, 'System'), 'VirtualSystemType') ?? 'vmx-11',
    cpus: Number(textOf(ofType('3')[0], 'VirtualQuantity') ?? 1),
    memoryMB: parseMemory(ofType('4')[0]),
    networks,
    controllers: items.flatMap((item) => {
      const kind = CONTROLLERS[textOf(item, 'ResourceType') ?? '']
      if (kind === undefined) return []
      return [{ id: textOf(item, 'InstanceID') ?? '', kind, subtype: textOf(item, 'ResourceSubType') ?? '' }]
    }),
    disks,
    adapters,
  }
}

function parseDisks(envelope: Element, items: readonly Element[]): readonly OvfDisk[] | OvfProblem {
  const files = childrenOf(childOf(envelope, 'References'), 'File')
  const declared = childrenOf(childOf(envelope, 'DiskSection'), 'Disk')
  const disks: OvfDisk[] = []
  for (const [index, item] of items.entries()) {
    const id = (textOf(item, 'HostResource') ?? '').split('/').at(-1)
    const disk = declared.find((candidate) => candidate.attributes['diskId'] === id)
    if (disk === undefined) return { problem: `The disk ${id} is not declared` }
    const reference = disk.attributes['fileRef']
    const file = files.find((candidate) => candidate.attributes['id'] === reference)
    if (reference !== undefined && file === undefined)
      return { problem: `The file ${reference} of the disk ${id} is not declared` }
    const unit = parseUnits(disk.attributes['capacityAllocationUnits'])
    const capacityBytes = Number(disk.attributes['capacity']) * (unit ?? Number.NaN)
    if (!Number.isSafeInteger(capacityBytes) || capacityBytes <= 0)
      return { problem: `The capacity of the disk ${id} is not a number of bytes` }
    disks.push({
      capacityBytes,
      file: file === undefined ? undefined : parseFile(file),
      controller: textOf(item, 'Parent') ?? '',
      unit: Number(textOf(item, 'AddressOnParent') ?? index),
    })
  }
  return disks
}

function parseFile({ attributes }: Element): OvfFile {
  const chunkSize = attributes['chunkSize']
  return {
    href: attributes['href'] ?? '',
    size: Number(attributes['size'] ?? 0),
    compression: attributes['compression'],
    chunkSize: chunkSize === undefined ? undefined : Number(chunkSize),
  }
}

// `byte * 2^30`; the number of bytes that one stands for.
function parseUnits(units = 'byte'): number | undefined {
  const match = /^byte(?:\s*\*\s*(\d+)\s*\^\s*(\d+))?$/.exec(units.trim())
  if (match === null) return undefined
  const [, base, power] = match
  return base === undefined ? 1 : Number(base) ** Number(power)
}

function parseMemory(item: Element | undefined): number {
  const unit = parseUnits(textOf(item, 'AllocationUnits') ?? 'byte * 2^20') ?? 2 ** 20
  return Math.round((Number(textOf(item, 'VirtualQuantity') ?? 1024) * unit) / 2 ** 20)
}
