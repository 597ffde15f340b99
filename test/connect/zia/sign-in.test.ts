import { inspect } from 'node:util'

import { describe, expect, test } from 'vitest'

import { AuthError, ConnectError } from '../../../src/model/error.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import {
  API_KEY,
  CLIENT_SECRET,
  createRig,
  LEGACY,
  ONEAPI,
  PASSWORD,
  recorder,
  viewsOf,
} from '../../lab/zia/rig.ts'

describe('openZia', () => {
  test.each([
    ['a legacy session', LEGACY],
    ['an OneAPI token', ONEAPI],
  ])('signs in with %s', async (_, login) => {
    const rig = await createRig({ login })
    const { reader } = viewsOf(await rig.open())
    expect(await reader.status()).toBe('ACTIVE')
    expect(rig.tenant.mutations).toBe(0)
  })

  test.each([
    ['password', { ...LEGACY, password: documentedSecret('wrong') }],
    ['API key', { ...LEGACY, apiKey: documentedSecret('wrongWRONG12') }],
    ['client secret', { ...ONEAPI, clientSecret: documentedSecret('wrong') }],
  ])('refuses a wrong %s with an AuthError that says where it came from', async (_, login) => {
    const rig = await createRig({ login: login.kind === 'legacy' ? LEGACY : ONEAPI })
    const opening = rig.open({ endpoint: { cloud: 'zscalertwo', login } })
    await expect(opening).rejects.toThrow(AuthError)
    await expect(opening).rejects.toMatchObject({
      hint: expect.stringContaining('the vendor’s documentation'),
    })
  })

  test('says that nothing is there where nothing listens', async () => {
    const rig = await createRig()
    const opening = rig.open({ endpoint: { ...rig.endpoint, cloud: 'zscalerthree' } })
    await expect(opening).rejects.toMatchObject({ code: 'CONNECT', kind: 'no-route' })
  })

  test('trusts no certificate that the network does not vouch for', async () => {
    const rig = await createRig()
    const network = { ...rig.network, trusted: [] }
    const opening = rig.open({ network })
    await expect(opening).rejects.toThrow(ConnectError)
    await expect(opening).rejects.toMatchObject({ kind: 'tls' })
  })

  test('trusts no certificate that is for another name', async () => {
    const rig = await createRig()
    const network = {
      trusted: rig.network.trusted,
      dial: (_: unknown, options: { readonly signal: AbortSignal }) =>
        rig.network.dial({ host: rig.seed.apiHost, port: 443 }, options),
    }
    const opening = rig.open({ network, endpoint: { ...rig.endpoint, cloud: 'zscalerthree' } })
    await expect(opening).rejects.toMatchObject({ kind: 'tls' })
  })

  test.each([
    ['a legacy session', LEGACY],
    ['an OneAPI token', ONEAPI],
  ])('signs in again when %s expires in the middle of a run', async (_, login) => {
    const rig = await createRig({ login })
    const { reader, writer } = viewsOf(await rig.open())
    rig.tenant.faults.inject('session-expiry')
    expect(await reader.status()).toBe('ACTIVE')
    rig.tenant.faults.inject('session-expiry')
    const made = await writer.create('ipSourceGroups', { name: 'g', ipAddresses: ['10.0.0.1'] })
    expect(made.name).toBe('g')
  })

  test('gives up on a server that refuses every new session, too', async () => {
    const rig = await createRig()
    const { reader } = viewsOf(await rig.open())
    rig.tenant.faults.inject('session-expiry', 50)
    await expect(reader.status()).rejects.toThrow(AuthError)
  })

  test('signs in once for many who ask at the same time', async () => {
    const rig = await createRig()
    const { lines, trace } = recorder()
    const { reader } = viewsOf(await rig.open({ trace }))
    rig.tenant.faults.inject('session-expiry')
    await Promise.all([reader.status(), reader.subscriptions(), reader.list('locations')])
    expect(lines.filter((line) => line === '1 POST /authenticatedSession').length).toBe(2)
  })

  test('[rec] replaces an OneAPI token before it expires, whatever its life', async () => {
    const rig = await createRig({ login: ONEAPI, scale: 20_000 })
    const { lines, trace } = recorder()
    const { reader } = viewsOf(await rig.open({ trace }))
    await rig.clock.sleep(3_600_000)
    await reader.status()
    expect(lines.filter((line) => line === '1 the OneAPI sign-in')).toHaveLength(2)
    expect(lines.some((line) => line.includes(': 401'))).toBe(false)
  })

  test('keeps a legacy session alive while a person downloads certificates', async () => {
    const rig = await createRig({ scale: 600 })
    const { lines, trace } = recorder()
    const { reader, writer } = viewsOf(await rig.open({ trace }))
    await writer.create('ipSourceGroups', { name: 'g', ipAddresses: ['10.0.0.1'] })
    await rig.clock.sleep(900_000)
    expect(await reader.status()).toBe('PENDING')
    expect(lines.filter((line) => line === '1 POST /authenticatedSession')).toHaveLength(1)
  })

  test('logs out after its edits were activated, and leaves a session with staged edits to lapse', async () => {
    const rig = await createRig()
    const first = recorder()
    const undone = await rig.open({ trace: first.trace })
    await viewsOf(undone).writer.create('ipSourceGroups', { name: 'g' })
    await undone.close()
    expect(first.lines).not.toContain('1 DELETE /authenticatedSession')
    expect(rig.tenant.status()['activation']).toBe('PENDING')

    const second = recorder()
    const done = await rig.open({ trace: second.trace, endpoint: { ...rig.endpoint, others: 'include' } })
    const { writer } = viewsOf(done)
    await writer.create('ipSourceGroups', { name: 'h' })
    await writer.activate()
    await done.close()
    expect(second.lines).toContain('1 DELETE /authenticatedSession')
  })

  test('never traces or throws a credential', async () => {
    for (const login of [LEGACY, ONEAPI]) {
      const rig = await createRig({ login })
      const { lines, trace } = recorder()
      const session = await rig.open({ trace })
      const { writer, reader } = viewsOf(session)
      rig.tenant.faults.inject('session-expiry')
      await writer.create('ipSourceGroups', { name: 'g' })
      rig.tenant.faults.inject('server-error', 9)
      const error = await reader.status().catch((cause: unknown) => cause)
      const all = [lines.join('\n'), inspect(error, { depth: 9 }), inspect(session, { depth: 9 })].join('\n')
      for (const canary of [PASSWORD, API_KEY, CLIENT_SECRET, 'JSESSIONID', 'Bearer', 'access_token']) {
        expect(all).not.toContain(canary)
      }
    }
  })

  test('stops at once when the run is stopped', async () => {
    const rig = await createRig({ scale: 1 })
    const stop = new AbortController()
    const session = await rig.open({ signal: stop.signal })
    const reading = viewsOf(session).reader.list('virtualZenNodes')
    stop.abort(new RangeError('stopped'))
    await expect(reading).rejects.toThrow('stopped')
    await session.close()
  })
})
