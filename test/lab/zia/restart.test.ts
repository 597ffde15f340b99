import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openTenantState } from '../../../src/lab/zia/tenant-document.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'
import { createRig, ONEAPI, viewsOf } from './rig.ts'
import { open } from './visit.ts'

describe('a tenant that is opened again', () => {
  test('lets a session go on, and activates what that had staged when it lapses', async () => {
    const rig = await createRig()
    const send = await open(rig)
    await send({ method: 'POST', path: '/ipSourceGroups', body: { name: 'g' } })
    await rig.reopen()
    expect((await send({ path: '/status' })).json).toEqual({ status: 'PENDING' })
    await rig.reopen()
    await rig.clock.sleep(301_000)
    expect((await send({ path: '/status' })).status).toBe(401)
    expect(rig.tenant.status()['activation']).toBe('ACTIVE')
  })

  test('believes a token that it has given, and goes on counting', async () => {
    const rig = await createRig({ login: ONEAPI })
    const { reader } = viewsOf(await rig.open())
    await reader.status()
    await rig.reopen()
    await reader.status()
    expect(rig.tenant.counts.calls).toMatchObject({ 'POST /oauth2/v1/token': 1, 'GET /status': 2 })
  })

  test('has not forgotten how often it was asked within the hour, nor what was to go wrong', async () => {
    const rig = await createRig({ scale: 500 })
    let send = await open(rig)
    const activate = async () => {
      await rig.clock.sleep(7000)
      return (await send({ method: 'POST', path: '/status/activate' })).status
    }
    for (let index = 0; index < 40; index += 1) await activate()
    rig.tenant.faults.inject('server-error', { after: 1, only: 'GET /status' })
    await rig.reopen()
    // On this clock the session lapses in the time that opening a tenant may take.
    send = await open(rig)
    expect(await activate()).toBe(429)
    expect(rig.tenant.counts.tooFast).toBe(1)
    expect([await send({ path: '/status' }), await send({ path: '/status' })]).toMatchObject([
      { status: 200 },
      { status: 500 },
    ])
  })

  test('takes an earlier process whose clock ran ahead for one that has just ended', async () => {
    const rig = await createRig()
    const { clock } = rig
    await rig.reopen({ clock: { ...clock, now: () => clock.now() + 3_600_000 } })
    const send = await open(rig)
    expect((await send({ path: '/virtualZenNodes' })).status).toBe(200)
    await rig.reopen()
    // Neither is the quota used up for an hour, nor does the session live an hour longer.
    expect((await send({ path: '/virtualZenNodes' })).status).toBe(200)
    await clock.sleep(301_000)
    expect((await send({ path: '/virtualZenNodes' })).status).toBe(401)
  })
})

const KIND = 'firewallFilteringRules'

const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), count: fc.constantFrom(1, 2, 60), at: fc.nat(9) }),
  fc.record({ do: fc.constant('remove' as const), count: fc.constant(1), at: fc.nat(9) }),
  fc.record({ do: fc.constant('commit' as const), count: fc.constant(1), at: fc.nat(9) }),
)

describe('the state of a tenant', () => {
  test('is on disk after every edit, written whole or as what has changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zia-state-'))
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const name = `tenant-${(runs += 1)}`
        const openAgain = () => openTenantState(createDocumentStore({ folder }), name)
        let document = await openAgain()
        for (const { do: what, count, at } of steps) {
          const { value } = document
          const { staged } = value
          if (what === 'commit') value.committed = { ...staged }
          if (what === 'remove') staged[KIND] = staged[KIND].toSpliced(at, 1)
          for (let left = what === 'put' ? count : 0; left > 0; left -= 1) {
            const id = (value.nextId[KIND] += 1)
            // A rule that is new, and one that is replaced.
            const others = staged[KIND].map((rule, place) => (place === at ? { ...rule, rank: id } : rule))
            staged[KIND] = [...others, { id, name: `r${id}`, order: id }]
          }
          value.pending = what !== 'commit'
          await document.save()
          const again = await openAgain()
          expect(again.value).toEqual(value)
          if (at === 0) document = again
        }
        await document.close()
        const file = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as unknown
        expect(file).toMatchObject({ staged: document.value.staged })
      }),
      { numRuns: 40 },
    )
    await rm(folder, { recursive: true })
  })
})
