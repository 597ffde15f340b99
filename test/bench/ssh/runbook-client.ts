import type { HostKeys } from '../../../src/connect/host-keys.ts'
import { openSsh } from '../../../src/connect/ssh/connection.ts'
import { createSshGround, type SshGround } from '../../../src/connect/ssh/ground.ts'
import { createSshSession } from '../../../src/connect/ssh/session.ts'
import { wallClock } from '../../../src/connect/wall-clock.ts'
import { worldNetwork } from '../../../src/connect/world-network.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { sh } from '../../../src/shell/sh.ts'
import { COMMANDS, EXPECTED, type BenchTask, type DoneNode } from './job.ts'

/** What all nodes share, with every host key announced. */
export function groundOf({ fingerprint }: Pick<BenchTask, 'fingerprint'>): SshGround {
  const hostKeys: HostKeys = {
    find: () => ({ fingerprint, source: 'console' }),
    learn: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    path: 'none',
    isAwaited: () => false,
  }
  return createSshGround({ network: worldNetwork, clock: wallClock, hostKeys, knownHosts: [] })
}

/** Does the job on one node. */
export async function runByRunbook(
  host: string,
  { task, ground }: { readonly task: BenchTask; readonly ground: SshGround },
): Promise<DoneNode> {
  const { port, username, key, vzen, file, to } = task
  const { signal } = new AbortController()
  const password = documentedSecret('none')
  const connection = await openSsh(
    { host, port, username, password, ways: { keys: [{ path: key }] } },
    { ground, policy: 'announced', signal },
  )
  const session = createSshSession(connection, { name: host, password, trace: () => undefined })
  await session.upload(file, { to: `${to}-${host}`, signal })
  let last = ''
  for (const command of COMMANDS) {
    const words = command.replace('{file}', `${to}-${host}`).split(' ')
    const result = await session.run(sh`${vzen} ${words}`, { signal })
    if (result.kind !== 'exited' || result.code !== 0) throw new Error(`${host}: ${JSON.stringify(result)}`)
    last = result.stdout
  }
  if (last !== EXPECTED) throw new Error(`${host} answered ${last}`)
  return { close: () => connection.close() }
}
