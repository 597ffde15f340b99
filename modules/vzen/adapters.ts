import { z } from 'zod'

import { defineModule, sh, type Change, type Member } from '#sdk'

import { isUnasked } from './unanswered.ts'

/** One adapter of a virtual machine, in the order of its adapters. */
type Adapter = Awaited<ReturnType<Member['adapters']>>[number]

/** The interfaces of one appliance beside the adapters of its machine. */
export interface Wiring {
  readonly node: string
  /** MAC addresses of the adapters of `em0`, `em1`, …; none where one is not shown. */
  readonly macs: readonly (string | undefined)[]
  readonly adapters: readonly Adapter[]
}

const ROLES = ['management', 'proxy', 'load balancer'] as const

// The address in use, and below it the one that the adapter was made with, where that is another one.
const [OWN, IN_USE] = [
  /^\s+hwaddr ([\da-f]{2}(?::[\da-f]{2}){5})\b/im,
  /^\s+ether ([\da-f]{2}(?::[\da-f]{2}){5})\b/im,
]

/** Reads the MAC addresses that the adapters of the first three `em` interfaces were made with. */
export function parseMacs(text: string): Wiring['macs'] {
  const blocks = text.split(/\n(?=\S)/)
  return ROLES.map((_, index) => {
    const block = blocks.find((each) => each.startsWith(`em${index}:`)) ?? ''
    return (OWN.exec(block) ?? IN_USE.exec(block))?.[1]?.toLowerCase()
  })
}

/** An interface that is shown, the adapter of the same place, and the number and the network of the one that has its address. */
interface Plug {
  readonly index: number
  readonly what: string
  readonly wanted: string
  readonly number: number
  readonly is: string | undefined
}

function listPlugs({ node, macs, adapters }: Wiring): readonly Plug[] {
  return macs.flatMap((mac, index): readonly Plug[] => {
    const wanted = adapters[index]?.network
    if (mac === undefined || wanted === undefined) return []
    const at = adapters.findIndex((adapter) => adapter.mac.toLowerCase() === mac)
    const what = `em${index}, the ${ROLES[index]} interface of ${node}, has the MAC address ${mac}`
    return [{ index, what, wanted, number: at + 1, is: adapters[at]?.network }]
  })
}

/** Whether it is another machine that has answered. A single address that nobody has may have been set in the guest. */
const isOther = (plugs: readonly Plug[]): boolean =>
  plugs.length === ROLES.length && plugs.every(({ is }) => is === undefined)

/** Says where an appliance takes its adapters for others than vSphere does, as far as that puts it into another network. */
export function diffWiring(wiring: Wiring): readonly Change[] {
  const { node } = wiring
  const plugs = listPlugs(wiring)
  return plugs.flatMap(({ index, what, wanted, number, is }): readonly Change[] => {
    const change = { path: `${node}.em${index}`, to: wanted, nodes: [node] }
    if (is === undefined) {
      const note = `${what}, which no adapter of its machine has: does another one have its address?`
      return isOther(plugs) ? [{ ...change, note }] : []
    }
    if (is === wanted) return []
    const mend = 'plug the networks into the adapters by their MAC addresses, not by their order'
    return [{ ...change, from: is, note: `${what} of adapter ${number}: ${mend}` }]
  })
}

/** Says of which interfaces nothing is proven. */
export function listUntold(wiring: Wiring): readonly string[] {
  const { node, macs } = wiring
  const hidden = macs.flatMap((mac, index) => (mac === undefined ? [`em${index}`] : []))
  const plugs = listPlugs(wiring)
  const strange = isOther(plugs) ? [] : plugs.filter(({ is }) => is === undefined)
  return [
    ...(hidden.length === 0
      ? []
      : [`${node} does not show ${hidden.join(', ')}, which cannot be told from the others`]),
    ...strange.map(
      ({ what }) =>
        `${what}, which no adapter of its machine has, so that its network is not proven: compare it by hand`,
    ),
  ]
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
    const wiring = { node: name, macs: parseMacs(shown.output), adapters: known }
    for (const warning of listUntold(wiring)) warn(warning)
    return [wiring]
  } catch (cause) {
    signal.throwIfAborted()
    if (!isUnasked(cause)) throw cause
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
