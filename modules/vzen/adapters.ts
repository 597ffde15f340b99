import { z } from 'zod'

import { AuthError, ConnectError, defineModule, sh, TimeoutError, type Change, type Member } from '#sdk'

/** One adapter of a virtual machine, in the order of its adapters. */
type Adapter = Awaited<ReturnType<Member['adapters']>>[number]

/** The interfaces of one appliance beside the adapters of its machine. */
export interface Wiring {
  readonly node: string
  /** MAC addresses of `em0`, `em1`, …; none where one is not shown. */
  readonly macs: readonly (string | undefined)[]
  readonly adapters: readonly Adapter[]
}

const ROLES = ['management', 'proxy', 'load balancer'] as const

/** Reads the MAC addresses of the first three `em` interfaces. */
export function parseMacs(text: string): Wiring['macs'] {
  const blocks = text.split(/\n(?=\S)/)
  return ROLES.map((_, index) => {
    const own = blocks.find((block) => block.startsWith(`em${index}:`))
    return /^\s+ether ([\da-f]{2}(?::[\da-f]{2}){5})\b/im.exec(own ?? '')?.[1]?.toLowerCase()
  })
}

/** Says where an appliance takes its adapters for others than vSphere does, as far as that puts it into another network. */
export function diffWiring({ node, macs, adapters }: Wiring): readonly Change[] {
  return macs.flatMap((mac, index): readonly Change[] => {
    const wanted = adapters[index]
    if (mac === undefined || wanted === undefined) return []
    const at = adapters.findIndex((adapter) => adapter.mac.toLowerCase() === mac)
    const is = adapters[at]
    if (is?.network === wanted.network) return []
    const change = { path: `${node}.em${index}`, to: wanted.network, nodes: [node] }
    const what = `em${index}, the ${ROLES[index]} interface of ${node}, has the MAC address ${mac}`
    if (is === undefined)
      return [
        {
          ...change,
          note: `${what}, which no adapter of its machine has: does another one have its address?`,
        },
      ]
    const mend = 'plug the networks into the adapters by their MAC addresses, not by their order'
    return [{ ...change, from: is.network, note: `${what} of adapter ${at + 1}: ${mend}` }]
  })
}

/** Nothing where one of both cannot be asked: other tests say that. */
async function readWiring(
  { name, appliance, adapters }: Member,
  { signal, warn }: { readonly signal: AbortSignal; readonly warn: (message: string) => void },
): Promise<readonly Wiring[]> {
  try {
    const ssh = await appliance.ssh({ signal })
    const [{ shown }, known] = await Promise.all([
      ssh.query({ shown: sh`ifconfig -a` }, { signal }),
      adapters({ signal }),
    ])
    const macs = parseMacs(shown.output)
    const hidden = macs.flatMap((mac, index) => (mac === undefined ? [`em${index}`] : []))
    if (hidden.length > 0)
      warn(`${name} does not show ${hidden.join(', ')}, which cannot be told from the others`)
    return [{ node: name, macs, adapters: known }]
  } catch (cause) {
    signal.throwIfAborted()
    const isUnasked =
      cause instanceof ConnectError || cause instanceof AuthError || cause instanceof TimeoutError
    if (!isUnasked) throw cause
    warn(`the adapters of ${name} cannot be compared: ${cause.message}`)
    return []
  }
}

/**
 * Checks by their MAC addresses that the appliances and vSphere mean the same adapters: the order that a guest finds its
 * adapters in may differ from that of its machine.
 */
export const adapters = defineModule({
  name: 'vzen/adapters',
  summary: 'em0, em1 and em2 are in the networks of the first three adapters',
  connection: 'members',
  params: z.strictObject({}),

  async read({ connection, signal, warn }): Promise<readonly Wiring[]> {
    return (await Promise.all(connection.map((member) => readWiring(member, { signal, warn })))).flat()
  },

  diff: (wirings): readonly Change[] => wirings.flatMap(diffWiring),

  hint: () => 'correct it in vSphere, node by node, then look again: `runbook verify`',
})
