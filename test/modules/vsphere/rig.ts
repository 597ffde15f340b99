import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { z } from 'zod'

import { openVSphere } from '../../../src/connect/open-vsphere.ts'
import type { OvaImport, VSphereReader, VSphereSession, VSphereWriter } from '../../../src/connect/vsphere.ts'
import { openAuthority } from '../../../src/lab/authority.ts'
import { createLabClock, type LabClock } from '../../../src/lab/clock.ts'
import type { Guest, Machine } from '../../../src/lab/guest.ts'
import { createLabNetwork, type LabNetwork } from '../../../src/lab/network.ts'
import { writeImage } from '../../../src/lab/portal/image.ts'
import { createVCenter, type LabVCenter } from '../../../src/lab/vcenter/vcenter.ts'
import type { Change } from '../../../src/model/change.ts'
import type { SeedVCenter } from '../../../src/model/lab-seed.ts'
import type { Module, Task } from '../../../src/model/module.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'

export const SEED: SeedVCenter = {
  host: 'vc.lab',
  port: 443,
  username: 'administrator@vsphere.local',
  password: documentedSecret('secret'),
  kind: 'vcenter',
  datacenter: '/FRA',
  computeCluster: 'edge',
  hosts: [
    { name: 'esx-1.lab', memoryGB: 256, cpus: 32, uplinks: ['vmnic0', 'vmnic1'], nitrox: 1 },
    { name: 'esx-2.lab', memoryGB: 256, cpus: 32, uplinks: ['vmnic0'], nitrox: 0 },
  ],
  datastores: [{ name: 'ssd-1', capacityGB: 4000 }],
  networks: [
    { name: 'vse', kind: 'standard', vlan: 84, switch: 'vSwitch0', exists: true },
    { name: 'later', kind: 'standard', vlan: 85, switch: 'vSwitch0', exists: false },
    { name: 'dvs-vse', kind: 'distributed', vlan: 86, switch: 'dvs', exists: true },
    { name: 'dvs-later', kind: 'distributed', vlan: 87, switch: 'dvs', exists: false },
  ],
  folders: ['edges'],
  resourcePools: ['prod'],
}

export const ESXI: SeedVCenter = {
  ...SEED,
  host: 'esx.lab',
  kind: 'esxi',
  datacenter: '/ha-datacenter',
  computeCluster: undefined,
  hosts: [{ name: 'esx.lab', memoryGB: 128, cpus: 16, uplinks: ['vmnic0'], nitrox: 0 }],
  networks: [{ name: 'vse', kind: 'standard', vlan: 84, switch: 'vSwitch0', exists: true }],
  folders: [],
  resourcePools: [],
}

/** Where most machines are made. */
export const PLACE = {
  datacenter: '/FRA',
  computeCluster: 'edge',
  datastore: 'ssd-1',
  folder: 'edges',
} as const

/** Networks of the three adapters of a machine. */
export const VSE = ['vse', 'vse', 'vse']

/** What is imported past the modules: a thin machine at the usual place, with nobody who listens. */
export function orderOf(
  { image }: Pick<Rig, 'image'>,
  more: Pick<OvaImport, 'name'> & Partial<OvaImport>,
): OvaImport {
  return {
    image,
    placement: PLACE,
    networks: VSE,
    thin: true,
    annotation: '',
    settings: {},
    onProgress: () => {},
    onWarning: () => {},
    ...more,
  }
}

/** What became of one step. */
export interface StepResult {
  readonly changes: readonly Change[]
  /** What still differs after the changes were made. */
  readonly left: readonly Change[]
  readonly facts: unknown
  readonly progress: readonly number[]
  readonly warnings: readonly string[]
}

interface RunOptions {
  readonly signal?: AbortSignal
  readonly session?: VSphereSession
  /** Told what the module warns of, while it works. */
  readonly onWarning?: (message: string) => void
  /** Done when the module has noted something, before it goes on. */
  readonly onNote?: () => Promise<unknown>
  /** Done between comparing and changing: what others do meanwhile. */
  readonly meanwhile?: () => Promise<unknown>
}

/** A lab's vCenter, a session on it, and the engine's cycle around one module. */
export interface Rig {
  readonly network: LabNetwork
  readonly vcenter: LabVCenter
  readonly session: VSphereSession
  readonly reader: VSphereReader
  readonly writer: VSphereWriter
  readonly clock: LabClock
  readonly image: string
  /** What the guests of the machines have to do with, by name. */
  readonly hardware: ReadonlyMap<string, Machine>
  /** What modules have noted, by module and identity: it outlives a run that is killed, as the engine's ledger does. */
  readonly notes: Map<string, string>
  /** Read, compare, apply, read and compare again. */
  run(task: Task, options?: RunOptions): Promise<StepResult>
  /** Read and compare. */
  check(task: Task): Promise<readonly Change[]>
  close(): Promise<void>
}

const guest: Guest = {
  powerOn: () => Promise.resolve(),
  powerOff: () => Promise.resolve(),
  type: (keys) => keys.length,
  screen: () => Buffer.from([0x89, 0x50, 0x4e, 0x47]),
  destroy: () => Promise.resolve(),
}

export async function openRig(
  seed: SeedVCenter = SEED,
  { scale = 1000, patience = 10_000 }: { scale?: number; patience?: number } = {},
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'vsphere-'))
  const store = createDocumentStore({ folder: join(folder, 'state') })
  const authority = await openAuthority(store)
  const network = createLabNetwork({ trusted: [authority.pem] })
  const clock = createLabClock(scale)
  const hardware = new Map<string, Machine>()
  const createGuest = (machine: Machine): Promise<Guest> => {
    hardware.set(machine.name, machine)
    return Promise.resolve(guest)
  }
  const vcenter = await createVCenter(seed, {
    store,
    network,
    clock,
    authority,
    createGuest,
    // On a busy machine, too, an upload has to be quicker than its lease, however fast the lab's clock goes.
    leaseTimeout: patience * scale,
  })
  const image = join(folder, 'vse.ova')
  await writeImage(image)
  const stop = new AbortController()
  const { signal } = stop
  const session = await openVSphere(seed, { network, clock, signal })
  const reader = session.reader({ signal })
  const writer = session.writer({ signal })
  const notes = new Map<string, string>()

  async function run(
    task: Task,
    { signal: until = signal, session: through = session, onWarning, onNote, meanwhile }: RunOptions = {},
  ): Promise<StepResult> {
    if (task.uses.kind !== 'module') throw new Error('not a module')
    const module = task.uses as unknown as Module<z.ZodObject, unknown, VSphereReader, VSphereWriter>
    const params = module.params.parse(task.input)
    const progress: number[] = []
    const warnings: string[] = []
    const context = {
      params,
      target: 'edge',
      signal: until,
      clock,
      progress: ({ done }: { done: number }) => void progress.push(done),
      warn(message: string) {
        warnings.push(message)
        onWarning?.(message)
      },
      recall: (identity: string) => notes.get(`${module.name} ${identity}`),
      async remember(identity: string, note: string) {
        notes.set(`${module.name} ${identity}`, note)
        await onNote?.()
      },
    }
    const view = { connection: through.reader({ signal: until }) }
    const facts = await module.read({ ...context, ...view })
    for (const identity of module.refutes?.(facts) ?? []) notes.delete(`${module.name} ${identity}`)
    const changes = module.diff(facts, params)
    if (changes.length === 0) return { changes, left: [], facts, progress, warnings }
    await meanwhile?.()
    const connection = through.writer({ signal: until })
    await module.apply?.({ ...context, connection, facts, changes })
    const after = await module.read({ ...context, ...view })
    return { changes, left: module.diff(after, params), facts: after, progress, warnings }
  }

  return {
    network,
    vcenter,
    session,
    reader,
    writer,
    clock,
    image,
    hardware,
    notes,
    run,
    async check(task) {
      const module = task.uses as unknown as Module<z.ZodObject, unknown, VSphereReader>
      const params = module.params.parse(task.input)
      const context = {
        params,
        target: 'edge',
        signal,
        clock,
        progress: () => {},
        warn: () => {},
        recall: (identity: string) => notes.get(`${module.name} ${identity}`),
      }
      return module.diff(await module.read({ ...context, connection: reader }), params)
    },
    async close() {
      await session.close()
      stop.abort()
      await vcenter.close()
      await network.close()
      await store.settled()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
