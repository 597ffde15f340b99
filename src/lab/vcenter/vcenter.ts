import { X509Certificate } from 'node:crypto'
import { setMaxListeners } from 'node:events'

import type { Clock } from '../../model/clock.ts'
import type { SeedPolicy, SeedVCenter } from '../../model/lab-seed.ts'
import type { DocumentStore } from '../../state/document-store.ts'
import type { Authority } from '../authority.ts'
import type { CreateGuest } from '../guest.ts'
import type { LabNetwork, Listener } from '../network.ts'
import { createHttp } from './http.ts'
import { openInventory } from './inventory.ts'
import { createLeases } from './leases.ts'
import { createChanges } from './model/changes.ts'
import { createNamedFaults, type NamedFaults } from './model/named-faults.ts'
import { createSaves } from './model/saves.ts'
import type { Uploads } from './model/uploads.ts'
import type { World } from './model/world.ts'
import { createFileManager } from './objects/file-manager.ts'
import { createHost } from './objects/host.ts'
import { createSwitch, syncNetworks } from './objects/network.ts'
import { createOvfManager } from './objects/ovf-manager.ts'
import { createPlaces } from './objects/places.ts'
import { createSearchIndex } from './objects/search-index.ts'
import { createServiceInstance } from './objects/service-instance.ts'
import { createSessionManager } from './objects/session-manager.ts'
import { createViewManager } from './objects/view.ts'
import { createSessions } from './sessions.ts'
import { setPolicy } from './set-policy.ts'
import { singletonsOf } from './singletons.ts'
import { describeStatus, type VCenterStatus } from './status.ts'
import { createTasks } from './tasks.ts'
import { createVms } from './vms.ts'

/** What a vCenter of the lab stands on. */
export interface VCenterSurroundings {
  readonly store: DocumentStore
  readonly network: LabNetwork
  readonly clock: Clock
  readonly authority: Authority
  readonly createGuest: CreateGuest
  /** Milliseconds of the lab's time without progress after which an import is given up; five minutes where absent. */
  readonly leaseTimeout?: number | undefined
}

/** A vCenter or ESXi host of the lab, serving at its address. */
export interface LabVCenter {
  status(): VCenterStatus
  /** How many calls that change the inventory were served. */
  readonly mutations: number
  readonly faults: NamedFaults
  /** Changes a port group's policy everywhere it exists, as somebody with a vSphere client would. Throws where there is none. */
  setPolicy(portGroup: string, policy: Partial<SeedPolicy>): Promise<void>
  close(): Promise<void>
}

const LEASE_TIMEOUT = 300_000

/** Opens a vCenter as the seed describes it and the store remembers it; machines that were running run on. */
export async function createVCenter(seed: SeedVCenter, around: VCenterSurroundings): Promise<LabVCenter> {
  const { store, clock } = around
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const saves = createSaves()
  const inventory = await openInventory(seed, { store, saves })
  const names = [seed.host, ...seed.hosts.map(({ name }) => name)]
  const issued = await around.authority.issue({ commonName: seed.host, names: [...new Set(names)] })

  let mutations = 0
  const listeners: Listener[] = []
  const world = {
    seed,
    clock,
    saves,
    inventory,
    signal: stop.signal,
    objects: new Map(),
    files: new Map(),
    changes: createChanges(),
    faults: createNamedFaults(),
    sessions: createSessions(clock),
    count: () => void mutations++,
  } as Partial<World> as World
  const http = createHttp(world, issued)
  const listen = async (address: { readonly host: string; readonly port: number }): Promise<void> => {
    listeners.push(await around.network.listen(address, (socket) => void http.emit('connection', socket)))
  }
  Object.assign(world, {
    tasks: createTasks(world),
    vms: createVms(world, { store, createGuest: around.createGuest }),
    leases: createLeases(world, { timeout: around.leaseTimeout ?? LEASE_TIMEOUT }),
    uploads: await openUploads(world, { listen, network: around.network, certificate: issued.certificate }),
  })

  await raise(world)
  await listen({ host: seed.host, port: seed.port })

  return {
    status: () => describeStatus(world),
    get mutations() {
      return mutations
    },
    faults: world.faults,
    async setPolicy(portGroup, policy) {
      setPolicy(world, portGroup, policy)
      await saves.settled()
    },
    async close() {
      stop.abort()
      world.sessions.endAll()
      await Promise.all(listeners.map((listener) => listener.close()))
      await world.tasks.settled()
      await saves.settled()
    },
  }
}

// From here on everything in the world may be called.
async function raise(world: World): Promise<void> {
  const { viewManager, ovfManager } = singletonsOf(world.seed.kind)
  const objects = [
    createServiceInstance(world),
    createSessionManager(world),
    createSearchIndex(world),
    createFileManager(world),
    createViewManager(world, viewManager),
    createOvfManager(world, ovfManager),
    ...createPlaces(world),
    ...world.inventory.hosts.flatMap((host) => createHost(world, host)),
    ...world.inventory.distributedSwitches.map((name) => createSwitch(world, name)),
  ]
  for (const object of objects) world.objects.set(object.ref.value, object)
  syncNetworks(world)
  await world.vms.resume()
  world.leases.resume()
  await world.saves.settled()
}

/** Serves every host's datastores under the host's own name, where that name is free in the lab. */
async function openUploads(
  { seed, inventory }: World,
  around: {
    readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<void>
    readonly network: LabNetwork
    readonly certificate: string
  },
): Promise<Uploads> {
  const thumbprint = new X509Certificate(around.certificate).fingerprint
  const own = `https://${seed.host}${seed.port === 443 ? '' : `:${seed.port}`}`
  const origins = new Map<string, string>()
  for (const host of seed.kind === 'vcenter' ? inventory.hosts : []) {
    const address = { host: host.seed.name, port: 443 }
    if (around.network.isTaken(address) || address.host === seed.host) continue
    await around.listen(address)
    origins.set(host.state.moid, `https://${address.host}`)
  }
  return {
    to: (host) => ({
      // A host that is asked directly does not know by which name.
      origin: seed.kind === 'esxi' ? 'https://*' : (origins.get(host) ?? own),
      thumbprint,
    }),
  }
}
