import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { assert, asyncProperty, integer, nat } from 'fast-check'
import { describe, expect, it } from 'vitest'

import { certificateBundle } from '../../../modules/file/certificate-bundle.ts'
import { openAuthority } from '../../../src/lab/authority.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'
import { createContext, createFolder, zip } from './support/context.ts'

const folder = await createFolder()
const authority = await openAuthority(createDocumentStore({ folder: join(folder.path, 'authority') }))
const { uses } = certificateBundle

async function bundle(node: string, file = `${node}.zip`): Promise<string> {
  const { certificate, key } = await authority.issue({ commonName: node, names: [`vse-1.zscalertwo.net`] })
  return folder.write(file, zip({ 'certificate.pem': certificate, 'key.pem': key, 'ca.pem': authority.pem }))
}

interface Others {
  readonly node: string
  readonly path: string
}

async function check(path: string, others: readonly Others[] = [], signal?: AbortSignal) {
  const params = uses.params.parse({ path, node: 'fra-1-a', others })
  const facts = await uses.read(createContext(params, signal))
  return { facts, notes: uses.diff(facts, params).map(({ note = '' }) => note) }
}

describe('a certificate bundle', () => {
  it('is right when it opens and names its own node', async () => {
    const { facts, notes } = await check(await bundle('fra-1-a'), [
      { node: 'fra-1-a', path: join(folder.path, 'fra-1-a.zip') },
      { node: 'fra-1-b', path: await bundle('fra-1-b') },
    ])
    expect(notes).toEqual([])
    expect(facts).toMatchObject({ exists: true, names: ['fra-1-a'], sameAs: [] })
    expect(facts.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('may hold something that is no certificate we can read: only its content counts then', async () => {
    const path = await folder.write(
      'opaque.zip',
      zip({
        'node.p12': 'binary',
        'x.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      }),
    )
    expect((await check(path)).notes).toEqual([])
  })

  it('that is not there yet is a finding, not a failure', async () => {
    const { facts, notes } = await check(join(folder.path, 'nowhere.zip'))
    expect(facts.exists).toBe(false)
    expect(notes).toEqual([expect.stringContaining('there is no such file')])
    expect(notes[0]).toContain('nowhere.zip')
  })

  it('of one node under the name of another is told before anything is uploaded', async () => {
    const own = await folder.write('copy-a.zip', zip({ a: 'same' }))
    const other = await folder.write('copy-b.zip', zip({ a: 'same' }))
    const { notes } = await check(own, [{ node: 'fra-1-b', path: other }])
    expect(notes).toEqual([expect.stringContaining('the bundle of fra-1-a is the same file as fra-1-b’s')])
  })

  it('that was issued for another node is told, also when that node’s own is not there', async () => {
    const path = await bundle('fra-1-b', 'swapped.zip')
    const { notes } = await check(path, [{ node: 'fra-1-b', path: join(folder.path, 'nowhere.zip') }])
    expect(notes).toEqual(['the certificate in the bundle of fra-1-a was issued for fra-1-b'])
  })

  it('of a node whose name begins like another’s is not taken for that one', async () => {
    const path = await bundle('fra-1-a', 'prefix.zip')
    const { facts } = await check(path, [{ node: 'fra-1', path: join(folder.path, 'nowhere.zip') }])
    expect(facts.names).toEqual(['fra-1-a'])
  })

  it('is looked at again when it has changed', async () => {
    const path = await folder.write('changing.zip', 'no zip')
    expect((await check(path)).notes).toHaveLength(1)
    await folder.write('changing.zip', zip({ a: 'now a zip' }))
    expect((await check(path)).notes).toEqual([])
  })

  it.each([
    ['an empty file', new Uint8Array(0), 'does not open'],
    ['a text', 'hello', 'does not open'],
    ['a ZIP file with nothing in it', zip({}), 'it is empty'],
    ['a ZIP file with folders only', zip({ 'a/': '' }), 'it is empty'],
    ['a ZIP file cut in half', zip({ a: 'x'.repeat(1000) }).slice(0, 60), 'does not open'],
    ['a name that leads out of a folder', zip({ '../../etc/passwd': 'x' }), 'does not open'],
    ['an absolute name', zip({ '/etc/passwd': 'x' }), 'does not open'],
    ['a bomb', zip({ big: new Uint8Array(2 * 1024 * 1024) }), 'has 2097152 bytes'],
    [
      'more files than any bundle',
      zip(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, 'x']))),
      'has 300 entries',
    ],
    ['a file far too large', new Uint8Array(17 * 1024 * 1024), 'far more than a certificate'],
  ])('is refused: %s', async (title, content, says) => {
    const { notes } = await check(await folder.write(`${title.replaceAll(/\W/g, '-')}.zip`, content))
    expect(notes).toEqual([expect.stringContaining(says)])
  })

  it('is refused: a folder', async () => {
    await mkdir(join(folder.path, 'folder.zip'))
    expect((await check(join(folder.path, 'folder.zip'))).notes).toEqual([
      expect.stringContaining('is no file'),
    ])
  })

  it('never makes the check fail in another way, whatever bytes are in it', async () => {
    const right = zip({ 'a.pem': authority.pem })
    await assert(
      asyncProperty(nat(right.length - 1), integer({ min: 0, max: 255 }), async (at, byte) => {
        const bytes = Uint8Array.from(right)
        bytes[at] = byte
        const { notes } = await check(await folder.write('random.zip', bytes))
        expect(notes.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60 },
    )
  })

  it('needs an absolute path', () => {
    expect(uses.params.safeParse({ path: 'a.zip', node: 'x' }).success).toBe(false)
  })

  it('is not looked at any further when the run is stopped', async () => {
    const path = await folder.write('stopped.zip', zip({ a: 'stopped' }))
    await expect(check(path, [], AbortSignal.abort(new DOMException('stop', 'AbortError')))).rejects.toThrow(
      'stop',
    )
    expect((await check(path)).notes).toEqual([])
  })
})
