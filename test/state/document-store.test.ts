import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createDocumentStore, type DocumentStore } from '../../src/state/document-store.ts'

describe('a document store', () => {
  let folder: string
  let store: DocumentStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'))
    store = createDocumentStore({ folder })
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('gives the initial value where there is none yet, and the saved one in the next process', async () => {
    const first = await store.open('a/b', () => ({ count: 1 }))
    first.value.count = 2
    await first.save()
    const second = await createDocumentStore({ folder }).open('a/b', () => ({ count: 0 }))
    expect(second.value).toEqual({ count: 2 })
  })

  it('has on disk whatever was changed before a save was asked for, also in a burst', async () => {
    const document = await store.open('burst', () => ({ list: [] as number[] }))
    const saves = Array.from({ length: 50 }, (_, index) => {
      document.value.list.push(index)
      return document.save()
    })
    await Promise.all(saves)
    const written = JSON.parse(await readFile(join(folder, 'burst.json'), 'utf8')) as { list: number[] }
    expect(written.list).toHaveLength(50)
  })

  it('leaves no half-written file behind', async () => {
    const document = await store.open('whole', () => ({ text: 'x'.repeat(100_000) }))
    void document.save()
    document.value.text = 'y'.repeat(100_000)
    await document.save()
    await store.settled()
    expect(await readdir(folder)).toEqual(['whole.json'])
  })

  it('says which file is damaged, instead of starting anew', async () => {
    await writeFile(join(folder, 'bad.json'), '{"half":')
    await expect(store.open('bad', () => ({}))).rejects.toThrowError(/bad\.json cannot be read/)
  })

  it('saves again after a save that failed', async () => {
    const document = await store.open('blocked', () => ({ count: 1 }))
    await writeFile(join(folder, 'wall'), '')
    const walled = await createDocumentStore({ folder: join(folder, 'wall') })
      .open('x', () => ({}))
      .catch((error: unknown) => error)
    expect(walled).toBeInstanceOf(Error)
    await document.save()
    expect(await readFile(join(folder, 'blocked.json'), 'utf8')).toBe('{"count":1}')
  })
})
