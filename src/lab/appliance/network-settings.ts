import type { StoredEntry } from './disk/disk.ts'
import { RC_CONF, parseSetting, renderSetting } from './disk/rc-conf.ts'
import { maskOf, parseIpv4, renderIpv4 } from './ipv4.ts'
import type { NetworkSettings } from './state.ts'

/** The network as the system's files configure it, so that what was edited by hand counts after a boot. */
export function parseNetwork(files: Readonly<Record<string, StoredEntry>>): NetworkSettings | undefined {
  const settings = files[RC_CONF]?.data ?? ''
  const match = /^inet (\S+) netmask (\S+)$/.exec(parseSetting(settings, 'ifconfig_em0') ?? '')
  const address = match?.[1] ?? ''
  const mask = parseIpv4(match?.[2] ?? '')
  if (parseIpv4(address) === undefined || mask === undefined) return undefined
  const prefix = Array.from({ length: 33 }, (_, length) => length).find((length) => maskOf(length) === mask)
  const dns = (files['/etc/resolv.conf']?.data ?? '')
    .split('\n')
    .flatMap((line) => /^nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
  return {
    address,
    prefix: prefix ?? 32,
    gateway: parseSetting(settings, 'defaultrouter') ?? '',
    dns,
    hostname: parseSetting(settings, 'hostname') ?? '',
  }
}

/** `rc.conf` with these settings in it and everything else as it was. */
export function renderNetwork(
  before: string,
  { address, prefix, gateway, hostname }: NetworkSettings,
): string {
  const settings = {
    hostname,
    ifconfig_em0: `inet ${address} netmask ${renderIpv4(maskOf(prefix))}`,
    defaultrouter: gateway,
  }
  return Object.entries(settings).reduce(
    (text, [name, value]) => renderSetting(text, { name, value }),
    before,
  )
}
