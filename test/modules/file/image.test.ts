import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { image } from '../../../modules/file/image.ts'
import { writeImage } from '../../../src/lab/portal/image.ts'
import { createContext, createFolder } from './support/context.ts'

const folder = await createFolder()
const { uses } = image
const right = join(folder.path, 'vse.ova')
await writeImage(right)
const bytes = await readFile(right)

async function check(path: string, sha256?: string) {
  const params = uses.params.parse({ path, ...(sha256 === undefined ? {} : { sha256 }) })
  const context = createContext(params)
  const facts = await uses.read(context)
  return { facts, context, notes: uses.diff(facts, params).map(({ note = '' }) => note) }
}

/** The right image with some bytes of it changed. */
function spoil(at: number, text: string): Buffer {
  const copy = Buffer.from(bytes)
  copy.write(text, at, 'latin1')
  return copy
}

describe('an image', () => {
  it('is right as the portal offers it, and tells how far the look has come', async () => {
    const { notes, context } = await check(right)
    expect(notes).toEqual([])
    expect(context.warnings).toEqual([])
    expect(context.steps.at(-1)).toMatchObject({ unit: 'bytes' })
  })

  it('is read once, however many nodes ask', async () => {
    const path = await folder.write('once.ova', bytes)
    const all = await Promise.all(Array.from({ length: 80 }, () => check(path)))
    expect(all.filter(({ context }) => context.steps.length > 0)).toHaveLength(1)
    expect(all.flatMap(({ notes }) => notes)).toEqual([])
  })

  it('that is not there yet is a finding, not a failure', async () => {
    const { facts, notes } = await check(join(folder.path, 'nowhere.ova'))
    expect(facts.exists).toBe(false)
    expect(notes).toEqual([expect.stringContaining('nowhere.ova cannot be read: there is no such file')])
  })

  it('is compared with the hash that somebody wrote down', async () => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect((await check(right, sha256.toUpperCase())).notes).toEqual([])
    expect((await check(right, '0'.repeat(64))).notes).toEqual([expect.stringContaining('another image')])
  })

  it('is refused where a disk is not what the manifest says', async () => {
    const path = await folder.write('disk.ova', spoil(bytes.indexOf('KDMV') + 600, 'spoiled'))
    expect((await check(path)).notes).toEqual([
      expect.stringContaining('vse-disk1.vmdk is not what the manifest says'),
    ])
  })

  it('is refused where the descriptor was changed', async () => {
    const path = await folder.write('descriptor.ova', spoil(bytes.indexOf('<Envelope') + 1, 'envelopE'))
    expect((await check(path)).notes).toEqual([expect.stringContaining('not what the manifest says')])
  })

  it.each([
    ['empty.ova', new Uint8Array(0)],
    ['text.ova', 'this is an error page of some proxy'.repeat(100)],
    ['cut.ova', bytes.subarray(0, Math.floor(bytes.length / 2))],
    ['zeros.ova', new Uint8Array(64 * 1024)],
    ['checksum.ova', spoil(148, '777777')],
  ])('is refused: %s', async (name, content) => {
    const { facts, notes } = await check(await folder.write(name, content))
    expect(facts.exists).toBe(true)
    expect(notes).toEqual([expect.stringContaining('cannot be deployed')])
  })
})
