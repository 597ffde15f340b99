import { join } from 'node:path'

import type { LabSeed, SeedDownload } from '../model/lab-seed.ts'
import type { Operator } from '../model/operator.ts'
import { createDocumentStore } from '../state/document-store.ts'
import { lockFolder } from '../state/lock.ts'
import { planDialect } from './appliance/dialect.ts'
import { createApplianceYard, type ApplianceYard } from './appliance/yard.ts'
import { openAuthority } from './authority.ts'
import { createLabClock, type LabClock } from './clock.ts'
import { createLabNetwork, type LabNetwork } from './network.ts'
import { createPerson } from './person.ts'
import { writeCertificate } from './portal/certificate.ts'
import { writeImage } from './portal/image.ts'
import type { VCenterStatus } from './vcenter/status.ts'
import { createVCenter, type LabVCenter } from './vcenter/vcenter.ts'
import { createTenant, type LabTenant } from './zia/tenant.ts'

/** How much faster than the wall's the lab's time runs: a machine that takes a minute to boot is up in a blink. */
export const LAB_SCALE = 200

/** The embedded digital twin: vCenters, tenants and appliances in this process, over real protocols on loopback. */
export interface Lab {
  readonly network: LabNetwork
  readonly clock: LabClock
  /** The person who downloads what no API offers. */
  readonly operator: Operator
  readonly vcenters: readonly LabVCenter[]
  readonly tenants: readonly LabTenant[]
  readonly yard: ApplianceYard
  /** What there is in the lab, for `runbook lab status`. */
  status(): LabStatus
  close(): Promise<void>
}

/** What there is in the lab, in words. */
export type LabStatus = {
  readonly vcenters: readonly VCenterStatus[]
  readonly tenants: readonly ReturnType<LabTenant['status']>[]
  readonly appliances: ReturnType<ApplianceYard['status']>
}

/** What a lab is opened with. */
export interface LabOptions {
  readonly seed: LabSeed
  /** Folder of what runs leave behind; the lab keeps its own below it. */
  readonly state: string
  readonly scale?: number | undefined
}

/** Opens the lab with everything that an earlier process left in it, and what the seed asks for beside. */
export async function openLab({ seed, state, scale = LAB_SCALE }: LabOptions): Promise<Lab> {
  const folder = join(state, 'lab')
  const lock = await lockFolder(folder, { what: 'the lab' })
  const store = createDocumentStore({ folder: join(folder, 'state') })
  const clock = createLabClock(scale)
  const authority = await openAuthority(store)
  const network = createLabNetwork({ trusted: [authority.pem] })
  const world = { store, clock, network, authority }

  const tenants = await Promise.all(seed.tenants.map((tenant) => createTenant(tenant, world)))
  const clouds = tenants.map(({ view }) => view)
  const { dialects } = seed
  const dialectOf = dialects === undefined ? undefined : (machine: string) => planDialect(dialects, machine)
  const yard = createApplianceYard({
    store,
    clock,
    network,
    clouds,
    subnets: seed.subnets,
    dialectOf,
  })
  const { createGuest } = yard
  const vcenters = await Promise.all(
    seed.vcenters.map((vcenter) => createVCenter(vcenter, { ...world, createGuest })),
  )

  async function fetch({ kind, node, path }: SeedDownload): Promise<void> {
    if (kind === 'image') return writeImage(path)
    const tenant = tenants.find((one) => node !== undefined && one.instanceId(node) !== undefined)
    // The portal has nothing to download for an instance that it does not know.
    if (tenant !== undefined && node !== undefined) await writeCertificate(node, path, { tenant, authority })
  }

  return {
    network,
    clock,
    operator: createPerson({ downloads: seed.downloads, fetch }),
    vcenters,
    tenants,
    yard,
    status: () => ({
      vcenters: vcenters.map((vcenter) => vcenter.status()),
      tenants: tenants.map((tenant) => {
        const { requests, writes, activations, tooFast } = tenant.counts
        const asked = `${requests} requests, ${writes} writes, ${activations} activations, ${tooFast} too fast`
        return { ...tenant.status(), asked }
      }),
      appliances: yard.status(),
    }),
    async close() {
      await Promise.all(vcenters.map((vcenter) => vcenter.close()))
      await yard.close()
      await Promise.all(tenants.map((tenant) => tenant.close()))
      await network.close()
      await store.settled()
      await lock.release()
    },
  }
}
