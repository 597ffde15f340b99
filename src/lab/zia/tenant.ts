import type { Json } from '../../model/change.ts'
import type { Clock } from '../../model/clock.ts'
import type { SeedTenant } from '../../model/lab-seed.ts'
import type { DocumentStore } from '../../state/document-store.ts'
import type { Authority } from '../authority.ts'
import type { CloudView } from '../cloud.ts'
import type { LabNetwork } from '../network.ts'
import { createApi } from './api.ts'
import { createEditLock } from './edit-lock.ts'
import { createFaults, type Faults } from './faults.ts'
import { createQuotas } from './quotas.ts'
import { addSeededLocations, planTenant } from './seed.ts'
import { openServer } from './server.ts'
import { createSignIn } from './sign-in.ts'
import { idsOf, type TenantState } from './state.ts'
import { createView } from './view.ts'

/** A ZIA tenant of the lab: its API listens, and appliances see what was activated. */
export interface LabTenant {
  readonly cloud: string
  readonly view: CloudView
  /** Requests that could have changed something, since this process began; sign-ins are none. */
  readonly mutations: number
  readonly faults: Faults
  /** The id of the instance of exactly this name, whether it is activated or not. */
  instanceId(name: string): number | undefined
  /** Remembers which instance a certificate was issued for. */
  registerCertificate(serial: string, instance: number): Promise<void>
  /** What `runbook lab status` shows. */
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

/** Opens a tenant with the state that an earlier process left, or as it is bought. */
export async function createTenant(
  seed: SeedTenant,
  { store, network, clock, authority }: TenantOptions,
): Promise<LabTenant> {
  const document = await store.open<TenantState>(`zia/${seed.apiHost}`, planTenant)
  if (addSeededLocations(document.value, seed, clock.now())) await document.save()
  const faults = createFaults()
  let mutations = 0

  function commit(): void {
    const { value } = document
    value.committed = structuredClone(value.staged)
    value.pending = false
    signIn.settle()
  }
  const signIn = createSignIn(seed, { clock, activate: commit })

  const answer = createApi({
    seed,
    document,
    clock,
    faults,
    signIn,
    quotas: createQuotas({ clock }),
    lock: createEditLock({ clock }),
    activate: commit,
    noted: () => {
      mutations += 1
    },
  })
  const hosts = [...new Set([seed.apiHost, seed.tokenHost ?? seed.apiHost])]
  const server = await openServer({
    hosts,
    network,
    authority,
    answer,
    isReadOnly: () => faults.has('maintenance'),
  })

  return {
    cloud: seed.cloud,
    faults,
    view: createView(seed.cloud, () => {
      signIn.lapse()
      return document.value
    }),
    get mutations() {
      return mutations
    },
    instanceId: (name) => document.value.staged.virtualZenNodes.find((node) => node.name === name)?.id,
    async registerCertificate(serial, instance) {
      document.value.certificates[serial.toUpperCase()] = instance
      await document.save()
    },
    status: () => summarise(seed, document.value),
    close: () => server.close(),
  }
}

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
