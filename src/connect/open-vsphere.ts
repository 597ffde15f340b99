import type { Clock } from '../model/clock.ts'
import type { VSphereEndpoint } from '../model/endpoint.ts'
import type { Network } from '../model/network.ts'
import type { VSphereSession } from './vsphere.ts'

/** What a session is opened with. */
export interface VSphereOptions {
  readonly network: Network
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly trace?: ((level: 1 | 2 | 3, text: string) => void) | undefined
}

/** Logs in on a vCenter or ESXi host. Throws `ConnectError` or `AuthError`. */
export async function openVSphere(
  endpoint: VSphereEndpoint,
  options: VSphereOptions,
): Promise<VSphereSession> {
  const [{ openSession }, { createVSphere }, { guard }] = await Promise.all([
    import('./govmomi/session.ts'),
    import('./vsphere-views.ts'),
    import('./vsphere-error.ts'),
  ])
  const { network, clock, signal, trace } = options
  const { host, port, username, password, thumbprint, thumbprintKey } = endpoint
  const session = await guard(signal, () =>
    openSession({
      address: { host, port },
      username,
      password: () => password.reveal(),
      dial: (address, use) => network.dial(address, use),
      trusted: network.trusted,
      thumbprint,
      thumbprintKey,
      signal,
      sleep: (ms, use) => clock.sleep(ms, use),
      trace: trace === undefined ? undefined : (text) => trace(3, text),
    }),
  )
  return createVSphere(session)
}
