import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { markOf, readOnly } from '../../src/run/staged-edits.ts'
import { createDocumentStore } from '../../src/state/document-store.ts'

test('the mark of a tenant is read anew each time, as another process has left it, and check mode leaves it alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mark-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const open = (tenant: string, selection: string) =>
    markOf(createDocumentStore({ folder }), { tenant, selection })
  const ours = open('api@acme.example@zscalertwo', 'ours')
  const theirs = open('api@acme.example@zscalertwo', 'theirs')
  const elsewhere = open('api@acme.example@zscaler', 'ours')
  expect([readOnly(ours).selection, theirs.selection]).toEqual(['ours', 'theirs'])
  expect(await ours.read()).toBeUndefined()
  await theirs.write({ at: 1, mixed: false, domains: [] })
  expect(await ours.read()).toEqual({ at: 1, mixed: false, domains: [] })
  await ours.write({ at: 2, mixed: true, domains: ['fra-1'] })
  expect(await theirs.read()).toEqual({ at: 2, mixed: true, domains: ['fra-1'] })
  await readOnly(ours).write(undefined)
  expect(await readOnly(theirs).read()).toMatchObject({ at: 2 })
  await theirs.write(undefined)
  expect([await ours.read(), await elsewhere.read()]).toEqual([undefined, undefined])
})
