import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openAuthority } from '../../../../src/lab/authority.ts'
import { createLabClock } from '../../../../src/lab/clock.ts'
import type { Guest } from '../../../../src/lab/guest.ts'
import { createLabNetwork } from '../../../../src/lab/network.ts'
import { createVCenter } from '../../../../src/lab/vcenter/vcenter.ts'
import type { Clock } from '../../../../src/model/clock.ts'
import type { SeedVCenter } from '../../../../src/model/lab-seed.ts'
import { documentedSecret } from '../../../../src/model/secret.ts'
import { createDocumentStore } from '../../../../src/state/document-store.ts'
import type { ServerUnderTest } from './server.ts'

const UPLINKS = ['vmnic0', 'vmnic1']
const host = (name: string, nitrox: number) => ({ name, memoryGB: 256, cpus: 32, uplinks: UPLINKS, nitrox })

const VCENTER: SeedVCenter = {
  host: 'vc.lab',
  port: 443,
  username: 'administrator@vsphere.local',
  password: documentedSecret('pa"ss<w>&ord'),
  kind: 'vcenter',
  datacenter: '/FRA',
  computeCluster: 'edge',
  hosts: [host('esx-1.lab', 1), host('esx-2.lab', 0)],
  datastores: [{ name: 'ssd-1', capacityGB: 40_000 }],
  networks: [
    { name: 'VM Network', kind: 'standard', vlan: 0, switch: 'vSwitch0', exists: true },
    { name: 'dvs-old', kind: 'distributed', vlan: 86, switch: 'dvs', exists: true },
  ],
  folders: [],
  resourcePools: [],
}

const ESXI: SeedVCenter = {
  ...VCENTER,
  host: 'esx.lab',
  kind: 'esxi',
  datacenter: '/ha-datacenter',
  computeCluster: undefined,
  hosts: [host('esx.lab', 1)],
  networks: VCENTER.networks.slice(0, 1),
}

/** A guest that is there and does nothing. */
const guest: Guest = {
  powerOn: () => Promise.resolve(),
  powerOff: () => Promise.resolve(),
  type: (keys) => keys.length,
  screen: () => Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
  destroy: () => Promise.resolve(),
}

/** A quick clock that can be put forward. */
function createJumpingClock(): Clock & { jump(ms: number): void } {
  const clock = createLabClock(1000)
  let ahead = 0
  return {
    now: () => clock.now() + ahead,
    sleep: (ms, options) => clock.sleep(ms, options),
    jump: (ms) => void (ahead += ms),
  }
}

/** Opens the lab's vCenter, or its ESXi host, as one of the servers of the contract. */
export async function openLabServer(kind: 'vcenter' | 'esxi'): Promise<ServerUnderTest> {
  const seed = kind === 'esxi' ? ESXI : VCENTER
  const folder = await mkdtemp(join(tmpdir(), 'contract-'))
  const store = createDocumentStore({ folder })
  const authority = await openAuthority(store)
  const network = createLabNetwork({ trusted: [authority.pem] })
  const clock = createJumpingClock()
  const server = await createVCenter(seed, {
    store,
    network,
    clock,
    authority,
    createGuest: () => Promise.resolve(guest),
    // A process that is busy elsewhere must not lose its import: the clock runs on meanwhile.
    leaseTimeout: 100_000_000,
  })
  const distributed = seed.networks.find((one) => one.kind === 'distributed')
  return {
    kind,
    endpoint: seed,
    network,
    clock,
    places: {
      datacenter: seed.datacenter.slice(1),
      computeCluster: seed.computeCluster,
      hosts: seed.hosts.map(({ name }) => name),
      datastore: 'ssd-1',
      network: 'VM Network',
      switch: 'vSwitch0',
      distributed:
        distributed === undefined ? undefined : { switch: distributed.switch, portGroup: distributed.name },
    },
    endSessions() {
      clock.jump(31 * 60_000)
      return Promise.resolve()
    },
    async [Symbol.asyncDispose]() {
      await server.close()
      await network.close()
      await store.settled()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
