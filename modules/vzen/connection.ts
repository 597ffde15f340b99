import { z } from 'zod'

import { defineModule, sh, type Answered, type Change, type CommandLine } from '#sdk'

import { CHANNELS, parseLinks, PORTS, STANDARD } from './links.ts'

/** What an appliance says of its channels to the cloud. */
export interface ConnectionFacts {
  readonly cloudConfig: ChannelState
  readonly logStream: ChannelState
  readonly loadBalancer: ChannelState
  /** Remote ports of established connections, in order. */
  readonly ports: readonly number[]
}

type ChannelState = 'Stable' | 'Suspicious' | 'Not present' | 'unknown'

const DROPS =
  'the connection to the central authority dropped within two hours; a certificate used twice does that'

function stateOf(text: string, label: RegExp): ChannelState {
  const line = text.split('\n').find((candidate) => label.test(candidate)) ?? ''
  if (/not present/i.test(line)) return 'Not present'
  if (/suspicious/i.test(line)) return 'Suspicious'
  return /stable|\bpresent\b/i.test(line) ? 'Stable' : 'unknown'
}

/** Show the channels to the cloud, and the sockets of the client of the configuration service; want root. */
export const CONNECTION: Readonly<Record<'shown' | 'sockets', CommandLine>> = {
  shown: sh`vzen troubleshoot connection`,
  sockets: sh`sockstat | grep smcdsc`,
}

/** Reads the channels to the cloud; what is not mentioned is `unknown`, never assumed to be well. */
export function parseConnection({
  shown,
  sockets,
}: Readonly<Record<keyof typeof CONNECTION, Answered>>): ConnectionFacts {
  const links = [...parseLinks(shown.output), ...parseLinks(sockets.output)]
  const ports = links.filter(({ established }) => established).map(({ remotePort }) => remotePort)
  return {
    cloudConfig: stateOf(shown.output, /cloud.?config/i),
    logStream: stateOf(shown.output, /log.?stream/i),
    loadBalancer: stateOf(shown.output, /\blb\b.*status/i),
    ports: [...new Set(ports)].sort((one, other) => one - other),
  }
}

/** Checks that the channels to the cloud are established: the documented second test, also where port 443 is on. */
export const connection = defineModule({
  name: 'vzen/connection',
  summary: 'The connection to the cloud is established',
  connection: 'appliance',
  params: z.strictObject({
    standardPort: z
      .array(z.enum(['ca', 'cds', 'smsm']))
      .default([])
      .meta({ description: 'Channels that are on port 443' }),
    mode: z
      .enum(['cluster', 'standalone'])
      .default('cluster')
      .meta({ description: 'A standalone Virtual Service Edge has no load balancer' }),
  }),

  async read({ connection, signal }): Promise<ConnectionFacts> {
    const ssh = await connection.ssh({ signal })
    return parseConnection(await ssh.query(CONNECTION, { signal, sudo: true }))
  },

  diff(facts, { standardPort, mode }): readonly Change[] {
    const port = standardPort.includes('ca') ? STANDARD : PORTS.ca
    const changes: Change[] = []
    if (!facts.ports.includes(port)) {
      const from =
        facts.ports.length === 0 ? 'nothing is established' : `established on ${facts.ports.join(', ')}`
      changes.push({ path: 'connection', from, to: `established on ${port}` })
    }
    const states = {
      'cloud config': facts.cloudConfig,
      'log stream': facts.logStream,
      ...(mode === 'cluster' ? { 'LB status': facts.loadBalancer } : {}),
    }
    for (const [path, from] of Object.entries(states)) {
      if (from === 'Stable') continue
      const change = { path, from, to: 'Stable' }
      changes.push(from === 'Suspicious' ? { ...change, note: DROPS } : change)
    }
    return changes
  },

  hint(_, { standardPort }) {
    const own = CHANNELS.filter((channel) => !standardPort.includes(channel)).map((name) => PORTS[name])
    const ports = [...own, ...(standardPort.length > 0 ? [STANDARD] : [])].join(', ')
    const instead = own.length > 0 ? ', or put the channels on 443 with `standardPort` of the cluster' : ''
    return `let the node out to the cloud on TCP ${ports}${instead}; \`runbook deploy --tags firewall-test\` tests the way out on the console of a node that does not run yet`
  },
})
