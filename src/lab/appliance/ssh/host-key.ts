import ssh2 from 'ssh2'

import type { Dialect } from '../dialect.ts'
import type { Disk } from '../disk/disk.ts'
import type { ApplianceState } from '../state.ts'

/** What a machine's host key is made of, and where it is kept. */
interface HostKeyParts {
  readonly state: ApplianceState
  readonly disk: Disk
  readonly dialect: Pick<Dialect, 'hostKey'>
}

/**
 * A new key pair. The library writes about one in three hundred in a form that it cannot read itself, so each is read
 * before it is used.
 */
function createKeyPair(type: Dialect['hostKey']): { readonly key: string; readonly announced: string } {
  for (;;) {
    const { private: key, public: announced } =
      type === 'ecdsa'
        ? ssh2.utils.generateKeyPairSync(type, { bits: 256 })
        : ssh2.utils.generateKeyPairSync(type)
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return { key, announced }
  }
}

/** Gives the machine a host key where it has none yet, or a new one. The caller saves. */
export function applyHostKey(
  { state, disk, dialect }: HostKeyParts,
  { renew = false }: { readonly renew?: boolean } = {},
): string {
  if (state.hostKey !== undefined && !renew) return state.hostKey
  const { key, announced } = createKeyPair(dialect.hostKey)
  state.hostKey = key
  const path = `/etc/ssh/ssh_host_${dialect.hostKey}_key.pub`
  disk.write(path, { data: `${announced} root@localhost\n`, as: 'root' })
  return key
}
