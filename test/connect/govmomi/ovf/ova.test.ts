import { sign } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
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
import { openAuthority } from '../../../../src/lab/authority.ts'
import { writeImage } from '../../../../src/lab/portal/image.ts'
import { createDocumentStore } from '../../../../src/state/document-store.ts'
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
    ['two descriptors', tar([descriptor, { ...descriptor, name: 'other.ovf' }, disk]), 'two OVF descriptors'],
    [
      'a sparse file',
      tar([descriptor, { name: 'x', kind: 'x', data: paxRecord('GNU.sparse.major', '1') }, disk]),
      'a sparse file',
    ],
    ['a GNU sparse file', tar([descriptor, { ...disk, kind: 'S' }]), 'link or a device'],
    ['a hard link', tar([descriptor, { ...disk, kind: '1' }]), 'link or a device'],
    [
      'a long name that leads out',
      tar([descriptor, { name: 'x', kind: 'L', data: '../../etc/cron.d/x\0' }, disk]),
      'points outside',
    ],
    [
      'a pax name that leads out',
      tar([descriptor, { name: 'x', kind: 'x', data: paxRecord('path', '/etc/cron.d/x') }, disk]),
      'points outside',
    ],
    [
      'nothing but extensions',
      tar(Array.from({ length: 4001 }, () => ({ name: 'x', kind: 'g', data: '' }))),
      'more than 4000 headers',
    ],
    [
      'too many files',
      tar(Array.from({ length: 1001 }, (_, index) => ({ name: `f${index}` }))),
      'more than 1000 files',
    ],
    [
      'an extension without end',
      tar([{ name: 'x', kind: 'x', data: Buffer.alloc(70_000) }, descriptor, disk]),
      'extension header is too long',
    ],
    [
      'a descriptor that is too long',
      tar([{ ...descriptor, data: Buffer.alloc(8 * 1024 ** 2 + 1, ' ') }, disk]),
      'too many for a text',
    ],
    [
      'a descriptor of many levels',
      tar([{ ...descriptor, data: '<a>'.repeat(5000) + '</a>'.repeat(5000) }, disk]),
      'nested elements',
    ],
    [
      'a file whose reference leads out',
      tar([{ ...descriptor, data: ovf({ href: '../disk.vmdk' }) }, disk]),
      'points outside',
    ],
    [
      'a file on another server',
      tar([{ ...descriptor, data: ovf({ href: 'https://a/b' }) }, disk]),
      'somewhere else',
    ],
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

  it('without a manifest, or with an odd one, says so', async () => {
    const without = await open(tar([descriptor, disk]))
    expect(without.warnings).toEqual(['the image has no manifest, so nothing tells whether it is whole'])
    await without.close()
    const line = `SHA2-256 (vse.ovf)= ${digest('sha256', descriptor.data)}\n`
    const odd = await open(tar([descriptor, { name: 'vse.mf', data: line }, disk]))
    expect(odd.warnings).toEqual([
      'the manifest is odd: it writes SHA2-256 for SHA256',
      'the manifest is odd: it has a blank before the bracket',
      'the manifest says nothing about disk.vmdk',
    ])
    await odd.close()
  })

  it('of a folder is read like an archive, and nothing outside of it', async () => {
    const home = join(folder, 'extracted')
    await mkdir(home)
    await writeFile(join(folder, 'secret.vmdk'), 'none')
    await writeFile(join(home, 'vse.ovf'), descriptor.data)
    await expect(openOva(home)).rejects.toMatchObject({ message: expect.stringContaining('does not hold') })
    await symlink('../secret.vmdk', join(home, 'disk.vmdk'))
    await expect(openOva(home)).rejects.toMatchObject({ message: expect.stringContaining('leads out') })
    await rm(join(home, 'disk.vmdk'))
    await writeFile(join(home, 'disk.vmdk'), 'disk')
    for (const path of [home, join(home, 'vse.ovf')]) {
      const ova = await openOva(path)
      expect(await text(ova.read('disk.vmdk'))).toBe('disk')
      await ova.close()
    }
    await writeFile(join(home, 'vse.mf'), `SHA1(vse.ovf)= ${'0'.repeat(40)}\n`)
    await expect(openOva(home)).rejects.toMatchObject({ message: expect.stringContaining('manifest says') })
    await writeFile(join(home, 'two.ovf'), '')
    await expect(openOva(home)).rejects.toMatchObject({
      message: expect.stringContaining('two OVF descriptors'),
    })
  })

  it('with a signature is the one that the holder of the certificate has signed', async () => {
    const store = createDocumentStore({ folder: join(folder, 'authority') })
    const { certificate, key } = await (
      await openAuthority(store)
    ).issue({ commonName: 'Publisher', names: [] })
    await store.settled()
    const data = `SHA256(vse.ovf)= ${digest('sha256', descriptor.data)}\n`
    const manifest = { name: 'vse.mf', data }
    const seal = (signed: string): string => {
      const hex = sign('sha256', Buffer.from(signed), key).toString('hex').padEnd(128, '0')
      return `SHA256(vse.mf)= ${hex}\n${certificate}`
    }
    const ova = await open(tar([descriptor, manifest, { name: 'vse.cert', data: seal(data) }, disk]))
    expect(ova.signer?.subject).toContain('CN=Publisher')
    await ova.close()
    for (const [file, message] of [
      [seal(`${data} `), 'does not fit vse.mf'],
      [seal(data).replace('vse.mf', 'other.mf'), 'is none of vse.mf'],
      [seal(data).replace(/-----BEGIN[^]*/, ''), 'no certificate that can be read'],
      ['', 'is none of vse.mf'],
    ] as const) {
      expect(
        await refusal(tar([descriptor, manifest, { name: 'vse.cert', data: file }, disk])),
      ).toMatchObject({
        message: expect.stringContaining(message),
      })
    }
    expect(await refusal(tar([descriptor, { name: 'vse.cert', data: seal(data) }, disk]))).toMatchObject({
      message: expect.stringContaining('no manifest that was signed'),
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
    expect(parseManifest(`${start}${'a'.repeat(64)}\r\n\r\n`).digests.get('a.ovf')).toEqual({
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

  const SPITE = [
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '&b;',
    '&#0;',
    '<![CDATA[',
    ']]>',
    '<Item>',
    '</Item>',
    '<VirtualSystem>',
    ' ovf:size="99999999999999999999"',
    ' ovf:href="../../x"',
    '\u0000',
    'xmlns:ovf=""',
    '<a:b/>',
  ]

  it('into which anything is put is read or refused', () => {
    const whole = ovf()
    const piece = fc.oneof(fc.constantFrom(...SPITE), fc.string({ maxLength: 8 }))
    const changes = fc.array(fc.tuple(fc.nat(whole.length), fc.nat(30), piece), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(changes, (all) => {
        let broken = whole
        for (const [at, gone, put] of all) broken = broken.slice(0, at) + put + broken.slice(at + gone)
        try {
          parseDescriptor(broken)
        } catch (error) {
          expect(error).toBeInstanceOf(VimError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
