import { z } from 'zod'

import { documentedSecret, fileField, secretField } from '#sdk'

import { line } from './fields.ts'
import { snmp } from './snmp.ts'

const login = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('legacy').meta({ description: 'API key of Administration > API Key Management' }),
      username: line().meta({ description: 'administrator of the tenant' }),
      password: secretField().meta({ description: 'password of that administrator, as a reference' }),
      apiKey: secretField().meta({ description: 'API key, as a reference' }),
    }),
    z.strictObject({
      kind: z.literal('oneapi').meta({ description: 'API client of ZIdentity' }),
      vanity: line(63).meta({ description: 'vanity domain: acme of acme.zslogin.net' }),
      clientId: line().meta({ description: 'client id' }),
      clientSecret: secretField().meta({ description: 'client secret, as a reference' }),
    }),
  ])
  .meta({ description: 'how to sign in: kind legacy or oneapi' })

const url = (description: string) =>
  z
    .url({ protocol: /^https$/, error: 'is not an https URL' })
    .optional()
    .meta({ description })

const zia = z.strictObject({
  cloud: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not a cloud name')
    .meta({
      description:
        'cloud name as in the sign-in address, without admin. and .net: zscalertwo of admin.zscalertwo.net',
      rule: 'S-153',
    }),
  apiUrl: url('base URL of the API; follows from cloud and sign-in where absent'),
  tokenUrl: url('token URL of OneAPI; follows from cloud and vanity where absent'),
  login,
})

/** What all sites share: the tenant, the image, the appliances’ password. */
export const estate = z.strictObject({
  zia: zia.meta({ description: 'the ZIA tenant' }),
  image: fileField().meta({ description: 'the OVA of step 3, relative to this file', rule: 'S-062' }),
  password: secretField().meta({
    description: 'password that zsroot gets on every appliance, as a reference',
    rule: 'S-096',
  }),
  initialPassword: secretField()
    .default(() => documentedSecret('zsroot'))
    .meta({
      description: 'password of zsroot in a fresh image; the documented one where absent',
      rule: 'S-095',
    }),
  hostKey: z.enum(['announced', 'first-use']).default('announced').meta({
    description:
      'announced: trust only the SSH host key read on the console; first-use: keep the first one seen',
  }),
  activate: z.boolean().default(true).meta({
    description: 'whether changes in ZIA are activated, together with whatever else is pending',
    rule: 'S-086',
  }),
  snmp: snmp.optional(),
})
