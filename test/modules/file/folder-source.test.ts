import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { openFolderSource, orFromFolder } from '../../../modules/file/folder-source.ts'
import { retired } from '../../../modules/file/retired.ts'
import type { WantedFile } from '../../../modules/file/source.ts'
import { AbortError, TimeoutError } from '../../../src/model/error.ts'
import { createContext, createFolder, zip } from './support/context.ts'

const root = await createFolder()
let count = 0

/** A folder to fill, and a clock that does `onPause` whenever the source waits. */
async function createInbox(onPause: (pause: number) => Promise<void> | void, patience = 20_000) {
  count += 1
  const folder = join(root.path, `inbox-${count}`)
  await mkdir(folder)
  const stop = new AbortController()
  const told: string[] = []
  let now = 0
  let pauses = 0
  const wanted: WantedFile = {
    kind: 'certificate',
    path: join(root.path, `out-${count}`, 'fra-1-a.zip'),
    node: 'fra-1-a',
    nodes: ['fra-1-a', 'fra-1-b'],
  }
  const bring = () =>
    openFolderSource({ folder, patience }).bring(wanted, {
      signal: stop.signal,
      tell: (reason) => void told.push(reason),
      clock: {
        now: () => now,
        async sleep(ms, { signal } = {}) {
          now += ms
          pauses += 1
          await onPause(pauses)
          signal?.throwIfAborted()
        },
      },
    })
  return { folder, wanted, bring, told, stop }
}

const bundle = zip({ 'certificate.pem': 'opaque', 'key.pem': 'opaque' })

describe('a folder that somebody fills', () => {
  it('is watched until the file has come whole, which is copied under its own name and is nobody else’s to read', async () => {
    const half = bundle.subarray(0, 40)
    const inbox = await createInbox(async (pause) => {
      const file = join(inbox.folder, 'Download fra-1-a.zip')
      if (pause === 1) await writeFile(file, half)
      if (pause === 2) await appendFile(file, bundle.subarray(40))
    })
    expect(await inbox.bring()).toBe(true)
    expect(await readFile(inbox.wanted.path)).toEqual(Buffer.from(bundle))
    expect((await stat(inbox.wanted.path)).mode & 0o077).toBe(0)
    expect(await readdir(join(inbox.wanted.path, '..'))).toEqual(['fra-1-a.zip'])
    const place = `the certificate of fra-1-a to come into ${inbox.folder}`
    expect(inbox.told).toEqual([
      place,
      `${place}; Download fra-1-a.zip is still being written (40 bytes so far)`,
      `${place}; Download fra-1-a.zip is still being written (${bundle.length} bytes so far)`,
      `Download fra-1-a.zip is the certificate of fra-1-a, and copied to ${inbox.wanted.path}`,
    ])
  })

  it('names what has come and is not it, and gives up in the end', async () => {
    const inbox = await createInbox(() => undefined)
    await writeFile(join(inbox.folder, 'fra-1-a.zip'), 'half a download')
    await writeFile(join(inbox.folder, 'fra-1-b.zip'), bundle)
    const failed = inbox.bring()
    await expect(failed).rejects.toThrowError(TimeoutError)
    await expect(failed).rejects.toThrowError(/fra-1-a\.zip is not it: it does not open as a ZIP file/)
    await expect(stat(inbox.wanted.path)).rejects.toThrowError()
  })

  it('is waited for also where it does not exist yet', async () => {
    const inbox = await createInbox(() => undefined, 0)
    const missing = { ...inbox.wanted }
    const bring = openFolderSource({ folder: join(inbox.folder, 'not-yet'), patience: 0 }).bring
    const use = {
      signal: inbox.stop.signal,
      tell: () => undefined,
      clock: { now: () => 0, sleep: () => Promise.resolve() },
    }
    await expect(bring(missing, use)).rejects.toThrowError(/not-yet cannot be read: there is no such file/)
  })

  it('never touches a file that is where the wanted one belongs', async () => {
    const inbox = await createInbox(() => undefined)
    await writeFile(join(inbox.folder, 'fra-1-a.zip'), bundle)
    await mkdir(join(inbox.wanted.path, '..'))
    await writeFile(inbox.wanted.path, 'mine')
    expect(await inbox.bring()).toBe(false)
    expect(await readFile(inbox.wanted.path, 'utf8')).toBe('mine')
  })

  it('is offered to the person beside the usual way, where the inventory names one', async () => {
    const inbox = await createInbox(() => undefined)
    const task = { title: 'Download it', instructions: ['click Download'] }
    expect(orFromFolder(task, undefined)).toBe(task)
    const { instructions, bring } = orFromFolder(task, {
      folder: inbox.folder,
      patience: 0,
      wanted: inbox.wanted,
    })
    expect(instructions).toEqual(['click Download', expect.stringContaining(inbox.folder)])
    expect(bring).toBeDefined()
  })

  it('is left at once when the run is stopped', async () => {
    const inbox = await createInbox(() => inbox.stop.abort(new AbortError('stopped')))
    await expect(inbox.bring()).rejects.toThrowError('stopped')
  })
})

describe('file/retired', () => {
  it('puts a file aside once, keeps its content, and finds nothing to do afterwards', async () => {
    const path = await root.write('old.zip', 'old')
    const context = createContext({ path })
    const facts = await retired.uses.read(context)
    const changes = retired.uses.diff(facts, { path })
    expect(changes).toHaveLength(1)
    await retired.uses.apply?.({ ...context, connection: undefined, facts, changes })
    expect(retired.uses.diff(await retired.uses.read(context), { path })).toEqual([])
    const [aside = ''] = (await readdir(root.path)).filter((name) => name.startsWith('old.zip.'))
    expect(aside).toMatch(/^old\.zip\.[0-9a-f]{8}\.retired$/)
    expect(await readFile(join(root.path, aside), 'utf8')).toBe('old')
  })
})
