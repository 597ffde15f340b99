import ssh2 from 'ssh2'

import type { Disk } from '../disk/disk.ts'
import type { ApplianceState } from '../state.ts'

const PUBLIC_KEY = '/etc/ssh/ssh_host_ed25519_key.pub'

/**
 * A new key pair. The library writes about one in three hundred in a form that it cannot read itself, so each is read
 * before it is used.
 */
function createKeyPair(): { readonly key: string; readonly announced: string } {
  for (;;) {
    const { private: key, public: announced } = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return { key, announced }
  }
}

/** Gives the machine a host key where it has none yet, or a new one. The caller saves. */
export function applyHostKey(
  { state, disk }: { readonly state: ApplianceState; readonly disk: Disk },
  { renew = false }: { readonly renew?: boolean } = {},
): string {
  if (state.hostKey !== undefined && !renew) return state.hostKey
  const { key, announced } = createKeyPair()
  state.hostKey = key
  disk.write(PUBLIC_KEY, { data: `${announced} root@localhost\n`, as: 'root' })
  return key
}
