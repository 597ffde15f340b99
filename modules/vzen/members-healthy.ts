import { z } from 'zod'

import { defineModule, sh, type Answered, type Change, type CommandLine, type Json, type Member } from '#sdk'

import { isUnanswered } from './unanswered.ts'

/** What one load balancer says of the members it probes. */
export interface View {
  /** The node whose load balancer says it. */
  readonly node: string
  /** Lines about members by their address; none where its load balancer does not run. */
  readonly members: Readonly<Record<string, string>> | undefined
}

/** Shows what the load balancer thinks of the members of the cluster; wants root. */
export const CLUSTERS: CommandLine = sh`/sc/smlb/bin/smmgr -ys show=smlbclusters`

/** What a load balancer’s line says of a member; `unknown` where there is none, or no one word in it that is understood. */
export function parseHealth(line: string | undefined): 'up' | 'down' | 'unknown' {
  // A name may be any word.
  const text = line?.replaceAll(/\bname=\S+/gi, '') ?? ''
  const isUp = /\b(?:up|healthy|active|alive)\b/i.test(text)
  const isDown = /\b(?:down|unhealthy|inactive|dead)\b/i.test(text)
  if (isUp === isDown) return 'unknown'
  return isUp ? 'up' : 'down'
}

/** Reads what the load balancer of a node says of the members. */
export function parseView(node: string, { code, output }: Answered): View {
  if (code !== 0) return { node, members: undefined }
  const lines = output.split('\n').flatMap((line): readonly (readonly [string, string])[] => {
    const address = /\bserver\s+(\d+(?:\.\d+){3})\b/i.exec(line)?.[1]
    return address === undefined ? [] : [[address, line.trim()]]
  })
  return { node, members: Object.fromEntries(lines) }
}

async function readView({ name, appliance }: Member, signal: AbortSignal): Promise<View> {
  try {
    const ssh = await appliance.ssh({ signal })
    const { shown } = await ssh.query({ shown: CLUSTERS }, { signal, sudo: true })
    return parseView(name, shown)
  } catch (cause) {
    signal.throwIfAborted()
    if (isUnanswered(cause)) return { node: name, members: undefined }
    throw cause
  }
}

/** Checks that the load balancers find every member of the cluster healthy; the firewall rule of step 6 lets them probe. */
export const membersHealthy = defineModule({
  name: 'vzen/members-healthy',
  summary: 'The load balancers find every member of the cluster healthy',
  connection: 'members',
  params: z.strictObject({
    proxies: z
      .record(z.string(), z.ipv4())
      .meta({ description: 'Proxy IP addresses of the nodes that have to be healthy, by name' }),
    firewallRule: z
      .string()
      .optional()
      .meta({ description: 'Name of the rule that allows the probes, for the message' }),
  }),

  async read({ connection, signal }): Promise<readonly View[]> {
    return Promise.all(connection.map((member) => readView(member, signal)))
  },

  diff(views, { proxies, firewallRule }): readonly Change[] {
    const speaking = views.filter(({ members }) => members !== undefined)
    if (speaking.length === 0) return [{ path: 'load balancers', from: 'none answers', to: 'one at least' }]
    return Object.entries(proxies).flatMap(([node, address]): readonly Change[] => {
      const against = speaking.filter(({ members }) => parseHealth(members?.[address]) !== 'up')
      if (against.length === 0) return []
      const said: Json = against.map(
        ({ node: by, members }) => `${by}: ${members?.[address] ?? 'not a member'}`,
      )
      const isDenied = against.some(({ members }) => /denied|filter/i.test(members?.[address] ?? ''))
      const change = { path: `${node} (${address})`, from: said, to: 'healthy', nodes: [node] }
      const rule =
        firewallRule === undefined
          ? 'the firewall filtering rule'
          : `the firewall filtering rule “${firewallRule}”`
      return [
        isDenied
          ? {
              ...change,
              note: `the probes are denied: ${rule} must allow all proxy, LB and cluster addresses`,
            }
          : change,
      ]
    })
  },

  hint: () =>
    '`runbook deploy --tags firewall,activate` makes the rule that lets the probes pass; a node that does not run fails `runbook verify` by itself',
})
