import type { Json } from '../../model/change.ts'
import type { Clock } from '../../model/clock.ts'
import type { SeedTenant } from '../../model/lab-seed.ts'
import type { DocumentStore } from '../../state/document-store.ts'
import type { Authority } from '../authority.ts'
import type { CloudView } from '../cloud.ts'
import type { LabNetwork } from '../network.ts'
import { createActivation } from './activation.ts'
import { createAdministrator, type Administrator, type AdministratorOptions } from './administrator.ts'
import { createApi } from './api.ts'
import { createEditLock } from './edit-lock.ts'
import { createFaults, type Faults } from './faults.ts'
import { createQuotas } from './quotas.ts'
import type { TenantRules } from './resource.ts'
import { addSeededLocations, planRules } from './seed.ts'
import { openServer, type Answerer } from './server.ts'
import { createSignIn } from './sign-in.ts'
import { idsOf, type TenantState } from './state.ts'
import { openTenantState } from './tenant-document.ts'
import { createTraffic, planTraffic, rebaseTraffic, type TenantCounts } from './traffic.ts'
import { createView } from './view.ts'
import { planVisits } from './visits.ts'
import { createWatch, type Watcher } from './watch.ts'

/** A ZIA tenant of the lab: its API listens, and appliances see what was activated. */
export interface LabTenant {
  readonly cloud: string
  /** The host of its API, by which faults are aimed. */
  readonly host: string
  readonly view: CloudView
  /** Requests that could have changed something, activations included, since this process began; sign-ins are none. */
  readonly mutations: number
  /** What was asked of it since it was made, in this process and before. */
  readonly counts: TenantCounts
  readonly faults: Faults
  /** What its server answers by; thousands of requests go through it without a socket sooner than over TLS. */
  readonly answer: Answerer
  /** Lets somebody see every request, and act or break the connection before and after it is carried out. */
  watch(watcher: Watcher): () => void
  /** Lets a person edit in the Admin Portal at the same time. */
  administrator(options: AdministratorOptions): Administrator
  /** The id of the instance of exactly this name, whether it is activated or not. */
  instanceId(name: string): number | undefined
  /** Remembers which instance a certificate was issued for. */
  registerCertificate(serial: string, instance: number): Promise<void>
  /** How it is configured, for `runbook lab status`. */
  status(): { readonly [key: string]: Json }
  close(): Promise<void>
}

/** What a tenant is built in. */
export interface TenantOptions {
  readonly store: DocumentStore
  readonly network: LabNetwork
  readonly clock: Clock
  readonly authority: Authority
}

/** How far ahead of the lab's clock a tenant's is that was set wrong. */
const SKEW = 600_000

/** Opens a tenant with the state that an earlier process left, or as it is bought. */
export async function createTenant(
  seed: SeedTenant,
  { store, network, clock, authority }: TenantOptions,
): Promise<LabTenant> {
  const home = `zia/${seed.apiHost}`
  const document = await openTenantState(store, home)
  if (addSeededLocations(document.value, seed, clock.now())) await document.save()
  const traffics = await store.open(`${home}/traffic`, planTraffic)
  rebaseTraffic(traffics.value, clock.now())
  const visits = await store.open(`${home}/visits`, planVisits)
  const faults = createFaults(await store.open(`${home}/faults`, () => ({})))

  const stopping = new AbortController()
  const { signal } = stopping
  const traffic = createTraffic(traffics, { clock })
  const watch = createWatch()
  const activation = createActivation(document, {
    faults,
    committed() {
      traffic.add('commits')
      signIn.settle()
    },
  })
  const signIn = createSignIn(seed, { clock, document: visits, activate: () => activation.commit() })
  const lock = createEditLock({ clock, isHeld: () => faults.has('admin-lock') })
  const rules = (): TenantRules => ({
    ...planRules(seed),
    isSubscribed: seed.licences > 0 && !faults.has('licence-expired'),
    dropsBinding: faults.has('drop-binding'),
    wantsSource: faults.has('location-source'),
    mayWrite: !faults.has('read-only-role'),
    isTerse: faults.has('bare-404'),
  })
  const before = countMutations(traffic.counts)

  const editing = { document, clock, lock, faults, activation, signal }
  const quotas = createQuotas({ clock, seen: traffics.value.seen })
  const answer = createApi({ ...editing, seed, quotas, signIn, traffic, watch, rules })
  const hosts = [...new Set([seed.apiHost, seed.tokenHost ?? seed.apiHost])]
  const server = await openServer({
    hosts,
    network,
    authority,
    answer,
    isReadOnly: () => faults.has('maintenance'),
    now: () => clock.now() + (faults.has('clock-skew') ? SKEW : 0),
  })

  return {
    cloud: seed.cloud,
    host: seed.apiHost,
    faults,
    answer,
    view: createView(seed.cloud, () => {
      signIn.lapse()
      return document.value
    }),
    get mutations() {
      return countMutations(traffic.counts) - before
    },
    get counts() {
      return traffic.counts
    },
    watch: (watcher) => watch.add(watcher),
    administrator: (options) => createAdministrator(options, { ...editing, rules }),
    instanceId: (name) => document.value.staged.virtualZenNodes.find((node) => node.name === name)?.id,
    async registerCertificate(serial, instance) {
      document.value.certificates[serial.toUpperCase()] = instance
      await document.save()
    },
    status: () => summarise(seed, document.value),
    async close() {
      stopping.abort()
      await server.close()
      await Promise.all([document.close(), traffic.keep(), signIn.keep(), faults.settled()])
    },
  }
}

const countMutations = ({ writes, activations }: TenantCounts): number => writes + activations

function summarise(seed: SeedTenant, { staged, committed, pending }: TenantState): { [key: string]: Json } {
  const active = new Set(committed.virtualZenNodes.map((node) => node.id))
  return {
    cloud: seed.cloud,
    api: seed.apiHost,
    activation: pending ? 'PENDING' : 'ACTIVE',
    licences: seed.licences,
    instances: staged.virtualZenNodes.map((node) => ({
      name: node.name,
      id: node.id,
      proxy: String(node['ipAddress']),
      active: active.has(node.id),
    })),
    clusters: staged.virtualZenClusters.map((cluster) => ({
      name: cluster.name,
      address: String(cluster['ipAddress']),
      nodes: idsOf(cluster['virtualZenNodes']).flatMap((id) =>
        staged.virtualZenNodes.filter((node) => node.id === id).map((node) => node.name),
      ),
    })),
    locations: staged.locations.map((location) => location.name),
    rules: staged.firewallFilteringRules.map((rule) => rule.name),
  }
}
