import type { Standing } from '#sdk'

import { isReady, type AuthenticationFacts } from './authentication.ts'
import { describeSplit, type CarpRole } from './carp.ts'
import type { ConnectionFacts } from './connection.ts'
import { PORTS, STANDARD } from './links.ts'
import { parseHealth, type View } from './members-healthy.ts'
import type { Services } from './services.ts'
import { status } from './status.ts'

/** What an appliance that answers says of itself and of the others. */
export interface Answers {
  readonly kind: 'answers'
  readonly services: Services
  readonly authentication: AuthenticationFacts
  readonly connection: ConnectionFacts
  readonly role: CarpRole
  readonly view: View
  /** Whether the cloud has ever told it the address that it serves at; undefined where that is not certain. */
  readonly addressed: boolean | undefined
}

/** What was seen of one node: nothing runs there, it does not answer and why, or what it says. */
export type Seen = { readonly node: string } & (
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'silent'; readonly why: string }
  | Answers
)

/** What the members of a cluster are judged by. */
export interface Judgement {
  readonly mode: 'cluster' | 'standalone'
  /** Cluster IP address; none where the nodes share none among themselves. */
  readonly address?: string | undefined
  readonly portGroup: string
  /** Proxy IP addresses of the nodes, by name. */
  readonly proxies: Readonly<Record<string, string>>
  /** Whether the log stream is yet to be moved onto port 443, so that it may be missing until then. */
  readonly movesLogs?: boolean | undefined
}

type Answering = Extract<Seen, { readonly kind: 'answers' }>

/** Judges how every member stands, by what it says itself and by what the others say of it. */
export function judgeMembers(seen: readonly Seen[], by: Judgement): readonly Standing[] {
  const answering = seen.filter((one): one is Answering => one.kind === 'answers')
  return seen.map((one): Standing => {
    const { node } = one
    if (one.kind !== 'answers') {
      const servesNobody = one.kind === 'none' || isPassedOver(node, { answering, by })
      return { node, state: servesNobody ? 'idle' : 'unhealthy', leads: false, why: [one.why] }
    }
    const why = [...findWrong(one, by), ...findAmong(one, { answering, by })]
    const leads = one.role === 'MASTER'
    if (isIdle(one, { answering, by })) return { node, state: 'idle', leads, why }
    return { node, state: why.length === 0 ? 'healthy' : 'unhealthy', leads, why }
  })
}

interface Among {
  readonly answering: readonly Answering[]
  readonly by: Judgement
}

/** What a node says of itself. On which of its ports it reaches the cloud does not matter: it may be about to change. */
function findWrong(
  { services, authentication: auth, connection }: Answers,
  { mode, movesLogs = false }: Judgement,
): readonly string[] {
  const isConnected = connection.ports.some((port) => port === PORTS.ca || port === STANDARD)
  const channels = { 'cloud config': connection.cloudConfig, 'log stream': connection.logStream }
  return [
    ...status.uses
      .diff(services, { mode })
      .map(({ path }) => `${path} is ${services[path as keyof Services]}`),
    ...(isReady(auth) ? [] : [`its authentication is ${auth.state}`]),
    ...(isConnected ? [] : [`no connection to the cloud is established on ${PORTS.ca} or ${STANDARD}`]),
    ...Object.entries(channels)
      .filter(
        ([name, state]) =>
          state !== 'Stable' && !(movesLogs && name === 'log stream' && state === 'Not present'),
      )
      .map(([name, state]) => `its ${name} is ${state}`),
  ]
}

/** What only all of them together tell. */
function findAmong({ node, role, services }: Answering, { answering, by }: Among): readonly string[] {
  const { address, portGroup, proxies } = by
  if (address === undefined) return []
  const masters = answering.filter((one) => one.role === 'MASTER').map((one) => one.node)
  const against = answering.filter(
    ({ view }) => view.members !== undefined && parseHealth(view.members[proxies[node] ?? '']) !== 'up',
  )
  const isSplit = masters.length > 1 && role === 'MASTER'
  const takesPart = services.LB === 'running'
  return [
    ...(isSplit ? [describeSplit(masters, { address, portGroup })] : []),
    ...(takesPart && masters.length === 0 ? [`no node answers for ${address}`] : []),
    ...(takesPart && role === 'INIT' ? ['its load balancer is no member of the group yet'] : []),
    ...(against.length === 0
      ? []
      : [`found unhealthy by the load balancer of ${against.map((one) => one.node).join(' and ')}`]),
  ]
}

/**
 * Whether it certainly serves nobody: neither its proxy nor its load balancer runs; or the cloud has never told it an address
 * and has not let it in, whatever sockets it holds, as behind a firewall that drops; or the cloud certainly has not let it in,
 * and the load balancer that leads sends it nothing. A cloud that was lost is not enough: an appliance goes on with what it
 * knows. Nor is anything that is not understood.
 */
function isIdle(one: Answering, { answering, by }: Among): boolean {
  const { node, services, role, addressed } = one
  const isDown = (state: Services['SME']): boolean => state === 'stopped' || state === 'not installed'
  if (isDown(services.SME) && isDown(services.LB)) return true
  if (role === 'MASTER') return false
  if (addressed === false && !isReady(one.authentication)) return true
  return isOut(one) && isPassedOver(node, { answering, by })
}

/** Whether it says itself, in words that are known, that the cloud has not let it in. */
function isOut({ authentication: auth, connection: { cloudConfig, ports } }: Answers): boolean {
  const isRefused = auth.state !== 'unknown' && !isReady(auth)
  return isRefused && cloudConfig === 'Not present' && ports.length === 0
}

/**
 * Whether it is certainly given no traffic, which may be all that is known of one that does not answer: the load balancer
 * that leads finds it down, in a word that is known, and no other one finds it up.
 */
function isPassedOver(node: string, { answering, by }: Among): boolean {
  const healthBy = ({ view }: Answering) => parseHealth(view.members?.[by.proxies[node] ?? ''])
  const leading = answering.filter(({ role }) => role === 'MASTER')
  return (
    by.address !== undefined &&
    leading.length > 0 &&
    leading.every((one) => healthBy(one) === 'down') &&
    answering.every((one) => healthBy(one) !== 'up')
  )
}
