import { z } from 'zod'

import {
  AuthError,
  ConnectError,
  defineModule,
  TimeoutError,
  type Change,
  type Member,
  type Standing,
} from '#sdk'

import { AUTHENTICATION, parseAuthentication } from './authentication.ts'
import { INTERFACES, parseRole } from './carp.ts'
import { CONNECTION, parseConnection } from './connection.ts'
import { DUMP_CONFIG, isAddressed } from './dump-config.ts'
import { isUnknownKey } from './host-key.ts'
import { judgeMembers, type Seen } from './judge-members.ts'
import { CLUSTERS, parseView } from './members-healthy.ts'
import { parseStatus, STATUS } from './services.ts'
import { isUnasked } from './unanswered.ts'

const QUESTIONS = {
  ...CONNECTION,
  status: STATUS,
  authentication: AUTHENTICATION,
  interfaces: INTERFACES,
  clusters: CLUSTERS,
  config: DUMP_CONFIG,
} as const

/** Seconds for all the questions together: some of them look on for a while, and a busy appliance is slow. */
const SECONDS = 300

interface Looking {
  readonly address: string | undefined
  readonly signal: AbortSignal
}

async function see(member: Member, { address, signal }: Looking): Promise<Seen> {
  const { name: node, appliance } = member
  try {
    const ssh = await appliance.ssh({ signal })
    const said = await ssh.query(QUESTIONS, { signal, sudo: true, timeout: SECONDS })
    return {
      node,
      kind: 'answers',
      services: parseStatus(said.status.output),
      authentication: parseAuthentication(said.authentication),
      connection: parseConnection(said),
      role: address === undefined ? 'absent' : parseRole(node, said.interfaces, address).role,
      view: parseView(node, said.clusters),
      addressed: isAddressed(said.config.output),
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof AuthError) return { node, kind: 'silent', why: cause.message }
    // One that hangs must not hide how the others stand.
    if (cause instanceof TimeoutError) return seePower(member, { signal, why: cause.message })
    if (!(cause instanceof ConnectError)) throw cause
    // Whoever shows a host key has a network, whatever is still noted of it here.
    if (appliance.isNew() && cause.kind !== 'host-key')
      return { node, kind: 'none', why: 'its network is not configured yet' }
    return seePower(member, { signal, why: whyOf(cause, member) })
  }
}

/** Why a node cannot be asked. One that this run is not limited to is asked all the same, and has shown its key to nobody here. */
function whyOf(cause: ConnectError, { name, appliance }: Member): string {
  const { message } = cause
  if (!isUnknownKey(cause, appliance)) return message
  return `${message}: \`runbook deploy --tags host-key --limit ${name}\` reads it on the console of ${name}, whatever else a run is limited to`
}

/** A machine that is off serves nobody; one that is on and does not answer may serve, for all that is known. */
async function seePower(
  { name: node, power }: Member,
  { signal, why }: { readonly signal: AbortSignal; readonly why: string },
): Promise<Seen> {
  try {
    const state = await power({ signal })
    if (state === 'absent') return { node, kind: 'none', why: 'it has no virtual machine' }
    if (state === 'off') return { node, kind: 'none', why: 'its virtual machine is off' }
  } catch (cause) {
    signal.throwIfAborted()
    if (!isUnasked(cause)) throw cause
  }
  return { node, kind: 'silent', why }
}

/**
 * Checks that all of a cluster is healthy: services, authentication, channels to the cloud, one CARP master, and what the load
 * balancers think of each other. Its facts are what a rolling run asks before it interrupts a node.
 */
export const health = defineModule({
  name: 'vzen/health',
  summary: 'The members of the cluster are healthy: services, authentication, connections, one CARP master',
  connection: 'members',
  params: z.strictObject({
    mode: z
      .enum(['cluster', 'standalone'])
      .default('cluster')
      .meta({ description: 'A standalone Virtual Service Edge has no load balancer' }),
    address: z
      .ipv4()
      .optional()
      .meta({ description: 'Cluster IP address; none where an external load balancer distributes' }),
    portGroup: z.string().min(1).meta({ description: 'Port group of the nodes, for the message' }),
    proxies: z.record(z.string(), z.ipv4()).meta({ description: 'Proxy IP addresses of the nodes, by name' }),
    movesLogs: z.boolean().default(false).meta({
      description: 'Whether the log stream is yet to be moved onto port 443, and may be missing until then',
    }),
    among: z.enum(['all', 'serving']).default('all').meta({
      description: 'Whether every node has to be healthy, or nodes that serve nobody yet do not count',
    }),
  }),

  async read({ connection, params, signal }): Promise<readonly Standing[]> {
    const { address } = params
    const seen = await Promise.all(connection.map((member) => see(member, { address, signal })))
    return judgeMembers(seen, params)
  },

  diff(standings, { among }): readonly Change[] {
    return standings
      .filter(({ state }) => state === 'unhealthy' || (state === 'idle' && among === 'all'))
      .map(({ node, state, why }) => ({
        path: node,
        from: state,
        to: 'healthy',
        note: why.join('; '),
        nodes: [node],
      }))
  },

  hint: () =>
    'mend these nodes before anything else is interrupted: `runbook verify` tests each of them and says more; then run the same command again. Where only connections are missing and `standardPort` wants them on 443, `--tags standard-port` moves them',
})
