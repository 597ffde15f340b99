import { zlibSync } from 'fflate'

const SECTOR = 512
const GRAIN_SECTORS = 128
const GRAINS_PER_TABLE = 512
const DESCRIPTOR_SECTORS = 20
const OVERHEAD_SECTORS = 128
/** Where the grain directory is when it is only known at the end of the file. */
const AT_END = 0xffffffffffffffffn

// Newline detection valid, grains compressed, markers present.
const FLAGS = 0x30001

const MARKER = { end: 0, grainTable: 1, grainDirectory: 2, footer: 3 } as const

/** Renders a stream-optimized VMDK of `capacityGB` whose first grain holds `content`, and nothing else. */
export function renderVmdk({ capacityGB, content }: { capacityGB: number; content: Buffer }): Buffer {
  const capacity = capacityGB * 2 ** 21
  const tables = Math.ceil(capacity / (GRAIN_SECTORS * GRAINS_PER_TABLE))
  const grain = Buffer.alloc(GRAIN_SECTORS * SECTOR)
  content.copy(grain)

  const compressed = renderGrain(zlibSync(grain, { level: 9 }))
  const grainTable = Buffer.alloc(GRAINS_PER_TABLE * 4)
  grainTable.writeUInt32LE(OVERHEAD_SECTORS, 0)
  const grainDirectory = Buffer.alloc(tables * 4)
  // The marker before the table takes one sector.
  const tableAt = OVERHEAD_SECTORS + compressed.length / SECTOR + 1
  grainDirectory.writeUInt32LE(tableAt, 0)
  const directoryAt = tableAt + sectorsOf(grainTable) + 1

  return Buffer.concat([
    renderHeader(capacity, AT_END),
    pad(Buffer.from(renderDescriptor(capacity)), DESCRIPTOR_SECTORS * SECTOR),
    Buffer.alloc((OVERHEAD_SECTORS - DESCRIPTOR_SECTORS - 1) * SECTOR),
    compressed,
    renderMarker(MARKER.grainTable, sectorsOf(grainTable)),
    pad(grainTable),
    renderMarker(MARKER.grainDirectory, sectorsOf(grainDirectory)),
    pad(grainDirectory),
    renderMarker(MARKER.footer, 1),
    renderHeader(capacity, BigInt(directoryAt)),
    renderMarker(MARKER.end, 0),
  ])
}

const sectorsOf = (bytes: Uint8Array): number => Math.ceil(bytes.length / SECTOR)

function pad(bytes: Uint8Array, length = sectorsOf(bytes) * SECTOR): Buffer {
  const padded = Buffer.alloc(length)
  padded.set(bytes)
  return padded
}

function renderGrain(compressed: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(0n, 0)
  head.writeUInt32LE(compressed.length, 8)
  return pad(Buffer.concat([head, compressed]))
}

function renderMarker(type: number, sectors: number): Buffer {
  const marker = Buffer.alloc(SECTOR)
  marker.writeBigUInt64LE(BigInt(sectors), 0)
  marker.writeUInt32LE(type, 12)
  return marker
}

function renderHeader(capacity: number, directoryAt: bigint): Buffer {
  const header = Buffer.alloc(SECTOR)
  header.write('KDMV', 0, 'latin1')
  header.writeUInt32LE(3, 4)
  header.writeUInt32LE(FLAGS, 8)
  header.writeBigUInt64LE(BigInt(capacity), 12)
  header.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20)
  header.writeBigUInt64LE(1n, 28)
  header.writeBigUInt64LE(BigInt(DESCRIPTOR_SECTORS), 36)
  header.writeUInt32LE(GRAINS_PER_TABLE, 44)
  header.writeBigUInt64LE(directoryAt, 56)
  header.writeBigUInt64LE(BigInt(OVERHEAD_SECTORS), 64)
  // A transfer that changes line ends would change these.
  header.write('\n \r\n', 73, 'latin1')
  header.writeUInt16LE(1, 77)
  return header
}

function renderDescriptor(capacity: number): string {
  return `# Disk DescriptorFile
version=1
CID=5e1f0000
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RDONLY ${capacity} SPARSE "generated-stream.vmdk"

# The Disk Data Base
#DDB

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "${Math.min(65535, Math.floor(capacity / (255 * 63)))}"
ddb.geometry.heads = "255"
ddb.geometry.sectors = "63"
ddb.virtualHWVersion = "11"
`
}
