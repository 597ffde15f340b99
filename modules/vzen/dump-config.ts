import { sh, type CommandLine } from '#sdk'

/** What `vzen dump-config` prints, as far as it was printed. */
export interface DumpedConfig {
  /** Name of the cloud that the certificate is for; none before a certificate is installed. */
  readonly cloud: string | undefined
  readonly dns: readonly string[]
  /** With the length of the prefix, where the appliance shows it. */
  readonly management: string | undefined
  readonly managementGateway: string | undefined
  readonly service: string | undefined
  readonly serviceGateway: string | undefined
}

/** Prints the configured values; wants root. */
export const DUMP_CONFIG: CommandLine = sh`vzen dump-config`

const CLOUD = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i

/** Reads the output of `vzen dump-config`: a header, then a tab, a key, a colon and a value on each line. */
export function parseDumpConfig(text: string): DumpedConfig {
  const values = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s+([^:]+?)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    if (key !== '') values.set(key.toLowerCase(), [...(values.get(key.toLowerCase()) ?? []), value])
  }
  const one = (key: string): string | undefined => values.get(key)?.at(-1) || undefined
  const cloud = one('cloudname')
  return {
    // “Failed to read SSL Certificate” stands where the name of the cloud would.
    cloud: cloud !== undefined && CLOUD.test(cloud) ? cloud : undefined,
    dns: (values.get('nameserver') ?? []).flatMap((value) => value.split(/[\s,]+/)).filter((ip) => ip !== ''),
    management: one('mgmt ip'),
    managementGateway: one('default gateway for mgmt ip'),
    service: one('service ip'),
    serviceGateway: one('default gateway for service ip'),
  }
}

/**
 * Whether the cloud has ever told the appliance the address that it serves at; undefined where that is not certain. It is
 * kept through a restart, so that one which has none has never served anybody.
 */
export function isAddressed(text: string): boolean | undefined {
  const { management, service } = parseDumpConfig(text)
  if (service !== undefined) return true
  // Another build may name it otherwise.
  const isNamed = text
    .split('\n')
    .some((line) => /service|proxy|smnet/i.test(line) && /\d+(?:\.\d+){3}/.test(line))
  return management === undefined || isNamed ? undefined : false
}

/** An address without the length of its prefix. */
export function addressOf(text: string | undefined): string | undefined {
  return text?.split('/')[0]
}

/** Whether two spellings of a cloud’s name mean the same one: with `.net` or without. */
export function isSameCloud(one: string, other: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/\.net$/, '')
  return plain(one) === plain(other)
}
