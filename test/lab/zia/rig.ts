import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, onTestFinished } from 'vitest'

import { openHttp, type Http, type HttpRequest } from '../../../src/connect/zia/http.ts'
import { openZia, type ZiaOptions } from '../../../src/connect/zia/open.ts'
import type { ZiaReader, ZiaSession, ZiaTrace, ZiaWriter } from '../../../src/connect/zia/session.ts'
import { openAuthority, type Authority } from '../../../src/lab/authority.ts'
import { createLabClock, type LabClock } from '../../../src/lab/clock.ts'
import { createLabNetwork, type LabNetwork } from '../../../src/lab/network.ts'
import { createTenant, type LabTenant } from '../../../src/lab/zia/tenant.ts'
import type { ZiaEndpoint } from '../../../src/model/endpoint.ts'
import type { SeedTenant } from '../../../src/model/lab-seed.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { createDocumentStore, type DocumentStore } from '../../../src/state/document-store.ts'

export const PASSWORD = 'canary-password-5c1d'
export const API_KEY = 'canaryKey7Qx'
export const CLIENT_SECRET = 'canary-client-secret-93ab'

export const LEGACY: ZiaEndpoint['login'] = {
  kind: 'legacy',
  username: 'api@acme.example',
  password: documentedSecret(PASSWORD),
  apiKey: documentedSecret(API_KEY),
}

export const ONEAPI: ZiaEndpoint['login'] = {
  kind: 'oneapi',
  vanity: 'acme',
  clientId: 'client-1',
  clientSecret: documentedSecret(CLIENT_SECRET),
}

/** A tenant of the lab with everything around it; all of it ends with the test. */
export interface Rig {
  readonly tenant: LabTenant
  readonly endpoint: ZiaEndpoint
  readonly network: LabNetwork
  readonly clock: LabClock
  readonly store: DocumentStore
  readonly authority: Authority
  readonly seed: SeedTenant
  /** Signs in; the session ends with the test. */
  open(options?: Partial<ZiaOptions> & { readonly endpoint?: ZiaEndpoint }): Promise<ZiaSession>
  /** A raw request with whatever headers, past the client. */
  raw(request: RawRequest): Promise<RawAnswer>
  /** Closes the tenant and opens it again from what is on disk, as a new process would, on another clock where one is given. */
  reopen(options?: { readonly clock?: LabClock }): Promise<LabTenant>
}

export interface RawRequest {
  readonly method?: HttpRequest['method']
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: unknown
  readonly text: string
}

export async function createRig(
  options: {
    readonly login?: ZiaEndpoint['login']
    readonly scale?: number
    readonly seed?: Partial<SeedTenant>
  } = {},
): Promise<Rig> {
  const { login = LEGACY, scale = 250 } = options
  const folder = await mkdtemp(join(tmpdir(), 'zia-'))
  const store = createDocumentStore({ folder })
  const authority = await sharedAuthority()
  const network = createLabNetwork({ trusted: [authority.pem] })
  const clock = createLabClock(scale)
  const seed: SeedTenant = {
    cloud: 'zscalertwo',
    apiHost: login.kind === 'legacy' ? 'zsapi.zscalertwo.net' : 'api.zsapi.net',
    tokenHost: login.kind === 'legacy' ? undefined : 'acme.zslogin.net',
    login,
    licences: 1000,
    locations: ['Frankfurt'],
    ...options.seed,
  }
  const parts = { store, network, clock, authority }
  let tenant = await createTenant(seed, parts)
  let http: Promise<Http> | undefined
  onTestFinished(async () => {
    await (await http)?.close()
    await tenant.close()
    await network.close()
    await store.settled()
    await rm(folder, { recursive: true, force: true })
  })
  const endpoint: ZiaEndpoint = { cloud: 'zscalertwo', login }
  const rig: Rig = {
    get tenant() {
      return tenant
    },
    endpoint,
    network,
    clock,
    store,
    authority,
    seed,
    async open({ endpoint: other, ...more } = {}) {
      const session = await openZia(other ?? endpoint, {
        network,
        clock,
        signal: new AbortController().signal,
        ...more,
      })
      onTestFinished(() => session.close())
      return session
    },
    async raw(request) {
      http ??= openHttp({ network, signal: new AbortController().signal })
      return sendRaw(await http, { host: seed.apiHost, request })
    },
    async reopen(other = {}) {
      await tenant.close()
      tenant = await createTenant(seed, { ...parts, ...other })
      return tenant
    },
  }
  return rig
}

const homes: string[] = []
let founded: Promise<Authority> | undefined

afterAll(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))))

/** One authority a file: founding one takes longer than most tests. */
function sharedAuthority(): Promise<Authority> {
  founded ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zia-authority-'))
    homes.push(folder)
    return openAuthority(createDocumentStore({ folder }))
  })()
  return founded
}

/** A reader and a writer of a session that nobody stops. */
export function viewsOf(session: ZiaSession): { readonly reader: ZiaReader; readonly writer: ZiaWriter } {
  const use = { signal: new AbortController().signal }
  return { reader: session.reader(use), writer: session.writer(use) }
}

/** Keeps what a session traces. */
export function recorder(): { readonly lines: string[]; readonly trace: ZiaTrace } {
  const lines: string[] = []
  return { lines, trace: (level, text) => void lines.push(`${level} ${text}`) }
}

async function sendRaw(
  http: Http,
  { host, request }: { readonly host: string; readonly request: RawRequest },
) {
  const { body } = request
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const method = request.method ?? 'GET'
  const { signal } = new AbortController()
  const answer = await http.send(
    { method, url: `https://${host}${request.path}`, headers: request.headers ?? {}, body: text },
    { signal },
  )
  return { ...answer, json: parse(answer.text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
