import { z } from 'zod'

import { fileField, secretField, type SshJump, type SshKey, type SshWays } from '#sdk'

import { hostName, line } from './fields.ts'

const port = () => z.int().min(1).max(65_535)

const keys = z
  .array(
    z.strictObject({
      file: fileField().meta({ description: 'private key, relative to this file' }),
      passphrase: secretField().optional().meta({ description: 'passphrase of that key, as a reference' }),
    }),
  )
  .optional()
  .meta({ description: 'keys to log in with, tried before the password' })

const agent = z.boolean().optional().meta({ description: 'whether the keys of the SSH agent are tried, too' })

const jump = z.strictObject({
  host: hostName().meta({ description: 'name or address of the jump host' }),
  port: port().default(22).meta({ description: 'port, 22 where absent' }),
  user: line(64).meta({ description: 'user there' }),
  password: secretField().optional().meta({ description: 'password of that user, as a reference' }),
  keys,
  agent,
  fingerprint: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'is not a fingerprint as ssh-keygen -l prints it')
    .optional()
    .meta({ description: 'its host key: SHA256:…; known_hosts decides where absent' }),
  hostKey: z.enum(['announced', 'first-use']).default('announced').meta({
    description: 'announced: its host key must be known; first-use: keep the first one seen',
  }),
})

const ways = {
  port: port().optional().meta({ description: 'port that is dialled; 22 where absent' }),
  user: line(64).optional().meta({ description: 'user that logs in; zsroot where absent' }),
  keys,
  agent,
  jumps: z
    .array(jump)
    .max(8)
    .optional()
    .meta({ description: 'jump hosts on the way, the first one dialled first; each is connected to once' }),
  config: z.boolean().optional().meta({ description: 'whether ~/.ssh/config decides what is not said here' }),
  configFile: fileField()
    .optional()
    .meta({ description: 'another ssh_config that does, relative to this file' }),
  legacy: z.boolean().optional().meta({
    description: 'whether SHA-1, CBC and ssh-rsa are spoken where the appliance has nothing better',
  }),
}

/** How the appliances of a site are reached over SSH; a node may say it differently. */
export const siteSsh = z.strictObject(ways)

/** How one appliance is reached over SSH, where that differs from its site. */
export const nodeSsh = z.strictObject({
  host: hostName()
    .optional()
    .meta({ description: 'name or address that is dialled; the management address where absent' }),
  ...ways,
})

/** A site’s or a node’s, checked. */
export type Ssh = z.output<typeof nodeSsh>

type Keys = z.output<typeof keys>

const keysOf = (written: Keys): readonly SshKey[] | undefined =>
  written?.map(({ file, passphrase }) => ({ path: file.path, passphrase }))

function jumpOf({ user, keys: written, ...rest }: z.output<typeof jump>): SshJump {
  return { ...rest, username: user, keys: keysOf(written) }
}

/** How an appliance is reached: what its node says, else what its site says; nothing where neither says anything. */
export function waysOf(site: Ssh | undefined, node: Ssh | undefined): SshWays | undefined {
  if (site === undefined && node === undefined) return undefined
  const { user, keys: written, jumps, config, configFile, ...rest } = { ...site, ...node }
  return {
    ...rest,
    username: user,
    keys: keysOf(written),
    jumps: jumps?.map(jumpOf),
    config: configFile?.path ?? (config === true ? true : undefined),
  }
}
