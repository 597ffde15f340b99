import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { ConfigError } from '../../model/error.ts'
import type { Address } from '../../model/network.ts'
import type { KnownHost } from '../host-keys.ts'
import { parseKnownHosts, selectKnownHosts, type KnownHostsFile } from './known-hosts.ts'

/** Where OpenSSH keeps the host keys that the user and the machine know. */
export const USUAL_KNOWN_HOSTS: readonly string[] = [
  join(homedir(), '.ssh', 'known_hosts'),
  join(homedir(), '.ssh', 'known_hosts2'),
  '/etc/ssh/ssh_known_hosts',
  '/etc/ssh/ssh_known_hosts2',
]

/** `known_hosts` files, each read once when it is first asked. They are only read: what a run learns is kept elsewhere. */
export interface KnownHostFiles {
  find(address: Address, paths: readonly string[]): Promise<readonly KnownHost[]>
}

async function readKnownHosts(path: string): Promise<KnownHostsFile> {
  try {
    return parseKnownHosts(await readFile(path, 'utf8'), path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { lines: [] }
    throw new ConfigError(`the known hosts in ${path} cannot be read: ${code ?? String(cause)}`, {
      hint: 'whether a host key was revoked there cannot be told without it',
      cause,
    })
  }
}

/** Makes the files of one run. */
export function createKnownHostFiles(): KnownHostFiles {
  const files = new Map<string, Promise<KnownHostsFile>>()
  return {
    async find(address, paths) {
      const found = await Promise.all(
        paths.map(async (path) => {
          const reading = files.get(path) ?? readKnownHosts(path)
          files.set(path, reading)
          return selectKnownHosts(await reading, address)
        }),
      )
      return found.flat()
    },
  }
}
