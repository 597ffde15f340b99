import { z } from 'zod'

import { defineModule, sh, type Answered, type Change, type CommandLine, type Member } from '#sdk'

import { isUnanswered } from './unanswered.ts'

/** The part that a load balancer plays; `absent` where it does not run, or its node does not answer. */
export type CarpRole = 'MASTER' | 'BACKUP' | 'INIT' | 'absent'

/** The part of one node in the cluster’s address. */
export interface Role {
  readonly node: string
  readonly role: CarpRole
  /** Its CARP group: nodes in different ones do not hear each other, whatever the port group lets through. */
  readonly vhid: number | undefined
  /** Whether its kernel has said that its own multicast came back to it; nothing where it was not asked. */
  readonly looped?: boolean
}

/** Shows the interfaces of the load balancer, the cluster’s address among them; wants root. */
export const INTERFACES: CommandLine = sh`/sc/smlb/bin/smmgr -ys ${'smnet=ifconfig :type any'}`

/** Reads the part that a node plays in the address of its cluster. */
export function parseRole(node: string, { output }: Answered, address: string): Role {
  // A block of lines an interface; the cluster's address stands in the one of its CARP interface.
  const blocks = output.split(/\n(?=\S)/)
  const own = blocks.find((block) => /\bvhid=/.test(block) && block.includes(`inet ${address} `))
  const role = /\b(MASTER|BACKUP|INIT)\b/.exec(own ?? '')?.[1] as CarpRole | undefined
  const vhid = /\bvhid=(\d+)/.exec(own ?? '')?.[1]
  return { node, role: role ?? 'absent', vhid: vhid === undefined ? undefined : Number(vhid) }
}

async function readRole({ name, appliance }: Member, address: string, signal: AbortSignal): Promise<Role> {
  try {
    const ssh = await appliance.ssh({ signal })
    const { shown, loops } = await ssh.query(
      { shown: INTERFACES, loops: sh`dmesg | grep ${'link states coalesced'}` },
      { signal, sudo: true },
    )
    return { ...parseRole(name, shown, address), looped: loops.code === 0 }
  } catch (cause) {
    signal.throwIfAborted()
    if (isUnanswered(cause)) return { node: name, role: 'absent', vhid: undefined }
    throw cause
  }
}

/** Says what a split brain is, and where it comes from. */
export function describeSplit(
  masters: readonly string[],
  { address, portGroup }: { readonly address: string; readonly portGroup: string },
): string {
  return `split brain: ${masters.join(' and ')} each claim ${address}, because they cannot hear each other; the port group ${portGroup} must accept promiscuous mode, MAC address changes and forged transmits`
}

/** Says that nodes hear themselves over several uplinks; nothing where the kernel of none has said so. */
function describeLoops(roles: readonly Role[], address: string): string | undefined {
  const hearing = roles.filter(({ looped = false }) => looped).map(({ node }) => node)
  if (hearing.length === 0) return undefined
  return `split brain at ${address}: the kernel of ${hearing.join(' and ')} has said “link states coalesced”, so that its own multicast comes back to it; Net.ReversePathFwdCheckPromisc must be 1 on the hosts whose switch has several uplinks, and promiscuous mode be switched off and on again after that`
}

/** Says that nodes are in different CARP groups; nothing where they are in one, or do not tell. */
function describeGroups(roles: readonly Role[]): string | undefined {
  const telling = roles.filter(({ vhid }) => vhid !== undefined)
  if (new Set(telling.map(({ vhid }) => vhid)).size < 2) return undefined
  const groups = telling.map(({ node, vhid }) => `${node} in ${vhid}`)
  return `split brain: the nodes are in different CARP groups (${groups.join(', ')}); each learns its group from the cloud when it starts`
}

/**
 * Checks that exactly one node of the cluster is master of the cluster’s address. Nodes that cannot hear each other, because
 * the port group rejects what CARP needs, all claim it, and every other test passes nevertheless.
 */
export const carp = defineModule({
  name: 'vzen/carp',
  summary: 'Exactly one node of the cluster is CARP master',
  connection: 'members',
  params: z.strictObject({
    address: z.ipv4().meta({ description: 'Cluster IP address' }),
    portGroup: z.string().min(1).meta({ description: 'Port group of the nodes, for the message' }),
    among: z.enum(['all', 'running']).default('all').meta({
      description: 'Whether every node has to take part, or only those whose load balancer runs count',
    }),
  }),

  async read({ connection, params: { address }, signal }): Promise<readonly Role[]> {
    return Promise.all(connection.map((member) => readRole(member, address, signal)))
  },

  diff(roles, { address, portGroup, among }): readonly Change[] {
    const masters = roles.filter(({ role }) => role === 'MASTER').map(({ node }) => node)
    const missing = roles.filter(({ role }) => role === 'absent' || role === 'INIT')
    const changes: Change[] = []
    if (masters.length > 1) {
      changes.push({
        path: 'CARP master',
        from: masters.join(', '),
        to: 'exactly one node',
        nodes: masters,
        note:
          describeGroups(roles) ??
          describeLoops(roles, address) ??
          describeSplit(masters, { address, portGroup }),
      })
    } else if (masters.length === 0 && (among === 'all' || missing.length < roles.length)) {
      changes.push({
        path: 'CARP master',
        from: 'none',
        to: 'exactly one node',
        note: `nobody answers for ${address}`,
      })
    }
    if (among === 'all') {
      for (const { node, role } of missing)
        changes.push({ path: `${node}.CARP`, from: role, to: 'MASTER or BACKUP', nodes: [node] })
    }
    return changes
  },

  hint: () =>
    '`runbook deploy --tags host-option,port-group` sets what the hosts and the port group need; a node that takes no part has no load balancer that runs: `vzen status` on it, and --tags build',
})
