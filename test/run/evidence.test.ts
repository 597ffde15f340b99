import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createEvidence } from '../../src/run/evidence.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'runbook-evidence-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const redact = (text: string): string => text.replaceAll('s3cret', '•••')

describe('the evidence of a run', () => {
  test('keeps a transcript a node, in order, without secrets, for its user alone', async () => {
    const folder = join(root, 'said')
    const evidence = createEvidence(folder, { redact })
    for (let line = 0; line < 50; line++) evidence.of('fra-1-a').said(`line ${line} s3cret\n`)
    evidence.of('fra-1-b').said('another\n')
    await evidence.settled()
    const path = join(folder, 'transcripts', 'fra-1-a.txt')
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    expect(lines).toEqual(Array.from({ length: 50 }, (_, line) => `line ${line} •••`))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'transcripts'))).toEqual(['fra-1-a.txt', 'fra-1-b.txt'])
  })

  test('does not grow without end', async () => {
    const folder = join(root, 'long')
    const evidence = createEvidence(folder, { redact })
    for (let part = 0; part < 30; part++) evidence.of('a').said('x'.repeat(100_000))
    for (let look = 0; look < 30; look++) await evidence.of('a').seen(Buffer.from(String(look)))
    await evidence.settled()
    const text = await readFile(join(folder, 'transcripts', 'a.txt'), 'utf8')
    expect(text.length).toBeLessThan(1024 * 1024 + 100)
    expect(text).toMatch(/the rest is left out\n$/)
    expect(await readdir(join(folder, 'screens'))).toHaveLength(20)
    expect(await readFile(join(folder, 'screens', 'a-20.png'), 'utf8')).toBe('29')
  })

  test('names the picture that it keeps, and leads no name out of its folder', async () => {
    const folder = join(root, 'seen')
    const path = await createEvidence(folder, { redact }).of('../../x').seen(Buffer.from('picture'))
    expect(path).toBe(join(folder, 'screens', '.._.._x-1.png'))
    expect(await readFile(path, 'utf8')).toBe('picture')
  })

  test('never stops a run, where it cannot be written', async () => {
    const file = join(root, 'file')
    await writeFile(file, '')
    const evidence = createEvidence(join(file, 'run'), { redact })
    evidence.of('a').said('text')
    await expect(evidence.settled()).resolves.toBeUndefined()
  })
})
