import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { openAuthority } from '../../src/lab/authority.ts'
import type { LabNetwork } from '../../src/lab/network.ts'
import type { TenantState } from '../../src/lab/zia/state.ts'
import { createTenant, type LabTenant } from '../../src/lab/zia/tenant.ts'
import type { Clock } from '../../src/model/clock.ts'
import { documentedSecret } from '../../src/model/secret.ts'
import type { Document, DocumentStore } from '../../src/state/document-store.ts'

/** How much faster than the wall's the clocks of a tenant and of its visitors run. */
const SCALE = 20

/** What visitors sign in with; their inventories refer to it by these names. */
export const CREDENTIALS = { ZIA_PASSWORD: 'not-a-real-password', ZIA_API_KEY: 'a1b2c3d4e5f6' } as const

/** A tenant that listens on a port of this machine, for the processes of visitors. */
export interface OuterTenant extends AsyncDisposable {
  readonly tenant: LabTenant
  readonly apiUrl: string
  /** The root certificate of its server, as PEM. */
  readonly root: string
  /** Lets so many milliseconds pass for the tenant. */
  pass(ms: number): void
  /** What is configured, without ids and times. */
  describe(): unknown
}

/**
 * Lets a process live as much faster as the tenant does: its waits are shorter, and it believes that they were not. Its clock
 * is as many milliseconds ahead as `AHEAD` says in its environment.
 */
export const HASTE = `--import=data:text/javascript,${encodeURIComponent(`
import timers from 'node:timers/promises'
import { syncBuiltinESMExports } from 'node:module'
const { setTimeout: wait } = timers
const { now } = Date
const start = now() + Number(process.env.AHEAD ?? 0)
const begun = now()
timers.setTimeout = (ms, ...rest) => wait(ms / ${SCALE}, ...rest)
Date.now = () => Math.floor(start + (now() - begun) * ${SCALE})
syncBuiltinESMExports()`)}`

/** Opens a tenant with these locations. */
export async function openOuterTenant(locations: readonly string[]): Promise<OuterTenant> {
  const documents = new Map<string, Document<unknown>>()
  const store = createMemoryStore(documents)
  const authority = await openAuthority(store)
  const listening = createPort()
  const clock = createHastyClock()
  const tenant = await createTenant(
    {
      cloud: 'zscalertwo',
      apiHost: '127.0.0.1',
      login: {
        kind: 'legacy',
        username: 'me',
        password: documentedSecret(CREDENTIALS.ZIA_PASSWORD),
        apiKey: documentedSecret(CREDENTIALS.ZIA_API_KEY),
      },
      licences: 100,
      locations,
    },
    { store, network: listening.network, clock, authority },
  )
  return {
    tenant,
    apiUrl: `https://127.0.0.1:${listening.port()}/api/v1`,
    root: authority.pem,
    pass(ms) {
      clock.pass(ms)
      // Sessions lapse when somebody looks.
      tenant.view.allows([])
    },
    describe: () => describeState(documents.get('zia/127.0.0.1')?.value as TenantState),
    async [Symbol.asyncDispose]() {
      await tenant.close()
    },
  }
}

function createHastyClock(): Clock & { pass(ms: number): void } {
  const begun = Date.now()
  let start = begun
  return {
    pass: (ms) => void (start += ms),
    now: () => Math.floor(start + (Date.now() - begun) * SCALE),
    async sleep(ms, { signal } = {}) {
      await delay(ms / SCALE, undefined, signal === undefined ? {} : { signal })
    },
  }
}

/** A network of which one port is open to everybody on this machine. */
function createPort(): { readonly network: LabNetwork; readonly port: () => number } {
  let port = 0
  const network: LabNetwork = {
    trusted: [],
    isTaken: () => port > 0,
    dial: () => Promise.reject(new TypeError('nobody dials out of a tenant')),
    async listen(_, accept) {
      const open = new Set<Socket>()
      const server = createServer({ noDelay: true }, (socket) => {
        open.add(socket)
        socket.once('close', () => open.delete(socket))
        socket.on('error', () => socket.destroy())
        accept(socket)
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      port = (server.address() as AddressInfo).port
      return {
        async close() {
          for (const socket of open) socket.destroy()
          server.close()
          await once(server, 'close')
        },
      }
    },
    close: () => Promise.resolve(),
  }
  return { network, port: () => port }
}

function createMemoryStore(documents: Map<string, Document<unknown>>): DocumentStore {
  return {
    open<T>(name: string, initial: () => T) {
      const known = documents.get(name) ?? { value: initial(), save: () => Promise.resolve() }
      documents.set(name, known)
      return Promise.resolve(known as Document<T>)
    },
    remove: () => Promise.resolve(),
    settled: () => Promise.resolve(),
  }
}

const OF_THE_MOMENT = /^(id|zgatewayId|lastModified\w*)$/

/** What is staged, as text, so that every reference is a name; and whether all of it is active. */
function describeState({ staged, committed, pending }: TenantState): unknown {
  const names = new Map(
    Object.values(staged).flatMap((objects) => objects.map(({ id, name }) => [id, name] as const)),
  )
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).filter(([key]) => !OF_THE_MOMENT.test(key))
    const { id } = value as { readonly id?: number }
    const isReference = id !== undefined && !('name' in value && entries.length > 1)
    return isReference && names.has(id)
      ? names.get(id)
      : Object.fromEntries(entries.map(([key, one]) => [key, plain(one)]))
  }
  const sorted = (configuration: TenantState['staged']): unknown =>
    Object.fromEntries(
      Object.entries(configuration).map(([kind, objects]) => [
        kind,
        objects
          .map(plain)
          .map((one) => JSON.stringify(one))
          .toSorted(),
      ]),
    )
  return { staged: sorted(staged), isActive: !pending, committed: sorted(committed) }
}
