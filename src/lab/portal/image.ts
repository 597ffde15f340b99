import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { renderOvf } from './ovf.ts'
import { renderTar } from './tar.ts'
import { renderVmdk } from './vmdk.ts'

const CAPACITY_GB = 500

/** Puts the image that the portal offers for download at `path`: a small OVA with the same bytes every time. */
export async function writeImage(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  // Whoever asks at the same time writes the same bytes, to a file of their own until they are all there.
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, renderImage())
  await rename(draft, path)
}

function renderImage(): Buffer {
  const vmdk = renderVmdk({ capacityGB: CAPACITY_GB, content: Buffer.from('ZscalerOS 24 (lab)\n') })
  const file = 'vse-disk1.vmdk'
  const ovf = Buffer.from(renderOvf({ file, size: vmdk.length, capacityGB: CAPACITY_GB }))
  const manifest = [
    ['vse.ovf', ovf],
    [file, vmdk],
  ] as const
  const lines = manifest.map(
    ([name, content]) => `SHA256(${name})= ${createHash('sha256').update(content).digest('hex')}\n`,
  )
  return renderTar([
    { name: 'vse.ovf', content: ovf },
    { name: 'vse.mf', content: Buffer.from(lines.join('')) },
    { name: file, content: vmdk },
  ])
}
