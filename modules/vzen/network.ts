import { z } from 'zod'

import {
  ConnectError,
  defineModule,
  sh,
  type ApplianceReader,
  type ApplianceWriter,
  type Change,
  type Clock,
  type Dialogue,
  type ShellReader,
} from '#sdk'

import { answerList } from './answer-list.ts'
import { planConversation, wordingParam } from './conversation.ts'
import { addressOf, DUMP_CONFIG, parseDumpConfig } from './dump-config.ts'
import { explainMissingKey, isUnknownKey, readHostKey } from './host-key.ts'

/** The management network as the appliance has it. */
interface NetworkFacts {
  /** Whether SSH answers at the planned address, with the host key that belongs to it. */
  readonly reachable: boolean
  /** With the length of the prefix. */
  readonly address: string | undefined
  readonly gateway: string | undefined
  readonly dns: readonly string[]
  readonly hostname: string | undefined
}

const params = z.strictObject({
  address: z.cidrv4().meta({ description: 'Management IP address with the length of its prefix' }),
  gateway: z.ipv4().meta({ description: 'Default gateway of the management address' }),
  dns: z
    .array(z.ipv4())
    .min(1)
    .meta({ description: 'DNS servers; they resolve the cloud and proxied names' }),
  hostname: z.string().min(1).meta({ description: 'Hostname of the appliance' }),
  ...wordingParam,
})

type Params = z.output<typeof params>

const UNREACHABLE = ['no-route', 'timeout', 'refused', 'absent']

/** Length of the prefix of a mask such as `0xffffff00`. */
function prefixOf(mask: string): number {
  return Number.parseInt(mask, 16)
    .toString(2)
    .split('')
    .filter((bit) => bit === '1').length
}

/** Reads what is configured from whichever shell there is. */
async function readConfigured(
  shell: ShellReader,
  signal: AbortSignal,
): Promise<Omit<NetworkFacts, 'reachable'>> {
  const { config, interfaces, hostname } = await shell.query(
    { hostname: sh`hostname`, interfaces: sh`ifconfig em0 | grep inet`, config: DUMP_CONFIG },
    { signal, sudo: true },
  )
  const { dns, management, managementGateway } = parseDumpConfig(config.output)
  const [, ip, mask] = /inet (\d+(?:\.\d+){3}) netmask (0x[0-9a-f]{8})/i.exec(interfaces.output) ?? []
  // What the interface has counts; what is configured says it where the interface is no em0.
  const address = ip !== undefined && mask !== undefined ? `${ip}/${prefixOf(mask)}` : management
  return {
    address,
    gateway: managementGateway,
    dns,
    hostname: hostname.code === 0 ? hostname.output.trim() : undefined,
  }
}

/** SSH is not there yet, or shows a key that nobody has read on the console yet. */
function isBeforeNetwork(cause: unknown, connection: ApplianceReader): boolean {
  if (!(cause instanceof ConnectError)) return false
  return UNREACHABLE.includes(cause.kind) || isUnknownKey(cause, connection)
}

/** Length of a prefix as a dotted mask, for builds that ask for it apart. */
function renderMask(prefix: number): string {
  const bits = '1'.repeat(prefix).padEnd(32, '0')
  return [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.')
}

function planNetworkDialogue({ address: cidr, gateway, dns, hostname, wording }: Params): Dialogue {
  const [address = '', prefix = ''] = cidr.split('/')
  const values = { cidr, address, prefix, netmask: renderMask(Number(prefix)), gateway, hostname }
  return planConversation({
    command: 'configure-network',
    wording,
    values,
    answers: answerList('DNS server', dns),
  })
}

/** Reads the host key on the console and makes it the one that is expected; false where there is none yet. */
async function announceHostKey(
  connection: ApplianceWriter,
  { console, ...use }: { readonly console: ShellReader; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  const fingerprint = await readHostKey(console, use)
  if (fingerprint === undefined) return false
  await connection.announce(fingerprint)
  return true
}

/** Whether SSH lets us in. Throws where it shows a key that nothing vouches for, which no network changes. */
async function isReachable(connection: ApplianceReader, signal: AbortSignal): Promise<boolean> {
  try {
    await connection.ssh({ signal })
    return true
  } catch (cause) {
    if (isUnknownKey(cause, connection)) throw explainMissingKey(connection, cause)
    if (cause instanceof ConnectError) return false
    throw cause
  }
}

/**
 * Gives the appliance its management network in the conversation of `vzen configure-network`, on the console, and makes
 * the SSH host key known that the console shows.
 */
export const network = defineModule({
  name: 'vzen/network',
  summary: 'The management network of the appliance is configured, and SSH answers there',
  connection: 'appliance',
  params,
  absent: { reachable: false, address: undefined, gateway: undefined, dns: [], hostname: undefined },
  settle: { within: 180, every: 2 },

  async read({ connection, signal }): Promise<NetworkFacts> {
    try {
      const ssh = await connection.ssh({ signal })
      return { reachable: true, ...(await readConfigured(ssh, signal)) }
    } catch (cause) {
      if (!isBeforeNetwork(cause, connection)) throw cause
    }
    const console = await connection.console({ signal })
    return { reachable: false, ...(await readConfigured(console, signal)) }
  },

  diff(facts, { address, gateway, dns, hostname }): readonly Change[] {
    const changes: Change[] = []
    if (facts.address !== address && facts.address !== addressOf(address))
      changes.push({ path: 'management IP', from: facts.address, to: address })
    if (facts.gateway !== gateway) changes.push({ path: 'default gateway', from: facts.gateway, to: gateway })
    if ([...facts.dns].sort().join() !== [...dns].sort().join())
      changes.push({ path: 'DNS servers', from: facts.dns, to: dns })
    if (facts.hostname !== hostname) changes.push({ path: 'hostname', from: facts.hostname, to: hostname })
    if (!facts.reachable) changes.push({ path: 'SSH', from: 'unreachable', to: 'reachable' })
    return changes
  },

  async apply({ connection, params, changes, clock, signal }) {
    const console = await connection.console({ signal })
    // Where it is there already, it is made known first: whatever stops this run, SSH can be trusted in the next.
    const isKnown = await announceHostKey(connection, { console, clock, signal })
    if (changes.every(({ path }) => path === 'SSH') && (await isReachable(connection, signal))) return
    await console.converse(sh`vzen configure-network`, {
      signal,
      sudo: true,
      dialogue: planNetworkDialogue(params),
    })
    if (!isKnown && !(await announceHostKey(connection, { console, clock, signal })))
      await isReachable(connection, signal)
  },

  disruptive(changes) {
    const isFresh = changes.some(({ path, from }) => path === 'management IP' && from === undefined)
    return isFresh || changes.length === 0 ? undefined : 'its management network restarts'
  },
})
