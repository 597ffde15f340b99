import { createHmac } from 'node:crypto'

import type { Address } from '../../model/network.ts'
import { fingerprintOf, type KnownHost } from '../host-keys.ts'

/** One line of a `known_hosts` file. */
interface Line extends KnownHost {
  /** As written: names with wildcards and exclusions, or one hashed name. */
  readonly hosts: string
}

/** A file of known hosts, taken apart. */
export interface KnownHostsFile {
  readonly lines: readonly Line[]
}

/** Whether bytes begin with this type of key, as every public key does. */
function isKeyOf(type: string, key: Buffer): boolean {
  return key.length > 4 + type.length && key.toString('latin1', 4, 4 + type.length) === type
}

/**
 * Takes a `known_hosts` file apart. Lines that are none, and certificate authorities, which nothing here can check, say
 * nothing about any host.
 */
export function parseKnownHosts(text: string, path: string): KnownHostsFile {
  const lines = text.split('\n').flatMap((line, index): readonly Line[] => {
    const [, marker, hosts, type, base64] =
      /^\s*(?:@(\S+)\s+)?([^#@\s]\S*)\s+(\S+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/.exec(line) ?? []
    if (hosts === undefined || type === undefined || base64 === undefined) return []
    if (marker !== undefined && marker !== 'revoked') return []
    const key = Buffer.from(base64, 'base64')
    if (!isKeyOf(type, key)) return []
    const place = `${path}:${index + 1}`
    return [{ hosts, type, fingerprint: fingerprintOf(key), revoked: marker === 'revoked', place }]
  })
  return { lines }
}

const ESCAPED = /[\\^$.+()|[\]{}]/g

function fitsPattern(name: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(ESCAPED, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'is').test(name)
}

/** `|1|salt|hash`: the name under HMAC-SHA1, so that a stolen file names nobody. */
function fitsHash(name: string, hashed: string): boolean {
  const [, salt, hash] = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(hashed) ?? []
  if (salt === undefined || hash === undefined) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

function fitsHosts(name: string, hosts: string): boolean {
  if (hosts.startsWith('|')) return fitsHash(name, hosts)
  const patterns = hosts.split(',')
  const excluded = patterns.some((each) => each.startsWith('!') && fitsPattern(name, each.slice(1)))
  return !excluded && patterns.some((each) => !each.startsWith('!') && fitsPattern(name, each))
}

/** The name under which a host stands in the file: `host`, or `[host]:port` where the port is not 22. */
function renderName({ host, port }: Address): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** What a file knows of an address, and every key that it revokes for it. */
export function selectKnownHosts({ lines }: KnownHostsFile, address: Address): readonly KnownHost[] {
  const name = renderName(address)
  return lines.filter(({ hosts }) => fitsHosts(name, hosts))
}
