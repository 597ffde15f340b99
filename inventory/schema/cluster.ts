import { z } from 'zod'

import { ipv4, line } from './fields.ts'
import { network } from './network.ts'
import { snmp } from './snmp.ts'

/** Connections to the cloud that can move to port 443. */
export const STANDARD_PORTS = ['ca', 'cds', 'smsm'] as const

const location = z.strictObject({
  name: line(128).meta({ description: 'location that users’ traffic belongs to', rule: 'S-069' }),
  create: z
    .strictObject({
      country: z
        .string()
        .regex(/^[A-Z]+(_[A-Z]+)*$/, 'is not a country as ZIA writes it')
        .meta({ description: 'country as ZIA writes it: UNITED_STATES', rule: 'S-075' }),
      tz: z
        .string()
        .regex(/^[A-Z]+(_[A-Z]+)*$/, 'is not a time zone as ZIA writes it')
        .meta({ description: 'time zone as ZIA writes it: GERMANY_EUROPE_BERLIN', rule: 'S-075' }),
      state: line(128).optional().meta({ description: 'state or region', rule: 'S-075' }),
      description: line(1024).optional().meta({ description: 'description', rule: 'S-075' }),
    })
    .optional()
    .meta({ description: 'how to add the location; absent where it exists', rule: 'S-069' }),
})

/** Nodes that serve the same users. */
export const cluster = z.strictObject({
  mode: z
    .enum(['cluster', 'standalone'])
    .default('cluster')
    .meta({ description: 'cluster (recommended), or standalone nodes', rule: 'S-001' }),
  address: ipv4('S-053')
    .optional()
    .meta({ description: 'cluster IP address that users connect to; only in cluster mode', rule: 'S-053' }),
  location: location.meta({ description: 'the location it is bound to', rule: 'S-069' }),
  firewallRule: z
    .strictObject({
      name: line(63)
        .optional()
        .meta({ description: 'name of the rule; “VSE <cluster>” where absent', rule: 'S-080' }),
      order: z.int().min(1).optional().meta({ description: 'position of the rule, from 1', rule: 'S-080' }),
      sources: z.enum(['group', 'inline']).default('group').meta({
        description:
          'whether the rule refers to an IP source group of the cluster, or has the addresses itself',
        rule: 'S-080',
      }),
    })
    .default({ sources: 'group' })
    .meta({ description: 'the firewall filtering rule for its addresses', rule: 'S-078' }),
  standardPort: z
    .union([z.literal('all'), z.array(z.enum(STANDARD_PORTS))], {
      error: 'is not “all” or a list of ca, cds, smsm',
    })
    .default([])
    .meta({
      description: 'connections to the cloud on port 443: all, or a list of ca, cds, smsm',
      rule: 'S-156',
    }),
  snmp: snmp.optional(),
  externalLoadBalancer: z.boolean().default(false).meta({
    description: 'standalone nodes behind a load balancer of your own (not recommended)',
    rule: 'S-003',
  }),
  network: z
    .strictObject(network)
    .partial()
    .optional()
    .meta({ description: 'what differs from the site’s network', rule: 'S-035' }),
  cpus: z.int().min(4).max(128).default(4).meta({ description: 'CPU cores, at least 4', rule: 'S-025' }),
  memoryGB: z
    .int()
    .min(32)
    .max(4096)
    .optional()
    .meta({ description: 'memory: 48 for a cluster’s nodes, at least 32 standalone', rule: 'S-026' }),
  diskGB: z
    .int()
    .min(500)
    .max(62_000)
    .default(500)
    .meta({ description: 'disk, at least 500, thin', rule: 'S-030' }),
})
