import { setMaxListeners } from 'node:events'

import type { Clock } from '../../model/clock.ts'
import type { SeedPolicy, SeedVCenter } from '../../model/lab-seed.ts'
import type { DocumentStore } from '../../state/document-store.ts'
import type { Authority } from '../authority.ts'
import type { CreateGuest } from '../guest.ts'
import type { LabNetwork } from '../network.ts'
import { dialOut } from './dial-out.ts'
import { createDoor } from './door.ts'
import { countHoldings, type Holdings } from './holdings.ts'
import { openInventory } from './inventory.ts'
import { createLeases } from './leases.ts'
import { createChanges } from './model/changes.ts'
import { createNamedFaults, type FaultState, type NamedFaults } from './model/named-faults.ts'
import { createSaves } from './model/saves.ts'
import type { World } from './model/world.ts'
import { createAuthorizationManager } from './objects/authorization-manager.ts'
import { createFileManager } from './objects/file-manager.ts'
import { createHost } from './objects/host.ts'
import { createLicenseManagers } from './objects/license-manager.ts'
import { createSwitch, syncNetworks } from './objects/network.ts'
import { createOvfManager } from './objects/ovf-manager.ts'
import { createPlaces } from './objects/places.ts'
import { createSearchIndex } from './objects/search-index.ts'
import { createServiceInstance } from './objects/service-instance.ts'
import { createSessionManager } from './objects/session-manager.ts'
import { createViewManager } from './objects/view.ts'
import { createQuestions } from './questions.ts'
import { comeUp } from './reboot.ts'
import { createSessions } from './sessions.ts'
import { setPolicy } from './set-policy.ts'
import { singletonsOf } from './singletons.ts'
import { describeStatus, type VCenterStatus } from './status.ts'
import { createTasks } from './tasks.ts'
import { openUploads } from './uploads.ts'
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
  /** What clients have open, and what is under way for them: nothing once all of them have logged out. */
  holdings(): Holdings
  /** Resolves when everything that was changed is on disk. */
  settled(): Promise<void>
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
  const names = [...new Set([seed.host, ...seed.hosts.map(({ name }) => name)])]
  const issued = await around.authority.issue({ commonName: seed.host, names })

  const faults = await store.open<FaultState>(`vcenter/${seed.host}/faults`, () => ({}))
  let mutations = 0
  const world = {
    seed,
    clock,
    saves,
    inventory,
    signal: stop.signal,
    objects: new Map(),
    files: new Map(),
    changes: createChanges(),
    faults: createNamedFaults(faults, { saves }),
    sessions: createSessions(clock),
    trusted: around.network.trusted,
    dial: (address, options) => dialOut(around.network, address, options),
    count: () => void mutations++,
  } as Partial<World> as World
  const door = createDoor(world, { ...around, issued, names })
  Object.assign(world, {
    door,
    questions: createQuestions(world),
    tasks: createTasks(world),
    vms: createVms(world, { store, createGuest: around.createGuest }),
    leases: createLeases(world, { timeout: around.leaseTimeout ?? LEASE_TIMEOUT }),
    uploads: await openUploads(world, { door, network: around.network, certificate: issued.certificate }),
  })

  await raise(world)
  await door.open()

  return {
    status: () => describeStatus(world),
    get mutations() {
      return mutations
    },
    faults: world.faults,
    holdings: () => countHoldings(world),
    settled: () => saves.settled(),
    async setPolicy(portGroup, policy) {
      setPolicy(world, portGroup, policy)
      await saves.settled()
    },
    async close() {
      stop.abort()
      await door.shut()
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
    createAuthorizationManager(world),
    ...createLicenseManagers(world),
    createViewManager(world, viewManager),
    createOvfManager(world, ovfManager),
    ...createPlaces(world),
    ...world.inventory.hosts.flatMap((host) => createHost(world, host)),
    ...world.inventory.distributedSwitches.map((name) => createSwitch(world, name)),
  ]
  for (const object of objects) world.objects.set(object.ref.value, object)
  syncNetworks(world)
  for (const host of world.inventory.hosts) if (host.state.reboot !== undefined) comeUp(world, host)
  await world.vms.resume()
  world.leases.resume()
  await world.saves.settled()
}
