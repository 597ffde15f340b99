import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll } from 'vitest'

import { untilAborted } from '../../../src/connect/deadline.ts'
import { LostAnswerError } from '../../../src/connect/zia/error.ts'
import type { Http, HttpRequest } from '../../../src/connect/zia/http.ts'
import { openZia } from '../../../src/connect/zia/open.ts'
import type { Staged, StagedMark } from '../../../src/connect/zia/pending.ts'
import type { ZiaSession, ZiaTrace } from '../../../src/connect/zia/session.ts'
import { openAuthority, type Authority } from '../../../src/lab/authority.ts'
import { createLabNetwork } from '../../../src/lab/network.ts'
import { createTenant, type LabTenant } from '../../../src/lab/zia/tenant.ts'
import type { Clock } from '../../../src/model/clock.ts'
import type { SeedTenant } from '../../../src/model/lab-seed.ts'
import { createDocumentStore, type DocumentStore } from '../../../src/state/document-store.ts'
import { LEGACY } from '../../lab/zia/rig.ts'
import { createJumpingClock } from '../../support/jumping-clock.ts'

/** The lab's tenant as its API answers, on a clock that jumps: thousands of requests a second, in the same order every time. */
export interface Direct {
  readonly tenant: LabTenant
  readonly clock: Clock
  /** Signs in, as a process of its own would. */
  open(
    this: void,
    options?: {
      readonly signal?: AbortSignal
      readonly trace?: ZiaTrace
      readonly mark?: StagedMark
      /** What becomes of others' pending edits; `refuse` where absent. */
      readonly others?: 'refuse' | 'include'
      /** Told of this session's requests, when they are sent and when they are answered. */
      readonly told?: ((moment: 'sent' | 'answered', request: string) => void) | undefined
      /** Bodies that the server calls invalid, beyond those that the lab's tenant does. */
      readonly dislikes?: ((body: string) => boolean) | undefined
      /** Requests, such as `DELETE /locations/1`, that the server refuses in the same words. */
      readonly refuses?: ((request: string) => boolean) | undefined
    },
  ): Promise<ZiaSession>
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens a tenant. */
export async function openDirect({
  seed: more = {},
}: { readonly seed?: Partial<SeedTenant> } = {}): Promise<Direct> {
  const authority = await sharedAuthority()
  const network = createLabNetwork({ trusted: [authority.pem] })
  const clock = createJumpingClock()
  const seed: SeedTenant = {
    cloud: 'zscalertwo',
    apiHost: 'zsapi.zscalertwo.net',
    login: LEGACY,
    licences: 10_000,
    locations: ['Frankfurt'],
    ...more,
  }
  const tenant = await createTenant(seed, { store: memoryStore(), network, clock, authority })
  // A session that stays open would keep its clock jumping for ever.
  const sessions: ZiaSession[] = []
  return {
    tenant,
    clock,
    async [Symbol.asyncDispose]() {
      await Promise.all(sessions.map((session) => session.close()))
      await tenant.close()
      await network.close()
    },
    async open({ signal = new AbortController().signal, told, dislikes, refuses, others, ...options } = {}) {
      const endpoint = { cloud: seed.cloud, tenant: 'Lab', login: LEGACY, others }
      const http = openDirectHttp(tenant, { told, dislikes, refuses })
      const session = await openZia(endpoint, { network, clock, signal, http, ...options })
      sessions.push(session)
      return session
    },
  }
}

/** A mark that outlives the process which set it, as a file does; `as` is how a run of this selection has it. */
export function createMark(): StagedMark & { as(selection: string): StagedMark } {
  let kept: Staged | undefined
  const mark: StagedMark = {
    read: () => Promise.resolve(kept),
    write: (staged) => {
      kept = staged
      return Promise.resolve()
    },
  }
  return { ...mark, as: (selection) => ({ ...mark, selection }) }
}

type Listening = Pick<NonNullable<Parameters<Direct['open']>[0]>, 'told' | 'dislikes' | 'refuses'>

function openDirectHttp(
  tenant: LabTenant,
  { told = () => {}, dislikes = () => false, refuses = () => false }: Listening,
): Http {
  return {
    async send(request, { signal }) {
      signal.throwIfAborted()
      const incoming = parse(request)
      const name = `${incoming.method} ${incoming.path.replace('/api/v1', '')}`
      told('sent', name)
      if (dislikes(incoming.text) || refuses(name))
        return { status: 400, headers: {}, text: '{"message":"Request body is invalid."}' }
      const reply = await untilAborted(tenant.answer(incoming), signal)
      told('answered', name)
      if (reply === 'cut') throw new LostAnswerError('reset', `${request.method} was cut off`)
      const text = typeof reply.body === 'string' ? reply.body : (JSON.stringify(reply.body) ?? '')
      return { status: reply.status, headers: { 'x-transaction-id': 'direct', ...reply.headers }, text }
    },
    close: () => Promise.resolve(),
  }
}

function parse({ method, url, headers, body }: HttpRequest) {
  const { host, pathname, searchParams } = new URL(url)
  return { method, host, path: pathname, query: searchParams, headers, text: body ?? '' }
}

function memoryStore(): DocumentStore {
  return {
    open: (_, initial) => Promise.resolve({ value: initial(), save: () => Promise.resolve() }),
    remove: () => Promise.resolve(),
    settled: () => Promise.resolve(),
  }
}

const homes: string[] = []
let founded: Promise<Authority> | undefined

afterAll(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))))

function sharedAuthority(): Promise<Authority> {
  founded ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zia-direct-'))
    homes.push(folder)
    return openAuthority(createDocumentStore({ folder }))
  })()
  return founded
}
