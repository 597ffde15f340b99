import { z } from 'zod'

import { secretField } from '#sdk'

import { ipv4, line } from './fields.ts'

const user = {
  username: line(32).meta({ description: 'SNMPv3 user name', rule: 'S-125' }),
  password: secretField().meta({
    description: 'SNMPv3 password of that user, as a reference',
    rule: 'S-126',
  }),
  authentication: z
    .enum(['SHA1', 'MD5'])
    .default('SHA1')
    .meta({ description: 'authentication protocol: SHA1 or MD5', rule: 'S-127' }),
  privacy: z
    .enum(['AES', 'DES'])
    .default('AES')
    .meta({ description: 'encryption: AES or DES', rule: 'S-128' }),
}

/** Monitoring by SNMP: who may ask, and where traps go. Version 3 only. */
export const snmp = z
  .strictObject({
    version: z
      .literal('v3')
      .default('v3')
      .meta({ description: 'Virtual Service Edges speak SNMPv3 only', rule: 'S-123' }),
    admin: z.strictObject(user).meta({ description: 'the only user whose queries are answered' }),
    traps: z
      .strictObject({
        receiver: ipv4('S-131').meta({ description: 'IP address of the trap receiver', rule: 'S-131' }),
        ...user,
      })
      .optional()
      .meta({ description: 'where v3 traps go; none where absent' }),
  })
  .meta({ description: 'SNMP monitoring; off where absent', rule: 'S-122' })

/** SNMP settings with every default filled in. */
export type Snmp = z.output<typeof snmp>
