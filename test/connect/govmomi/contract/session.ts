import { expect } from 'vitest'

import { createClient } from '../../../../src/connect/govmomi/client.ts'
import { createHttpClient } from '../../../../src/connect/govmomi/http.ts'
import { createPropertyReader } from '../../../../src/connect/govmomi/property.ts'
import { createSoapClient } from '../../../../src/connect/govmomi/soap-client.ts'
import { parseThumbprint } from '../../../../src/connect/govmomi/thumbprint.ts'
import type { Behaviour } from './behaviour.ts'
import type { Kit } from './kit.ts'

const SERVICE = { type: 'ServiceInstance', value: 'ServiceInstance' } as const

/** A client that logs in only when it is told to, and never again by itself. */
function openClient({ server: { endpoint, network } }: Kit) {
  const { host, port, thumbprint } = endpoint
  const http = createHttpClient(
    { host, port },
    {
      dial: (address, options) => network.dial(address, options),
      trust: {
        trusted: network.trusted,
        thumbprint: thumbprint === undefined ? undefined : parseThumbprint(thumbprint),
      },
    },
  )
  return { client: createClient(createSoapClient(http)), [Symbol.dispose]: () => http.close() }
}

/** Logging in and out, and what is there without it. */
export const sessionBehaviours: readonly Behaviour[] = [
  {
    title: 'says what it is to anybody, and nothing else',
    async run(kit) {
      using opened = openClient(kit)
      const { client } = opened
      const { signal } = kit
      const content = await client.call('RetrieveServiceContent', { self: SERVICE, args: {}, signal })
      expect(content.about.apiType).toBe(kit.server.kind === 'esxi' ? 'HostAgent' : 'VirtualCenter')
      expect(content.about.apiVersion).toMatch(/^\d+\.\d+/)
      await expect(client.call('CurrentTime', { self: SERVICE, args: {}, signal })).rejects.toMatchObject({
        fault: { type: 'NotAuthenticated' },
      })
    },
  },
  {
    title: 'shows no property to who has not logged in, and says why',
    async run(kit) {
      using opened = openClient(kit)
      const { signal } = kit
      const [{ ref }] = await kit.hosts()
      const collector = kit.session.content.propertyCollector
      const properties = createPropertyReader(opened.client, { collector, signal })
      await expect(properties.get('HostSystem', ref, ['name'])).rejects.toMatchObject({
        fault: { type: 'NotAuthenticated' },
      })
    },
  },
  {
    title: 'refuses a wrong password',
    async run(kit) {
      await expect(kit.openSession({ password: 'wrong' })).rejects.toMatchObject({
        code: 'login',
        fault: { type: 'InvalidLogin' },
      })
    },
  },
  {
    title: 'knows nobody any more who has logged out',
    async run(kit) {
      using opened = openClient(kit)
      const { client } = opened
      const { signal } = kit
      const { username, password } = kit.server.endpoint
      const self = kit.session.content.sessionManager
      if (self === undefined) throw new Error('no session manager')
      const args = { userName: username, password: password.reveal(), locale: 'en_US' }
      const user = await client.call('Login', { self, args, signal })
      expect(user.userName).toBe(username)
      expect(
        Date.parse(await client.call('CurrentTime', { self: SERVICE, args: {}, signal })),
      ).toBeGreaterThan(0)
      await client.call('Logout', { self, args: {}, signal })
      await expect(client.call('CurrentTime', { self: SERVICE, args: {}, signal })).rejects.toMatchObject({
        fault: { type: 'NotAuthenticated' },
      })
    },
  },
  {
    title: 'lets somebody log out who still has a collector, and goes on for everybody else',
    async run(kit) {
      using opened = openClient(kit)
      const { client } = opened
      const signal = AbortSignal.timeout(10_000)
      const { username, password } = kit.server.endpoint
      const { sessionManager: self, propertyCollector: collector } = kit.session.content
      const [{ advancedOption: options }] = await kit.hosts()
      if (self === undefined || options === undefined) throw new Error('no session manager, or no options')
      const login = { userName: username, password: password.reveal(), locale: 'en_US' }
      await client.call('Login', { self, args: login, signal })
      const name = 'UserVars.SuppressShellWarning'
      await client.call('QueryOptions', { self: options, args: { name }, signal }).catch(() => [])
      await client.call('CreatePropertyCollector', { self: collector, args: {}, signal })
      await client.call('Logout', { self, args: {}, signal })
      const others = await kit.session.call('CurrentTime', { self: SERVICE, args: {}, signal })
      expect(Date.parse(others)).toBeGreaterThan(0)
    },
  },
  {
    title: 'lets a client go on that logs in again after its session has ended',
    async run(kit) {
      const session = await kit.openSession()
      try {
        const { signal } = kit
        expect(session.logins()).toBe(1)
        await kit.server.endSessions()
        const time = await session.call('CurrentTime', { self: SERVICE, args: {}, signal })
        expect(Date.parse(time)).toBeGreaterThan(0)
        expect(session.logins()).toBe(2)
        await kit.server.endSessions()
        const collector = session.content.propertyCollector
        const properties = createPropertyReader(session, { collector, signal })
        const { name } = await properties.get('Folder', session.content.rootFolder, ['name'])
        expect(name).not.toBe('')
        expect(session.logins()).toBe(3)
      } finally {
        await session.close()
      }
    },
  },
  {
    title: 'has another certificate than the one that is pinned by mistake',
    async run(kit) {
      const thumbprint = Array.from({ length: 32 }, () => 'AB').join(':')
      await expect(kit.openSession({ thumbprint })).rejects.toMatchObject({ code: 'tls' })
    },
  },
]
