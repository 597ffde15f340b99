import { describe, expect, expectTypeOf, test } from 'vitest'

import type { ZiaReader } from '../../../src/connect/zia/session.ts'
import { ConnectError, ModuleError } from '../../../src/model/error.ts'
import { createRig, ONEAPI, recorder, viewsOf, type Rig } from '../../lab/zia/rig.ts'

const NODE = { ipAddress: '10.0.0.1', subnetMask: '255.255.255.0', defaultGateway: '10.0.0.254' }

async function open(rig: Rig) {
  const wire = recorder()
  const waits: string[] = []
  const session = await rig.open({ trace: wire.trace })
  const use = { signal: new AbortController().signal, waiting: (reason: string) => void waits.push(reason) }
  return { reader: session.reader(use), writer: session.writer(use), lines: wire.lines, waits }
}

const requests = (lines: readonly string[], prefix: string): number =>
  lines.filter((line) => line.startsWith(`1 ${prefix}`)).length

describe('ZiaReader', () => {
  test('has no way to write, by type and at run time', async () => {
    const rig = await createRig()
    const { reader } = viewsOf(await rig.open())
    expectTypeOf<ZiaReader>().not.toHaveProperty('create')
    for (const verb of ['create', 'update', 'ensure', 'remove', 'activate'])
      expect(reader).not.toHaveProperty(verb)
  })

  test('shares one list among all who ask at about the same time', async () => {
    const { reader, lines } = await open(await createRig())
    await Promise.all(Array.from({ length: 80 }, (_, index) => reader.find('virtualZenNodes', `n${index}`)))
    expect(requests(lines, 'GET /virtualZenNodes')).toBe(1)
  })

  test('reads a list anew when it is a minute old', async () => {
    const rig = await createRig()
    const { reader, lines } = await open(rig)
    await reader.list('locations')
    await rig.clock.sleep(61_000)
    await reader.list('locations')
    expect(requests(lines, 'GET /locations')).toBe(2)
  })

  test('goes on reading for the others when one of them gives up', async () => {
    const rig = await createRig({ scale: 20 })
    const session = await rig.open()
    const impatient = new AbortController()
    const first = session.reader({ signal: impatient.signal }).list('locations')
    const second = viewsOf(session).reader.list('locations')
    impatient.abort(new RangeError('enough'))
    await expect(first).rejects.toThrow('enough')
    expect(await second).toHaveLength(1)
  })

  test('compares names exactly', async () => {
    const { reader } = await open(await createRig())
    expect(await reader.find('locations', 'Frankfurt')).toBeDefined()
    expect(await reader.find('locations', 'frankfurt')).toBeUndefined()
    expect(await reader.find('locations', 'Frank')).toBeUndefined()
  })

  test('reads lists of more than one page', async () => {
    const rig = await createRig({
      seed: { locations: Array.from({ length: 2003 }, (_, index) => `site ${index}`) },
    })
    const { reader, lines } = await open(rig)
    expect(await reader.list('locations')).toHaveLength(2003)
    expect(requests(lines, 'GET /locations')).toBe(3)
  })
})

describe('ZiaWriter', () => {
  test('[rec] gives a created object as it reads back, because an echo lacks what the server adds, and the shared list has it without being read again', async () => {
    const { reader, writer, lines } = await open(await createRig({ scale: 200 }))
    await reader.list('virtualZenNodes')
    const made = await writer.create('virtualZenNodes', { name: 'a', ...NODE })
    expect(made).toMatchObject({ name: 'a', zgatewayId: expect.any(Number) })
    expect(await reader.find('virtualZenNodes', 'a')).toEqual(made)
    expect(requests(lines, 'GET /virtualZenNodes')).toBe(2)
  })

  test('[rec] replaces the whole object on update, and keeps every field it does not know', async () => {
    const { reader, writer } = await open(await createRig())
    const before = await reader.find('locations', 'Frankfurt')
    const after = await writer.update('locations', before?.id ?? 0, () => ({ tz: 'GERMANY_EUROPE_BUSINGEN' }))
    expect(after).toEqual({ ...before, tz: 'GERMANY_EUROPE_BUSINGEN' })
  })

  test('[rec] drops the fields that the server owns before it sends a rule back', async () => {
    const { reader, writer } = await open(await createRig())
    const rule = await reader.find('firewallFilteringRules', 'Block QUIC')
    expect(rule).toHaveProperty('accessControl')
    const after = await writer.update('firewallFilteringRules', rule?.id ?? 0, () => ({
      description: 'changed',
    }))
    expect(after).toMatchObject({ description: 'changed', order: rule?.order, action: 'BLOCK_DROP' })
  })

  test('loses no update when many edit the same object at once', async () => {
    const { reader, writer } = await open(await createRig())
    const { id } = await writer.create('ipSourceGroups', { name: 'g', ipAddresses: [] })
    const addresses = Array.from({ length: 12 }, (_, index) => `10.0.0.${index + 1}`)
    await Promise.all(
      addresses.map((address) =>
        writer.update('ipSourceGroups', id, ({ ipAddresses }) => ({
          ipAddresses: [...new Set([...(ipAddresses ?? []), address])],
        })),
      ),
    )
    expect((await reader.get('ipSourceGroups', id)).ipAddresses?.toSorted()).toEqual(addresses.toSorted())
  })

  test('never exceeds a rate limit, however many edit at once', async () => {
    const rig = await createRig({ scale: 1000 })
    const { writer, reader, lines } = await open(rig)
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        await reader.find('virtualZenNodes', `n${index}`)
        await writer.create('virtualZenNodes', { name: `n${index}`, ...NODE })
      }),
    )
    expect(await reader.list('virtualZenNodes')).toHaveLength(60)
    expect(lines.filter((line) => line.includes(': 429'))).toEqual([])
  })

  test.each([
    ['lost-answer', 1],
    ['lost-request', 1],
    ['server-error', 1],
    ['unavailable', 1],
  ] as const)('makes exactly one object when a POST meets %s', async (fault, times) => {
    const rig = await createRig()
    const { reader, writer } = await open(rig)
    rig.tenant.faults.inject(fault, times)
    const made = await writer.create('virtualZenNodes', { name: 'a', ...NODE })
    const list = await reader.list('virtualZenNodes')
    expect(list.map(({ id, name }) => ({ id, name }))).toEqual([{ id: made.id, name: 'a' }])
  })

  test('looks a lost POST up by name before it sends it again', async () => {
    const rig = await createRig()
    const { writer, lines, waits } = await open(rig)
    rig.tenant.faults.inject('lost-answer')
    await writer.create('virtualZenClusters', { name: 'c', ...NODE })
    expect(requests(lines, 'POST /virtualZenClusters')).toBe(1)
    expect(waits.join()).toContain('the answer to an edit was lost')
  })

  test('waits longer than a server takes, and looks up what became of a POST it gave up on', async () => {
    const rig = await createRig({ scale: 100 })
    const wire = recorder()
    const { writer, reader } = viewsOf(await rig.open({ patience: 300, trace: wire.trace }))
    rig.tenant.faults.inject('slow')
    const made = await writer.create('ipSourceGroups', { name: 'g' })
    expect((await reader.list('ipSourceGroups')).map(({ id }) => id)).toEqual([made.id])
  })

  test('applies an update whose answer was lost once more, from what it then reads', async () => {
    const rig = await createRig()
    const { reader, writer } = await open(rig)
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    rig.tenant.faults.inject('lost-answer')
    const after = await writer.update('locations', id, () => ({ country: 'FRANCE' }))
    expect(after.country).toBe('FRANCE')
  })

  test('gets along with another run that edits the same tenant', async () => {
    const rig = await createRig()
    // Whichever is the first stages something that is somebody else's to the second.
    const endpoint = { ...rig.endpoint, others: 'include' } as const
    const { reader, writer } = viewsOf(await rig.open({ endpoint }))
    const { writer: other } = viewsOf(await rig.open({ endpoint }))
    const names = Array.from({ length: 10 }, (_, index) => `g${index}`)
    await Promise.all(
      names.map((name, index) => (index % 2 === 0 ? writer : other).create('ipSourceGroups', { name })),
    )
    await rig.clock.sleep(61_000)
    expect((await reader.list('ipSourceGroups')).map(({ name }) => name).toSorted()).toEqual(names)
  })

  test.each([
    ['edit-lock', 'edit lock'],
    ['org-barrier', 'edit lock'],
    ['rate-limit', ''],
  ] as const)('[rec] waits %s out and says why', async (fault, words) => {
    const rig = await createRig({ login: ONEAPI })
    const { writer, waits } = await open(rig)
    rig.tenant.faults.inject(fault, 2)
    const made = await writer.create('ipSourceGroups', { name: 'g' })
    expect(made.name).toBe('g')
    expect(waits.join()).toContain(words)
  })

  test('[rec] gives the edit lock up after six tries, with who to look for', async () => {
    const rig = await createRig({ scale: 2000 })
    const { writer } = await open(rig)
    rig.tenant.faults.inject('edit-lock', 50)
    await expect(writer.create('ipSourceGroups', { name: 'g' })).rejects.toMatchObject({
      code: 'ZIA',
      reason: 'EDIT_LOCK_NOT_AVAILABLE',
      message: expect.stringMatching(/POST \/ipSourceGroups waited in vain.*request [\w-]+/),
      hint: expect.stringContaining('another administrator'),
    })
  })

  test('adopts an object of the same name that is exactly what was wanted', async () => {
    const rig = await createRig()
    const { writer, reader } = await open(rig)
    const fields = { name: 'a', ...NODE }
    const first = await writer.create('virtualZenNodes', fields)
    const second = await writer.create('virtualZenNodes', fields)
    expect(second.id).toBe(first.id)
    expect(await reader.list('virtualZenNodes')).toHaveLength(1)
  })

  test('refuses an object of the same name that is something else', async () => {
    const rig = await createRig()
    const { writer } = await open(rig)
    await writer.create('virtualZenNodes', { name: 'a', ...NODE })
    const creating = writer.create('virtualZenNodes', { name: 'a', ...NODE, ipAddress: '10.0.0.9' })
    await expect(creating).rejects.toThrow(ModuleError)
    await expect(creating).rejects.toThrow('another ipAddress')
  })

  test('shares an object that two want to create at the same time', async () => {
    const { writer, reader } = await open(await createRig())
    await Promise.all(
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) =>
        writer.ensure('ipSourceGroups', 'shared', (current) => ({
          ipAddresses: [...new Set([...(current?.ipAddresses ?? []), address])],
        })),
      ),
    )
    const [group, ...more] = await reader.list('ipSourceGroups')
    expect(more).toEqual([])
    expect(group?.ipAddresses?.toSorted()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  })

  test('[rec] deletes by a 204 without a body, and takes what is gone already for done', async () => {
    const { writer, reader } = await open(await createRig())
    const { id } = await writer.create('ipSourceGroups', { name: 'g' })
    await writer.remove('ipSourceGroups', id)
    await writer.remove('ipSourceGroups', id)
    expect(await reader.find('ipSourceGroups', 'g')).toBeUndefined()
  })

  test('says that ZIA is in maintenance, and does not wait for it', async () => {
    const rig = await createRig()
    const { writer } = await open(rig)
    rig.tenant.faults.inject('maintenance')
    await expect(writer.create('ipSourceGroups', { name: 'g' })).rejects.toMatchObject({
      reason: 'STATE_READONLY',
      message: expect.stringContaining('read-only maintenance'),
      hint: expect.stringContaining('trust.zscaler.com'),
    })
  })

  test('[rec] tells a body that ZIA dislikes with code, request id and hint', async () => {
    const { writer } = await open(await createRig())
    const creating = writer.create('virtualZenNodes', { name: 'a', description: 'no such field' })
    await expect(creating).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(
        /^POST \/virtualZenNodes was refused with 400 Request body is invalid\..*request/,
      ),
      hint: expect.stringContaining('-vvv'),
    })
  })

  test('repeats what only reads while ZIA is down, and ends with what ZIA said', async () => {
    const rig = await createRig()
    const { reader } = await open(rig)
    rig.tenant.faults.inject('server-error', 3)
    expect(await reader.status()).toBe('ACTIVE')
    rig.tenant.faults.inject('server-error', 50)
    await expect(reader.status()).rejects.toMatchObject({ code: 'ZIA', status: 500 })
  })

  test('is unreachable when the connection breaks again and again', async () => {
    const rig = await createRig()
    const { reader, writer } = await open(rig)
    rig.tenant.faults.inject('lost-request', 50)
    await expect(reader.status()).rejects.toThrow(ConnectError)
    await expect(writer.create('ipSourceGroups', { name: 'g' })).rejects.toThrow(ConnectError)
  })

  test('stops in the middle of an edit, and the next reader does not believe the old list', async () => {
    const rig = await createRig({ scale: 50 })
    const session = await rig.open()
    const { reader } = viewsOf(session)
    await viewsOf(session).writer.create('ipSourceGroups', { name: 'before' })
    const stop = new AbortController()
    const creating = session.writer({ signal: stop.signal }).create('ipSourceGroups', { name: 'g' })
    await rig.clock.sleep(1500)
    stop.abort(new RangeError('stopped'))
    await expect(creating).rejects.toThrow('stopped')
    await rig.clock.sleep(2000)
    expect(await reader.find('ipSourceGroups', 'g')).toBeDefined()
  })
})
