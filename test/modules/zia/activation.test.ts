import { describe, expect, test } from 'vitest'

import { activation } from '../../../modules/zia/activation.ts'
import { licences } from '../../../modules/zia/licences.ts'
import { selectLicences } from '../../../modules/zia/preflight/licences.ts'
import type { StagedMark } from '../../../src/connect/zia/pending.ts'
import { ModuleError } from '../../../src/model/error.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'
import { deploy, type PlannedCluster } from './deploy.ts'
import { createMark, openDirect } from './direct.ts'

const PLACE = { ipAddress: '10.84.0.110', subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200' }

async function createWorld(options: Parameters<typeof createRig>[0] = {}) {
  const rig = await createRig(options)
  const session = await rig.open()
  return { rig, under: { session, clock: rig.clock }, ...viewsOf(session) }
}

describe('zia/activation', () => {
  test('activates what is staged, and has nothing to do afterwards', async () => {
    const { rig, under, writer } = await createWorld()
    expect((await converge(activation, {}, under)).changes).toEqual([])
    await writer.create('ipSourceGroups', { name: 'g' })
    const { changes, remaining } = await converge(activation, {}, under)
    expect(lines(changes)).toEqual(['status: PENDING → ACTIVE'])
    expect(remaining).toEqual([])
    expect(rig.tenant.mutations).toBe(2)
  })

  test('waits until an activation that is under way is through', async () => {
    const { rig, under, writer } = await createWorld()
    await writer.create('ipSourceGroups', { name: 'g' })
    rig.tenant.faults.inject('slow-activation')
    expect((await converge(activation, {}, under)).remaining).toEqual([])
  })

  test('gives up after ten minutes of another administrator’s edits, and says whom to ask', async () => {
    const { rig, under, writer } = await createWorld({ scale: 2000 })
    await writer.create('ipSourceGroups', { name: 'g' })
    rig.tenant.faults.inject('second-admin')
    await expect(converge(activation, {}, under)).rejects.toMatchObject({
      code: 'TIMEOUT',
      hint: expect.stringContaining('another administrator'),
    })
  })
})

const FRA: PlannedCluster = { name: 'fra', net: 1, nodes: 2, location: 'Frankfurt', exists: true }

/** A tenant on a clock that jumps, with a colleague who works in the portal. */
async function openShared() {
  const direct = await openDirect({ seed: { locations: ['Frankfurt', 'Munich'] } })
  const colleague = direct.tenant.administrator({ name: 'colleague@acme.example' })
  const begin = (): Promise<void> => colleague.edit('locations', 'Frankfurt', { description: 'half done' })
  const run = async (options: Parameters<typeof direct.open>[0] = {}): Promise<readonly string[]> => {
    const session = await direct.open(options)
    try {
      return lines(await deploy([FRA], { session, clock: direct.clock }))
    } finally {
      await session.close()
    }
  }
  const status = async () => viewsOf(await direct.open()).reader.status()
  return { ...direct, colleague, begin, run, status, [Symbol.asyncDispose]: direct[Symbol.asyncDispose] }
}

/** Runs until the request of this number, and leaves what a killed process leaves. */
async function runUntil(shared: Awaited<ReturnType<typeof openShared>>, number: number, mark: StagedMark) {
  const stop = new AbortController()
  const leave = shared.tenant.watch((passage) => {
    if (passage.number < number) return undefined
    stop.abort(new RangeError('killed'))
    return 'cut'
  })
  await expect(shared.run({ mark, signal: stop.signal })).rejects.toThrow('killed')
  leave()
}

describe('a colleague’s changes that are pending', () => {
  test('stop a run before its first edit, so that the end of no session can activate half of either', async () => {
    await using shared = await openShared()
    await shared.begin()
    const before = shared.tenant.counts
    await expect(shared.run({ mark: createMark() })).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('nothing is written beside them'),
      hint: expect.stringContaining('--set activateOthers=true'),
    })
    expect(shared.tenant.counts.writes).toBe(before.writes)
    await shared.clock.sleep(3_600_000)
    expect(await shared.status()).toBe('PENDING')
    expect(shared.tenant.counts.commits).toBe(before.commits)
  })

  test('go live with ours where the inventory says so, and that is told', async () => {
    await using shared = await openShared()
    await shared.begin()
    expect(await shared.run({ others: 'include' })).toContain('status: PENDING → ACTIVE')
    expect(await shared.status()).toBe('ACTIVE')
  })

  test('are left alone by a run that has nothing to change, which says that they wait', async () => {
    await using shared = await openShared()
    await shared.run({ mark: createMark() })
    await shared.begin()
    const session = await shared.open({ mark: createMark() })
    const under = { session, clock: shared.clock }
    expect(await deploy([FRA], { ...under, check: true })).toEqual([])
    expect(await deploy([FRA], under)).toEqual([])
    const { warnings } = await converge(activation, {}, under)
    expect(warnings).toEqual([expect.stringContaining('it waits for an activation of its own')])
    expect(await shared.status()).toBe('PENDING')
  })

  test('made after our first edit are named, and stop the activation with the time at which ZIA makes it itself', async () => {
    await using shared = await openShared()
    await shared.colleague.edit('locations', 'Munich', { description: 'in use' })
    await shared.colleague.activate()
    let isDone = false
    shared.tenant.watch(async ({ method, path, moment }) => {
      if (isDone || moment !== 'arrived' || method !== 'POST' || path !== '/virtualZenClusters') return
      isDone = true
      await shared.begin()
    })
    const mark = createMark()
    await expect(shared.run({ mark })).rejects.toMatchObject({
      message: expect.stringMatching(
        /somebody else has changed the location “Frankfurt” \(description\).* ZIA activates all that is pending by itself .* at \d\d:\d\d/,
      ),
    })
    expect(await shared.status()).toBe('PENDING')
    // The next run knows of both, though it has nothing to write.
    await expect(shared.run({ mark })).rejects.toThrow('somebody else has changes pending in ZIA, beside')
    expect(await shared.run({ mark, others: 'include' })).toEqual(['status: PENDING → ACTIVE'])
  })

  test('made after our activation are not activated by our log-out, though a log-out activates', async () => {
    await using shared = await openShared()
    const session = await shared.open({ mark: createMark() })
    await deploy([FRA], { session, clock: shared.clock })
    await shared.begin()
    const { commits, calls } = shared.tenant.counts
    await session.close()
    expect(shared.tenant.counts.commits).toBe(commits)
    expect(shared.tenant.counts.calls['DELETE /authenticatedSession']).toBe(
      calls['DELETE /authenticatedSession'],
    )
    await shared.clock.sleep(3_600_000)
    expect(await shared.status()).toBe('PENDING')
  })

  test('that are being activated are waited for, and then ours are', async () => {
    await using shared = await openShared()
    const session = await shared.open()
    await shared.begin()
    shared.tenant.faults.inject('slow-activation')
    await shared.colleague.activate()
    await viewsOf(session).writer.create('ipSourceGroups', { name: 'g' })
    expect((await converge(activation, {}, { session, clock: shared.clock })).remaining).toEqual([])
    expect(await shared.status()).toBe('ACTIVE')
    expect(shared.tenant.counts.calls['POST /status/activate']).toBe(1)
  })

  test('made while our activation is under way are not waited for', async () => {
    await using shared = await openShared()
    const session = await shared.open()
    await viewsOf(session).writer.create('ipSourceGroups', { name: 'g' })
    shared.tenant.faults.inject('slow-activation')
    shared.tenant.watch(async ({ path, moment }) => {
      if (path === '/status/activate' && moment === 'answered') await shared.begin()
    })
    expect((await converge(activation, {}, { session, clock: shared.clock })).remaining).toEqual([])
    expect(await shared.status()).toBe('PENDING')
    expect(shared.tenant.counts.calls['POST /status/activate']).toBe(1)
  })
})

describe('what a killed run has left pending', () => {
  test('is finished and activated by the next one as long as its session cannot have ended', async () => {
    await using shared = await openShared()
    const mark = createMark()
    await runUntil(shared, 25, mark)
    expect(await shared.run({ mark })).toContain('status: PENDING → ACTIVE')
    expect(await mark.read()).toBeUndefined()
  })

  test('is as fresh as the session that is kept alive for it', async () => {
    await using shared = await openShared()
    const mark = createMark()
    const session = await shared.open({ mark })
    await viewsOf(session).writer.create('ipSourceGroups', { name: 'waits' })
    await shared.clock.sleep(1_800_000)
    expect(shared.clock.now() - ((await mark.read())?.at ?? 0)).toBeLessThan(300_000)
    expect(await shared.status()).toBe('PENDING')
  })

  test('of a cluster that this run leaves out is not activated with the rest', async () => {
    await using shared = await openShared()
    const mark = createMark()
    const { signal } = new AbortController()
    const create = (session: Awaited<ReturnType<typeof shared.open>>, domain: string) =>
      session.writer({ signal, domain }).create('ipSourceGroups', { name: domain })
    await create(await shared.open({ mark }), 'fra-1')
    const session = await shared.open({ mark })
    await create(session, 'ber-1')
    // What the whole estate shares is in every run, and no limit can name it.
    await create(session, 'target')
    const under = { session, clock: shared.clock, domains: ['ber-1', 'target'] }
    await expect(converge(activation, {}, under)).rejects.toMatchObject({
      message: expect.stringContaining(
        'fra-1 was left by an earlier run, is not wholly part of this one, and may be half written',
      ),
      // To name the first alone would only leave the second.
      hint: expect.stringContaining('in one run: --limit fra-1:ber-1, without --tags'),
    })
    expect(await shared.status()).toBe('PENDING')
    const { changes } = await converge(activation, { failed: 'include' }, under)
    expect(lines(changes)).toEqual(['status: PENDING → ACTIVE'])
  })

  test('of a part of a cluster is finished by the same command, and by no other that does a part of it', async () => {
    await using shared = await openShared()
    const mark = createMark()
    const { signal } = new AbortController()
    const stage = async (selection: string, name: string) => {
      const session = await shared.open({ mark: mark.as(selection) })
      await session.writer({ signal, domain: 'fra-1' }).create('ipSourceGroups', { name })
      return { session, clock: shared.clock, domains: ['ber-1', 'estate'] }
    }
    const look = async (selection: string) => {
      const session = await shared.open({ mark: mark.as(selection) })
      return converge(activation, {}, { session, clock: shared.clock, domains: ['ber-1', 'estate'] })
    }
    await stage('one node', 'first')
    await expect(look('another node')).rejects.toMatchObject({
      message: expect.stringContaining('fra-1 was left by an earlier run'),
      hint: expect.stringMatching(/the very command .* --limit fra-1,/),
    })
    const again = await stage('one node', 'second')
    expect(lines((await converge(activation, {}, again)).changes)).toEqual(['status: PENDING → ACTIVE'])
    expect(await mark.read()).toBeUndefined()

    await stage('one node', 'third')
    await expect(converge(activation, {}, await stage('another node', 'fourth'))).rejects.toThrow('fra-1 was')
    // Each of the two has left a part that the other one knows nothing of.
    await expect(look('one node')).rejects.toThrow('fra-1 was left by an earlier run')
    await expect(look('another node')).rejects.toThrow('fra-1 was left by an earlier run')
    expect(await shared.status()).toBe('PENDING')
  })

  test('by a run that did not say yet what it was to do is finished by none that does a part', async () => {
    await using shared = await openShared()
    const mark = createMark()
    const { signal } = new AbortController()
    const left = await shared.open({ mark: mark.as('one node') })
    await left.writer({ signal, domain: 'fra-1' }).create('ipSourceGroups', { name: 'first' })
    const { by: _, ...old } = (await mark.read()) ?? { at: 0, mixed: false, domains: [] }
    await mark.write(old)
    const session = await shared.open({ mark: mark.as('one node') })
    await session.writer({ signal, domain: 'fra-1' }).create('ipSourceGroups', { name: 'second' })
    const under = { session, clock: shared.clock, domains: ['ber-1', 'estate'] }
    await expect(converge(activation, {}, under)).rejects.toThrow('fra-1 was left by an earlier run')
    const next = { ...under, session: await shared.open({ mark: mark.as('one node') }) }
    await expect(converge(activation, {}, next)).rejects.toThrow('fra-1 was left by an earlier run')
  })

  test('is not what this run has staged by itself of a cluster, be it a part: that was asked for', async () => {
    await using shared = await openShared()
    const session = await shared.open({ mark: createMark() })
    const { signal } = new AbortController()
    await session.writer({ signal, domain: 'fra-1' }).create('ipSourceGroups', { name: 'g' })
    const under = { session, clock: shared.clock, domains: ['ber-1', 'estate'] }
    expect(lines((await converge(activation, {}, under)).changes)).toEqual(['status: PENDING → ACTIVE'])
  })

  test('is nothing of a cluster whose first edit ZIA has refused, so that the others are activated', async () => {
    await using shared = await openShared()
    const session = await shared.open({ dislikes: (body) => body.includes('"bad"') })
    const { signal } = new AbortController()
    const create = (domain: string, name: string) =>
      session.writer({ signal, domain }).create('ipSourceGroups', { name })
    await expect(create('lab-1', 'bad')).rejects.toThrow('invalid')
    await create('lab-2', 'good')
    const { changes } = await converge(activation, {}, { session, clock: shared.clock, failed: ['lab-1'] })
    expect(lines(changes)).toEqual(['status: PENDING → ACTIVE'])
  })

  test.each(['change', 'deletion', 'deletion of what is gone'])(
    'is nothing where ZIA has refused its only %s, so that a colleague’s edit is not taken for it',
    async (edit) => {
      await using shared = await openShared()
      const mark = createMark()
      const isDeletion = edit !== 'change'
      const session = await shared.open({
        mark,
        dislikes: (body) => body.includes('"bad"'),
        refuses: (request) => request.startsWith('DELETE') && edit === 'deletion',
      })
      const { reader } = viewsOf(session)
      const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
      const writer = session.writer({ signal: new AbortController().signal, domain: 'fra-1' })
      if (edit === 'deletion of what is gone') await writer.remove('ipSourceGroups', 999_999)
      else {
        const refused = isDeletion
          ? writer.remove('locations', id)
          : writer.update('locations', id, () => ({ description: 'bad' }))
        await expect(refused).rejects.toThrow('invalid')
      }
      expect([session.leftover(), await mark.read()]).toEqual([undefined, undefined])
      await shared.begin()
      expect((await viewsOf(await shared.open({ mark })).reader.pending()).whose).toBe('others')
    },
  )

  test.each(
    (['edit-lock', 'rate-limit', 'session-expiry'] as const).flatMap((fault) =>
      ['PUT', 'DELETE'].map((method) => [fault, method] as const),
    ),
  )(
    'is nothing where its only edit has met %s, and the look before the %s is sent again forbids that',
    async (fault, method) => {
      await using shared = await openShared()
      const mark = createMark()
      const session = await shared.open({ mark })
      const { id } = (await viewsOf(session).reader.find('locations', 'Frankfurt')) ?? { id: 0 }
      shared.tenant.faults.inject(fault, { only: method })
      let looks = 0
      const look = (): void => {
        looks += 1
        if (looks > 1) throw new ModuleError('somebody has bound it')
      }
      const writer = session.writer({ signal: new AbortController().signal, domain: 'fra-1' })
      const edit =
        method === 'PUT'
          ? writer.update('locations', id, () => {
              look()
              return { description: 'ours' }
            })
          : writer.remove('locations', id, async () => look())
      await expect(edit).rejects.toThrow('somebody has bound it')
      expect(looks).toBe(2)
      expect([session.leftover(), await mark.read()]).toEqual([undefined, undefined])
    },
  )

  test.each(['PUT', 'DELETE'])(
    'may be there where the answer to a %s was lost and the next one was a refusal',
    async (method) => {
      await using shared = await openShared()
      const mark = createMark()
      let sent = 0
      shared.tenant.watch((passage) =>
        passage.method === method && passage.moment === 'answered' && sent <= 1 ? 'cut' : undefined,
      )
      const session = await shared.open({
        mark,
        refuses: (request) => request.startsWith(method) && (sent += 1) > 1,
      })
      const { id } = (await viewsOf(session).reader.find('locations', 'Munich')) ?? { id: 0 }
      const writer = session.writer({ signal: new AbortController().signal, domain: 'muc-1' })
      const edit =
        method === 'PUT'
          ? writer.update('locations', id, () => ({ description: 'ours' }))
          : writer.remove('locations', id)
      await expect(edit).rejects.toThrow('invalid')
      expect(await mark.read()).toMatchObject({ domains: ['muc-1'] })
    },
  )

  test('may be somebody else’s when its session may have ended, and is somebody else’s when it must have', async () => {
    await using shared = await openShared()
    const mark = createMark()
    await runUntil(shared, 18, mark)
    const { commits } = shared.tenant.counts
    await shared.clock.sleep(400_000)
    expect(await shared.status()).toBe('ACTIVE')
    expect(shared.tenant.counts.commits).toBe(commits + 1)
    await shared.begin()
    const before = shared.tenant.counts
    await expect(shared.run({ mark })).rejects.toThrow(
      /that may be those of the run from here at 20\d\d-.* or somebody else’s/,
    )
    await shared.clock.sleep(1_200_000)
    await expect(shared.run({ mark })).rejects.toThrow('somebody else has changes pending in ZIA, and')
    expect(shared.tenant.counts).toMatchObject({ writes: before.writes, activations: before.activations })
  })

  test('is refused to somebody else, who can run again when it is activated', async () => {
    await using shared = await openShared()
    const session = await shared.open({ mark: createMark() })
    await viewsOf(session).writer.create('ipSourceGroups', { name: 'g' })
    const mark = createMark()
    await expect(shared.run({ mark })).rejects.toThrow('somebody else has changes pending')
    await viewsOf(session).writer.activate()
    expect(await shared.run({ mark })).toContain('status: PENDING → ACTIVE')
  })
})

describe('a cluster that has failed half-way', () => {
  test('in this run or the one before stops the activation, which names it, unless that is wanted', async () => {
    await using shared = await openShared()
    const mark = createMark()
    const { signal } = new AbortController()
    const earlier = await shared.open({ mark })
    await earlier.writer({ signal, domain: 'lab-2' }).create('ipSourceGroups', { name: 'VSE lab-2' })
    await earlier.close()
    const session = await shared.open({ mark })
    await session.writer({ signal, domain: 'lab-1' }).create('ipSourceGroups', { name: 'VSE lab-1' })
    const under = { session, clock: shared.clock }
    await expect(converge(activation, {}, { ...under, failed: ['lab-2', 'lab-3'] })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^lab-2 failed and may be half written, .* at \d\d:\d\d if the run ends/,
      ),
      hint: expect.stringContaining('--set activateFailed=true'),
    })
    expect(session.leftover()).toMatch(
      /^What this run has changed in ZIA \(zscalertwo\) for lab-2, lab-1 is not activated: ZIA activates/,
    )
    expect(shared.tenant.counts.activations).toBe(0)
    await converge(activation, { failed: 'include' }, { ...under, failed: ['lab-2'] })
    expect(await shared.status()).toBe('ACTIVE')
    expect(session.leftover()).toBeUndefined()
  })

  test('of which nothing is staged stops nothing', async () => {
    await using shared = await openShared()
    const session = await shared.open()
    const { signal } = new AbortController()
    await session.writer({ signal, domain: 'lab-1' }).create('ipSourceGroups', { name: 'VSE lab-1' })
    const after = await converge(activation, {}, { session, clock: shared.clock, failed: ['lab-2'] })
    expect(after.remaining).toEqual([])
  })
})

describe('zia/licences', () => {
  test('[rec] is content with enough licences of V_SVC_EDGE, the used ones counted once', async () => {
    const { under, writer } = await createWorld({ seed: { licences: 3 } })
    await writer.create('virtualZenNodes', { name: 'a', ...PLACE })
    await writer.create('virtualZenNodes', { name: 'other', ...PLACE })
    expect((await converge(licences, { nodes: ['a', 'b'] }, under)).changes).toEqual([])
  })

  test('tells how many are missing', async () => {
    const { under, writer } = await createWorld({ seed: { licences: 2 } })
    await writer.create('virtualZenNodes', { name: 'other', ...PLACE })
    const { changes } = await converge(licences, { nodes: ['a', 'b'] }, under)
    expect(lines(changes)).toEqual(['licences: 2 → 3'])
    expect(changes[0]?.note).toBe('2 for this inventory and 1 in use by other instances')
  })

  test('tells a tenant that has no subscription', async () => {
    const { under } = await createWorld({ seed: { licences: 0 } })
    expect(lines((await converge(licences, { nodes: ['a'] }, under)).changes)).toEqual([
      'subscription: none → Virtual Service Edge',
    ])
  })

  test('tells a subscription that is over', () => {
    const facts = { subscribed: true, sku: '', ends: '2026-01-31', daysLeft: -1, bought: 16, others: 0 }
    expect(lines(licences.uses.diff(facts, { nodes: ['a'] }))).toEqual([
      'subscription end: 2026-01-31 → in the future',
    ])
  })

  test.each([
    [
      'two in force',
      [
        [8, 30],
        [8, 90],
      ],
      { subscribed: true, bought: 16, daysLeft: 30 },
    ],
    [
      'one that never ends',
      [
        [8, undefined],
        [4, 10],
      ],
      { subscribed: true, bought: 12, daysLeft: 10 },
    ],
    [
      'an old one before its renewal',
      [
        [16, -40],
        [12, 300],
      ],
      { subscribed: true, bought: 12, daysLeft: 300 },
    ],
    [
      'two that are over',
      [
        [16, -40],
        [8, -3],
      ],
      { subscribed: true, bought: 8, daysLeft: -3 },
    ],
  ])('counts what is in force of several subscriptions: %s', (_, bought, expected) => {
    const now = Date.UTC(2026, 0, 1)
    const listed = bought.map(([licenses, days]) => ({
      id: 'V_SVC_EDGE',
      subscribed: true,
      licenses,
      endDate: days === undefined ? 0 : now / 1000 + days * 86_400,
    }))
    expect(selectLicences(listed, { now, others: 0 })).toMatchObject(expected)
    expect(selectLicences(listed.toReversed(), { now, others: 0 })).toMatchObject(expected)
  })

  test('is a check: it has nothing to apply', () => {
    expect(licences.uses).not.toHaveProperty('apply')
  })
})
