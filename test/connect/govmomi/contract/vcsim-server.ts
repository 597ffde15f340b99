import { worldNetwork } from '../../../../src/connect/world-network.ts'
import { createLabClock } from '../../../../src/lab/clock.ts'
import { readGovc, runGovc } from '../../../support/vcsim/govc.ts'
import { startVcsim } from '../../../support/vcsim/vcsim.ts'
import type { Places, ServerUnderTest } from './server.ts'

const VCENTER: Places = {
  datacenter: 'DC0',
  computeCluster: 'DC0_C0',
  hosts: ['DC0_C0_H0', 'DC0_C0_H1'],
  datastore: 'LocalDS_0',
  network: 'VM Network',
  switch: 'vSwitch0',
  distributed: { switch: 'DVS0', portGroup: 'DC0_DVPG0' },
}

const ESXI: Places = {
  datacenter: 'ha-datacenter',
  computeCluster: undefined,
  hosts: ['localhost.localdomain'],
  datastore: 'LocalDS_0',
  network: 'VM Network',
  switch: 'vSwitch0',
  distributed: undefined,
}

interface Sessions {
  readonly sessionList: readonly { readonly key: string }[]
  readonly currentSession: { readonly key: string }
}

/** Starts govmomi's simulator as one of the servers of the contract; `plain` without our additions. */
export async function openVcsimServer(
  program: string,
  kind: 'vcenter' | 'esxi',
  { plain = false } = {},
): Promise<ServerUnderTest> {
  const simulator = await startVcsim(program, { esx: kind === 'esxi', plain })
  const { endpoint } = simulator
  return {
    kind,
    endpoint,
    network: worldNetwork,
    // The simulator does everything at once: our client waits on this clock, and is not to wait long.
    clock: createLabClock(100),
    places: kind === 'esxi' ? ESXI : VCENTER,
    async endSessions() {
      const { sessionList, currentSession } = await readGovc<Sessions>(endpoint, ['session.ls'])
      const others = sessionList.filter(({ key }) => key !== currentSession.key)
      await runGovc(endpoint, ['session.rm', ...others.map(({ key }) => key)])
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}
