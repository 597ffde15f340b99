import { z } from 'zod'

import { ConnectError, defineModule, sh, type Change, type Member } from '#sdk'

/** The part of one node in the cluster’s address. */
interface Role {
  readonly node: string
  /** `absent` where its load balancer does not run, or it does not answer. */
  readonly role: 'MASTER' | 'BACKUP' | 'INIT' | 'absent'
  readonly vhid: number | undefined
}

const INTERFACES = sh`/sc/smlb/bin/smmgr -ys ${'smnet=ifconfig :type any'}`

async function readRole({ name, appliance }: Member, address: string, signal: AbortSignal): Promise<Role> {
  try {
    const ssh = await appliance.ssh({ signal })
    const { shown } = await ssh.query({ shown: INTERFACES }, { signal, sudo: true })
    // A block of lines an interface; the cluster's address stands in the one of its CARP interface.
    const blocks = shown.output.split(/\n(?=\S)/)
    const own = blocks.find((block) => /\bvhid=/.test(block) && block.includes(`inet ${address} `))
    const role = /\b(MASTER|BACKUP|INIT)\b/.exec(own ?? '')?.[1] as 'MASTER' | 'BACKUP' | 'INIT' | undefined
    const vhid = /\bvhid=(\d+)/.exec(own ?? '')?.[1]
    return { node: name, role: role ?? 'absent', vhid: vhid === undefined ? undefined : Number(vhid) }
  } catch (cause) {
    if (cause instanceof ConnectError) return { node: name, role: 'absent', vhid: undefined }
    throw cause
  }
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
        note: `split brain: ${masters.join(' and ')} each claim ${address}, because they cannot hear each other; the port group ${portGroup} must accept promiscuous mode, MAC address changes and forged transmits`,
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
        changes.push({ path: `${node}.CARP`, from: role, to: 'MASTER or BACKUP' })
    }
    return changes
  },
})
