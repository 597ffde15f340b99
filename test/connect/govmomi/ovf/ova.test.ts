import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { VimError } from '../../../../src/connect/govmomi/error.ts'
import { parseDescriptor } from '../../../../src/connect/govmomi/ovf/descriptor.ts'
import { parseManifest } from '../../../../src/connect/govmomi/ovf/manifest.ts'
import { openOva, type Ova } from '../../../../src/connect/govmomi/ovf/ova.ts'
import { parsePax } from '../../../../src/connect/govmomi/ovf/tar.ts'
import { writeImage } from '../../../../src/lab/portal/image.ts'
import { digest, ovf, paxRecord, tar } from './archive.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ova-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function open(bytes: Buffer): Promise<Ova> {
  const path = join(folder, 'image.ova')
  await writeFile(path, bytes)
  return openOva(path)
}

async function refusal(bytes: Buffer): Promise<VimError> {
  try {
    const ova = await open(bytes)
    await ova.close()
  } catch (error) {
    if (error instanceof VimError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const disk = { name: 'disk.vmdk', data: 'disk' }
const descriptor = { name: 'vse.ovf', data: ovf() }

describe('an OVA', () => {
  it('is indexed without extraction, its adapters in their order, its disk read in place', async () => {
    const ova = await open(tar([descriptor, disk]))
    expect(ova.descriptor).toEqual({
      name: 'VSE',
      files: [{ id: 'file1', href: 'disk.vmdk', size: 4 }],
      networks: ['Management', 'Proxy', 'LB'],
      adapters: ['Management', 'Proxy', 'LB'],
    })
    expect(await text(ova.read('disk.vmdk'))).toBe('disk')
    expect(() => ova.member('other.vmdk')).toThrow('does not hold other.vmdk')
    await ova.close()
  })

  it('of the lab’s portal is sound', async () => {
    const path = join(folder, 'portal.ova')
    await writeImage(path)
    const ova = await openOva(path)
    expect(ova.descriptor.adapters).toHaveLength(3)
    for (const { href } of ova.descriptor.files) expect(ova.member(href).digest?.algorithm).toBe('sha256')
    await ova.close()
  })

  it.each([
    [
      'pax',
      [
        { name: 'x', kind: 'x', data: paxRecord('path', 'disk.vmdk') + paxRecord('size', '4') },
        { name: 'short', data: 'disk', size: 0 },
      ],
    ],
    [
      'GNU long',
      [
        { name: '././@LongLink', kind: 'L', data: 'disk.vmdk\0' },
        { name: 'short', data: 'disk' },
      ],
    ],
    ['base-256', [{ ...disk, binarySize: true }]],
    ['dotted', [{ ...disk, name: './disk.vmdk' }]],
  ])('may have %s names and sizes', async (_, members) => {
    const ova = await open(tar([descriptor, ...members]))
    expect(await text(ova.read('disk.vmdk'))).toBe('disk')
    await ova.close()
  })

  it('may have a file whose name is split, and no end marker', async () => {
    const long = { ...descriptor, data: ovf({ href: 'deep/disk.vmdk' }) }
    const ova = await open(tar([long, { ...disk, prefix: 'deep' }], { end: false }))
    expect(await text(ova.read('deep/disk.vmdk'))).toBe('disk')
    await ova.close()
  })

  it.each([
    ['nothing in it', Buffer.alloc(1024), 'no file in it'],
    ['no descriptor', tar([disk]), 'no OVF descriptor'],
    ['random bytes', Buffer.alloc(4096, 'x'), 'octal number'],
    ['a wrong checksum', tar([{ ...descriptor, badChecksum: true }]), 'checksum'],
    ['a way out', tar([descriptor, { ...disk, name: '../../etc/passwd' }]), 'points outside'],
    ['an absolute name', tar([descriptor, { ...disk, name: '/etc/passwd' }]), 'points outside'],
    ['a backslash', tar([descriptor, { ...disk, name: 'a\\b' }]), 'points outside'],
    ['a link', tar([descriptor, { ...disk, kind: '2' }]), 'link or a device'],
    ['a duplicate', tar([descriptor, disk, disk]), 'there twice'],
    ['a size beyond its end', tar([descriptor, { ...disk, size: 4 * 1024 ** 3 - 1 }]), 'cut off'],
    [
      'an absurd size',
      tar([descriptor, { ...disk, size: Number.MAX_SAFE_INTEGER, binarySize: true }]),
      'cut off',
    ],
    ['a broken pax header', tar([{ name: 'x', kind: 'x', data: '99 path=a\n' }, descriptor]), 'pax record'],
    ['a file that is missing', tar([descriptor]), 'does not hold disk.vmdk'],
    ['a file of the wrong size', tar([descriptor, { ...disk, data: 'longer' }]), 'has 6 bytes'],
    [
      'a chunked disk',
      tar([{ ...descriptor, data: ovf({ file: 'ovf:chunkSize="1"' }) }, disk]),
      'split or compressed',
    ],
    [
      'a compressed disk',
      tar([{ ...descriptor, data: ovf({ file: 'ovf:compression="gzip"' }) }, disk]),
      'split or compressed',
    ],
    [
      'a descriptor that is no XML',
      tar([{ ...descriptor, data: '<Envelope' }, disk]),
      'descriptor is broken',
    ],
    [
      'a descriptor with entities',
      tar([{ ...descriptor, data: `<!DOCTYPE a [<!ENTITY b "c">]>${ovf()}` }, disk]),
      'descriptor is broken',
    ],
    ['another document', tar([{ ...descriptor, data: '<html/>' }, disk]), 'starts with <html>'],
    [
      'several machines',
      tar([{ ...descriptor, data: '<Envelope><VirtualSystemCollection/></Envelope>' }, disk]),
      'one virtual machine',
    ],
  ])('with %s is refused', async (_, bytes, message) => {
    expect(await refusal(bytes)).toMatchObject({ code: 'archive', message: expect.stringContaining(message) })
  })

  it.each(['sha1', 'sha256', 'sha512'])('is verified against a manifest with %s', async (algorithm) => {
    const line = (name: string, data: string): string =>
      `${algorithm.toUpperCase()}(${name})= ${digest(algorithm, data)}\n`
    const good = { name: 'vse.mf', data: line('vse.ovf', descriptor.data) + line('disk.vmdk', 'disk') }
    const ova = await open(tar([descriptor, good, disk]))
    expect(ova.member('disk.vmdk').digest).toEqual({ algorithm, hex: digest(algorithm, 'disk') })
    await ova.close()
    const bad = { name: 'vse.mf', data: line('vse.ovf', 'other') }
    expect(await refusal(tar([descriptor, bad, disk]))).toMatchObject({
      message: expect.stringContaining('not what the manifest says'),
    })
  })

  it('however it is damaged, is read or refused, and never more', async () => {
    const sound = tar([
      descriptor,
      { name: 'vse.mf', data: `SHA256(disk.vmdk)= ${digest('sha256', 'disk')}\n` },
      disk,
    ])
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(sound.length), async (bytes, length) => {
        const broken = Buffer.from(sound.subarray(0, Math.max(512, length)))
        for (const [at, byte] of bytes) if (at < broken.length) broken[at] = byte
        try {
          const ova = await open(broken)
          await ova.close()
        } catch (error) {
          expect(error).toBeInstanceOf(VimError)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('a manifest', () => {
  it.each(['SHA256 (a.ovf) = ', 'SHA256(a.ovf)= ', 'sha256(a.ovf)='])('may be written as %s', (start) => {
    expect(parseManifest(`${start}${'a'.repeat(64)}\r\n\r\n`).get('a.ovf')).toEqual({
      algorithm: 'sha256',
      hex: 'a'.repeat(64),
    })
  })

  it.each([
    ['another algorithm', `MD5(a.ovf)= ${'a'.repeat(32)}`],
    ['the wrong length', `SHA256(a.ovf)= ${'a'.repeat(40)}`],
    ['no hex', 'SHA1(a.ovf)= xyz'],
    ['anything else', 'hello'],
    ['a name twice', `SHA1(a)= ${'a'.repeat(40)}\nSHA1(a)= ${'b'.repeat(40)}`],
  ])('with %s is refused', (_, manifest) => {
    expect(() => parseManifest(manifest)).toThrow(VimError)
  })

  it('of any text ends in digests or in a VimError', () => {
    fc.assert(
      fc.property(fc.string(), (manifest) => {
        try {
          parseManifest(manifest)
        } catch (error) {
          expect(error).toBeInstanceOf(VimError)
        }
      }),
    )
  })
})

describe('a pax header', () => {
  it('of any bytes ends in an extension or in a VimError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parsePax(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(VimError)
        }
      }),
    )
  })
})

describe('a descriptor', () => {
  it('that is cut anywhere is refused', () => {
    const whole = ovf()
    fc.assert(
      fc.property(fc.nat(whole.length - 2), (length) => {
        expect(() => parseDescriptor(whole.slice(0, length))).toThrow(VimError)
      }),
    )
  })
})
