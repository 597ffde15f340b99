import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'

import { SaxesParser } from 'saxes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { writeImage } from '../../../src/lab/portal/image.ts'

describe('the portal’s image', () => {
  let folder: string
  let path: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-'))
    path = join(folder, 'downloads', 'vse.ova')
    await writeImage(path)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const extract = (name: string): Buffer => execFileSync('tar', ['-xOf', path, name], { maxBuffer: 2 ** 24 })

  it('is an archive that tar lists in the order a streaming reader needs', () => {
    const list = execFileSync('tar', ['-tf', path], { encoding: 'utf8' })
    expect(list.trim().split('\n')).toEqual(['vse.ovf', 'vse.mf', 'vse-disk1.vmdk'])
  })

  it('has a manifest that holds', () => {
    const manifest = extract('vse.mf').toString()
    for (const name of ['vse.ovf', 'vse-disk1.vmdk']) {
      const hash = createHash('sha256').update(extract(name)).digest('hex')
      expect(manifest).toContain(`SHA256(${name})= ${hash}\n`)
    }
  })

  it('is small and has the same bytes every time', async () => {
    const again = join(folder, 'again.ova')
    await writeImage(again)
    expect((await readFile(again)).equals(await readFile(path))).toBe(true)
    expect((await stat(path)).size).toBeLessThanOrEqual(256 * 1024)
  })

  it('describes four CPUs, 32 GB, 500 GB and three E1000 adapters in order', () => {
    const text = extract('vse.ovf').toString()
    const parser = new SaxesParser({ xmlns: true })
    parser.on('error', (error) => {
      throw error
    })
    parser.write(text).close()
    expect([...text.matchAll(/<rasd:Connection>(\w+)</g)].map(([, name]) => name)).toEqual([
      'Management',
      'Proxy',
      'LB',
    ])
    expect(text).toContain('<rasd:VirtualQuantity>4<')
    expect(text).toContain('<rasd:VirtualQuantity>32768<')
    expect(text).toContain('ovf:capacity="500" ovf:capacityAllocationUnits="byte * 2^30"')
    expect(text).toContain(`ovf:size="${extract('vse-disk1.vmdk').length}"`)
  })

  it('has a stream-optimized disk whose footer leads to its one grain', () => {
    const disk = extract('vse-disk1.vmdk')
    expect(disk.toString('latin1', 0, 4)).toBe('KDMV')
    expect(disk.readBigUInt64LE(12)).toBe(500n * 2n ** 21n)
    expect(disk.readBigUInt64LE(56)).toBe(2n ** 64n - 1n)
    expect(disk.toString('latin1', 512)).toContain('createType="streamOptimized"')
    const footer = disk.subarray(-1024, -512)
    expect(footer.toString('latin1', 0, 4)).toBe('KDMV')
    const directory = Number(footer.readBigUInt64LE(56)) * 512
    expect(disk.readUInt32LE(directory - 512 + 12)).toBe(2)
    const table = disk.readUInt32LE(directory) * 512
    expect(disk.readUInt32LE(table - 512 + 12)).toBe(1)
    const grain = disk.readUInt32LE(table) * 512
    const size = disk.readUInt32LE(grain + 8)
    const content = inflateSync(disk.subarray(grain + 12, grain + 12 + size))
    expect(content.length).toBe(65536)
    expect(content.toString('latin1', 0, 12)).toBe('ZscalerOS 24')
  })
})
