import { z } from 'zod'

import { defineModule, RunbookError, type Change, type Pending, type ZiaObjects, type ZiaReader } from '#sdk'

import type { Facts } from './preflight/facts.ts'
import { diffTenant, noteTenant } from './preflight/findings.ts'
import { selectLicences } from './preflight/licences.ts'
import { countOwn, roomOf } from './preflight/rule-room.ts'

/** What is not allowed to be read is told as such. */
const UNKNOWN: Pending = { status: 'ACTIVE', whose: 'nothing', isRefused: false, words: '' }

const NOUNS = {
  virtualZenNodes: 'Virtual Service Edges',
  virtualZenClusters: 'Virtual Service Edge clusters',
  locations: 'locations',
  firewallFilteringRules: 'firewall filtering rules',
  ipSourceGroups: 'IP source groups',
} as const

type Objects = { readonly [K in keyof ZiaObjects]: readonly ZiaObjects[K][] }

interface Reading {
  readonly connection: ZiaReader
  readonly unreadable: { what: string; why: string }[]
}

/** What ZIA says of something; undefined, and a finding, where it refuses to. */
async function tryRead<T>(
  { unreadable }: Reading,
  what: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    // Only a refusal is a finding about rights; what broke, or cannot be reached, is an error.
    if (!(error instanceof RunbookError) || error.code !== 'ZIA') throw error
    unreadable.push({
      what,
      why: error.hint === undefined ? error.message : `${error.message}; ${error.hint}`,
    })
    return undefined
  }
}

async function readObjects(reading: Reading): Promise<Objects> {
  const { connection } = reading
  const list = async <K extends keyof ZiaObjects>(kind: K): Promise<readonly ZiaObjects[K][]> =>
    (await tryRead(reading, NOUNS[kind], () => connection.list(kind))) ?? []
  const [virtualZenNodes, virtualZenClusters, locations, firewallFilteringRules, ipSourceGroups] =
    await Promise.all([
      list('virtualZenNodes'),
      list('virtualZenClusters'),
      list('locations'),
      list('firewallFilteringRules'),
      list('ipSourceGroups'),
    ])
  return { virtualZenNodes, virtualZenClusters, locations, firewallFilteringRules, ipSourceGroups }
}

/** A field that the client does not know by name. */
const fieldOf = (object: object, key: string): unknown =>
  new Map<string, unknown>(Object.entries(object)).get(key)

/** What the rules say of the user's rights; null where they say nothing. */
function mayWrite(rules: readonly object[]): boolean | null {
  const said = rules.flatMap((rule) => {
    const access = fieldOf(rule, 'accessControl')
    return typeof access === 'string' ? [access] : []
  })
  return said.length === 0 ? null : said.includes('READ_WRITE')
}

/**
 * Looks whether the tenant can take what a deployment is about to make, and reports all that is in the way at once. It reads the
 * lists that the steps after it read anyway.
 */
export const preflight = defineModule({
  name: 'zia/preflight',
  summary: 'ZIA has licences, rights and room for everything that is about to be made',
  connection: 'zia',
  params: z.strictObject({
    nodes: z.array(z.string()).min(1).meta({ description: 'Names of all instances of the inventory' }),
    clustered: z
      .array(z.string())
      .default([])
      .meta({ description: 'Those of them that are nodes of a cluster' }),
    rules: z.array(z.string()).default([]).meta({ description: 'Names of all its firewall filtering rules' }),
  }),

  async read({ connection, params, clock, warn }): Promise<Facts> {
    const reading: Reading = { connection, unreadable: [] }
    const [objects, subscriptions, pending] = await Promise.all([
      readObjects(reading),
      tryRead(reading, 'subscriptions', () => connection.subscriptions()),
      tryRead(reading, 'the activation status', () => connection.pendingLately()),
    ])
    const { virtualZenNodes, firewallFilteringRules } = objects
    const others = virtualZenNodes.filter(({ name }) => !params.nodes.includes(name)).length
    const names = new Set(firewallFilteringRules.map(({ name }) => name))
    const api = subscriptions?.find(({ id }) => id === 'Z_API')
    const facts: Facts = {
      unreadable: reading.unreadable,
      licences:
        subscriptions === undefined ? null : selectLicences(subscriptions, { now: clock.now(), others }),
      api: api === undefined ? null : api.subscribed === true,
      rules: {
        there: countOwn(firewallFilteringRules),
        room: subscriptions === undefined ? null : roomOf(subscriptions),
        missing: params.rules.filter((name) => !names.has(name)),
      },
      mayWrite: mayWrite(firewallFilteringRules),
      isReadOnly: connection.isReadOnly(),
      sizes: virtualZenNodes.flatMap((node) => {
        const size = fieldOf(node, 'vzenSkuType')
        const isSmall = typeof size === 'string' && size !== '' && size !== 'LARGE'
        return isSmall && params.clustered.includes(node.name) ? [{ name: node.name, size }] : []
      }),
      pending: pending ?? UNKNOWN,
      aheadSeconds: connection.clockAhead() ?? null,
    }
    for (const note of noteTenant(facts)) warn(note)
    return facts
  },

  diff: (facts, params): readonly Change[] => diffTenant(facts, params),

  hint: () => 'mend each of them, then look again: `runbook preflight` changes nothing',
})
