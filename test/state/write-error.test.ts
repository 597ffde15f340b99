import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { explainDisk, writeState } from '../../src/state/write-error.ts'

describe('what a run leaves on disk', () => {
  it.runIf(existsSync('/dev/full'))('says where there is no room for it, and what to do', async () => {
    await expect(writeState('journal.jsonl', () => appendFile('/dev/full', 'x'))).rejects.toMatchObject({
      code: 'STATE',
      message: 'journal.jsonl cannot be written: there is no space left',
      hint: 'make room on that disk; then run the same command again',
      cause: { code: 'ENOSPC' },
    })
  })

  it.each([
    ['EACCES', 'you may not write there'],
    ['EROFS', 'the disk can only be read'],
    ['EDQUOT', 'your quota is used up'],
  ])('says with %s that %s', async (code, what) => {
    const work = (): Promise<never> => Promise.reject(Object.assign(new RangeError(code), { code }))
    await expect(writeState('.runbook', work)).rejects.toThrowError(`.runbook cannot be written: ${what}`)
  })

  it.runIf(existsSync('/dev/full'))('is told for what it is whoever wrote there', async () => {
    const error: unknown = await appendFile('/dev/full', 'x').catch((thrown: unknown) => thrown)
    expect(explainDisk(error)?.message).toMatch(/ cannot be written: there is no space left$/)
    expect(explainDisk(Object.assign(new RangeError('x'), { code: 'EACCES' }))).toBeUndefined()
  })

  it('leaves every other error as it is', async () => {
    await expect(writeState('x', () => readFile('/nowhere/at/all'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
