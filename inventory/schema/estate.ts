import { z } from 'zod'

import { documentedSecret, fileField, secretField, wordingSchema } from '#sdk'

import { line, thumbprint } from './fields.ts'
import { snmp } from './snmp.ts'

const login = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('legacy').meta({ description: 'API key of Administration > API Key Management' }),
      username: line().meta({ description: 'administrator of the tenant' }),
      password: secretField().meta({ description: 'password of that administrator, as a reference' }),
      apiKey: secretField().meta({ description: 'API key, as a reference' }),
    }),
    z
      .strictObject({
        kind: z.literal('oneapi').meta({ description: 'API client of ZIdentity' }),
        vanity: line(63).meta({ description: 'vanity domain: acme of acme.zslogin.net' }),
        clientId: line().meta({ description: 'client id' }),
        clientSecret: secretField().optional().meta({ description: 'client secret, as a reference' }),
        privateKey: secretField().optional().meta({
          description: 'private RSA key in PEM, as a reference: in place of a client secret',
        }),
      })
      .refine(({ clientSecret, privateKey }) => (clientSecret === undefined) !== (privateKey === undefined), {
        message: 'needs either a clientSecret or a privateKey',
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
  tenant: line(255).optional().meta({
    description:
      'the organisation’s name, one of its domains, or its id: a run stops before it touches any other one',
  }),
  apiUrl: url('base URL of the API; follows from cloud and sign-in where absent'),
  tokenUrl: url('token URL of OneAPI; follows from cloud and vanity where absent'),
  login,
})

/** What all sites share: the tenant, the image, the appliances’ password. */
export const estate = z.strictObject({
  zia: zia.meta({ description: 'the ZIA tenant' }),
  image: fileField().meta({ description: 'the OVA of step 3, relative to this file', rule: 'S-062' }),
  imageUrl: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'is not an http or https URL' })
        .refine((url) => !/^[a-z]+:\/\/[^/?#]*@/i.test(url), {
          error: 'has a user name or password in it, which would be seen; name a URL that needs neither',
        })
        .meta({ description: 'URL of the OVA, on a server that offers ranges' }),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'is not a SHA-256')
        .meta({ description: 'SHA-256 of the OVA, 64 hexadecimal digits' }),
      thumbprint: thumbprint()
        .optional()
        .meta({ description: 'thumbprint of the web server; trusted roots decide where absent' }),
    })
    .optional()
    .meta({
      description:
        'where the OVA is fetched from instead of the file: by vSphere itself, if it reaches it; the lab uses an image of its own',
      rule: 'S-062',
    }),
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
  activateOthers: z.boolean().default(false).meta({
    description:
      'whether changes that somebody else had pending in ZIA before the run are activated with ours, which ZIA cannot keep apart',
    rule: 'S-086',
  }),
  activateFailed: z.boolean().default(false).meta({
    description:
      'whether what is half written for a cluster that has failed is activated with the rest, which ZIA cannot keep apart',
    rule: 'S-086',
  }),
  downloads: z
    .strictObject({
      folder: fileField().meta({
        description:
          'folder where somebody puts certificates and image as the portal names them, relative to this file',
      }),
      files: z.record(z.string(), z.string().min(1)).default({}).meta({
        description:
          'which file is a node’s, or the `image`, where its content and name do not say it: a name with * and ?, or a SHA-256',
      }),
      minutes: z
        .int()
        .min(0)
        .max(10_080)
        .default(60)
        .meta({ description: 'how long a run waits for a file to come' }),
    })
    .optional()
    .meta({ description: 'a folder that is watched for the downloads of steps 2 and 3', rule: 'S-059' }),
  confirm: z
    .union([line(63).transform((name) => [name]), z.array(line(63))])
    .default([])
    .meta({
      description:
        'clusters that `decommission` removes without having their names typed; for the command line alone: -e confirm=fra-1',
      only: 'command-line',
    }),
  snmp: snmp.optional(),
  appliance: z
    .strictObject({
      wording: wordingSchema.optional().meta({
        description: 'what the appliances’ OS build asks and says differently from the known wording',
      }),
      dialects: z.int().min(0).max(999_999).optional().meta({
        description:
          'seed of the ways in which appliances of the embedded lab differ; as documented where absent',
      }),
    })
    .default({})
    .meta({ description: 'what holds for all appliances' }),
})
