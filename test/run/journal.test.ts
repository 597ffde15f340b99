import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openJournal } from '../../src/run/journal.ts'

describe('a journal', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'journal-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('has every entry on disk, in order, when its write resolves', async () => {
    const path = join(folder, 'runs', 'r1', 'journal.jsonl')
    const journal = await openJournal(path, { now: () => 7 })
    await journal.write({ type: 'run', run: 'r1', runbook: 'deploy', inventory: 'lab' })
    const burst = Array.from({ length: 200 }, (_, index) =>
      journal.write({ type: 'outcome', step: `s${index}`, target: 'a', outcome: 'ok' }),
    )
    await burst[100]
    const soFar = (await readFile(path, 'utf8')).trim().split('\n')
    expect(soFar.length).toBeGreaterThanOrEqual(102)
    await Promise.all(burst)
    await journal.close()
    const entries = (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; time: number })
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 201 }, (_, index) => index))
    expect(entries[0]).toMatchObject({ time: 7, type: 'run', runbook: 'deploy' })
  })

  it('is never written over', async () => {
    const path = join(folder, 'journal.jsonl')
    const journal = await openJournal(path, { now: () => 0 })
    await expect(openJournal(path, { now: () => 0 })).rejects.toThrowError()
    await journal.close()
  })
})
