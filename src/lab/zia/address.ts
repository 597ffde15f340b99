import { isIPv4 } from 'node:net'

import { invalid, type Reply } from './reply.ts'
import type { Body } from './shape.ts'

const KEYS = ['ipAddress', 'subnetMask', 'defaultGateway', 'loadBalancerIpAddress'] as const

/** What is wrong with the addresses of a Service Edge or of a cluster; an empty one is none. */
export function checkAddresses(body: Body): Reply | undefined {
  for (const key of KEYS) {
    const address = body[key] ?? ''
    if (address === '' || (typeof address === 'string' && isIPv4(address))) continue
    return invalid(`${key} ${JSON.stringify(address)} is no IPv4 address`)
  }
  return undefined
}
