import { z } from 'zod'

import { fileField, secretField } from '#sdk'

import { interfaceAddress, ipv4, line } from './fields.ts'
import { nodeSsh } from './ssh.ts'

/** One appliance: one VM, one instance in ZIA, one certificate. Its name is all of their names and its hostname. */
export const node = z.strictObject({
  management: interfaceAddress('S-101').meta({
    description: 'management address for SSH, with netmask: 10.84.0.110/24',
    rule: 'S-041',
  }),
  proxy: ipv4('S-046').meta({
    description: 'proxy IP address: outbound traffic and health probes',
    rule: 'S-046',
  }),
  loadBalancer: ipv4('S-050').optional().meta({
    description: 'load balancer IP address; one per node of a cluster, none standalone',
    rule: 'S-050',
  }),
  certificate: fileField().meta({
    description: 'the ZIP of step 2, of this node alone, relative to this file',
    rule: 'S-059',
  }),
  updateAt: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day as HH:MM')
    .optional()
    .meta({ description: 'when updates start, UTC, 00:00 to 23:59; in quotes in YAML', rule: 'S-145' }),
  host: line(255)
    .optional()
    .meta({ description: 'ESXi host for this VM; the site’s placement where absent' }),
  nitrox: z
    .boolean()
    .default(false)
    .meta({ description: 'a NITROX SSL card of its own, in its ESXi host', rule: 'S-012' }),
  password: secretField()
    .optional()
    .meta({ description: 'password of zsroot on this node; the estate’s where absent', rule: 'S-096' }),
  ssh: nodeSsh
    .optional()
    .meta({ description: 'how it is reached over SSH, where that differs from its site' }),
})
