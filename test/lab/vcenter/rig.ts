import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'

import { importOva } from '../../../src/connect/govmomi/ovf/import.ts'
import { openOva, type Ova } from '../../../src/connect/govmomi/ovf/ova.ts'
import { createPropertyReader, type PropertyReader } from '../../../src/connect/govmomi/property.ts'
import type { MoRef, AnyValue } from '../../../src/connect/govmomi/schema/values.ts'
import { openSession, type Session } from '../../../src/connect/govmomi/session.ts'
import { waitForTask } from '../../../src/connect/govmomi/task.ts'
import { createWatcher, type Watcher } from '../../../src/connect/govmomi/watch.ts'
import { openAuthority } from '../../../src/lab/authority.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import type { Guest, GuestKey, Machine } from '../../../src/lab/guest.ts'
import { createLabNetwork, type LabNetwork } from '../../../src/lab/network.ts'
import { writeImage } from '../../../src/lab/portal/image.ts'
import { createVCenter, type LabVCenter } from '../../../src/lab/vcenter/vcenter.ts'
import type { SeedVCenter } from '../../../src/model/lab-seed.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'

/** A guest that only remembers what was done to it. */
interface FakeGuest extends Guest {
  readonly machine: Machine
  readonly log: string[]
  readonly keys: GuestKey[]
}

export const SEED: SeedVCenter = {
  host: 'vc.lab',
  port: 443,
  username: 'administrator@vsphere.local',
  password: documentedSecret('pa"ss<w>&ord'),
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

/** One process of a lab around a folder; opening another on the same folder is the next process. */
export interface Rig {
  readonly folder: string
  readonly vcenter: LabVCenter
  readonly network: LabNetwork
  readonly guests: Map<string, FakeGuest>
  /** Logs in with the product's own client. */
  login(): Promise<Client>
  /** Sends a raw HTTP request to a host of the lab. */
  send(order: RawOrder): Promise<RawAnswer>
  /** Sends the content of a SOAP body, with a cookie where one is given. */
  soap(body: string, cookie?: string): Promise<RawAnswer>
  close(): Promise<void>
}

interface RawOrder {
  readonly host?: string
  readonly path: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
  readonly text: string
}

export interface Client {
  readonly session: Session
  readonly watcher: Watcher
  readonly properties: PropertyReader
  readonly signal: AbortSignal
  find(path: string): Promise<MoRef>
  /** Waits for a task; rejects with its fault. */
  done(task: Promise<MoRef>): Promise<AnyValue | undefined>
  importVm(
    name: string,
    networks?: readonly [string, string, string],
    options?: { readonly thin: boolean },
  ): Promise<MoRef>
  close(): Promise<void>
}

export async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'vcenter-'))
}

export async function openRig(
  seed: SeedVCenter,
  {
    folder,
    scale = 1000,
    leaseTimeout = 100_000_000,
  }: { folder: string; scale?: number; leaseTimeout?: number },
): Promise<Rig> {
  const store = createDocumentStore({ folder: join(folder, 'state') })
  const authority = await openAuthority(store)
  const network = createLabNetwork({ trusted: [authority.pem] })
  const clock = createLabClock(scale)
  const guests = new Map<string, FakeGuest>()
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const vcenter = await createVCenter(seed, {
    store,
    network,
    clock,
    authority,
    createGuest: async (machine) => {
      const guest = createFakeGuest(machine)
      guests.set(machine.name, guest)
      return guest
    },
    leaseTimeout,
  })

  async function send(order: RawOrder): Promise<RawAnswer> {
    const host = order.host ?? seed.host
    const raw = await network.dial({ host, port: 443 }, { signal: stop.signal })
    const socket = connectTls({ socket: raw, servername: host, ca: [authority.pem] })
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          createConnection: () => socket,
          path: order.path,
          method: order.method ?? 'GET',
          headers: { host, connection: 'close', ...order.headers },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const body = Buffer.concat(chunks)
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body,
              text: body.toString(),
            })
          })
          response.on('error', reject)
        },
      )
      outgoing.on('error', reject)
      outgoing.end(order.body)
    })
  }

  return {
    folder,
    vcenter,
    network,
    guests,
    send,
    soap: (body, cookie) =>
      send({
        path: '/sdk',
        method: 'POST',
        headers: { 'content-type': 'text/xml', ...(cookie !== undefined && { cookie }) },
        body: envelope(body),
      }),
    async login() {
      const session = await openSession({
        address: { host: seed.host, port: seed.port },
        username: seed.username,
        password: () => seed.password.reveal(),
        dial: (address, options) => network.dial(address, options),
        trusted: network.trusted,
        signal: stop.signal,
        sleep: (ms, options) => clock.sleep(ms, options),
      })
      return createTestClient(session, { seed, folder, signal: stop.signal })
    },
    async close() {
      stop.abort()
      await vcenter.close()
      await network.close()
      await store.settled()
    },
  }
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

const envelope = (body: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
  `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

function createTestClient(
  session: Session,
  { seed, folder, signal }: { seed: SeedVCenter; folder: string; signal: AbortSignal },
): Client {
  const watcher = createWatcher(session)
  let image: Promise<void> | undefined
  const properties = createPropertyReader(session, {
    collector: session.content.propertyCollector,
    signal,
  })
  const client: Client = {
    session,
    watcher,
    properties,
    signal,
    async find(path) {
      const self = session.content.searchIndex
      if (self === undefined) throw new Error('no search index')
      const found = await session.call('FindByInventoryPath', {
        self,
        args: { inventoryPath: path },
        signal,
      })
      if (found === undefined) throw new Error(`nothing at ${path}`)
      return found
    },
    async done(task) {
      return waitForTask({ session, watcher }, await task, { signal, what: 'the task' })
    },
    async importVm(name, networks = ['vse', 'vse', 'vse'], { thin } = { thin: true }) {
      image ??= writeImage(join(folder, 'vse.ova'))
      await image
      const ova: Ova = await openOva(join(folder, 'vse.ova'))
      const root = seed.datacenter
      const compute = seed.computeCluster ?? seed.hosts[0]?.name ?? ''
      const [management, proxy, lb] = await Promise.all(
        networks.map((each) => client.find(`${root}/network/${each}`)),
      )
      if (management === undefined || proxy === undefined || lb === undefined) throw new Error('no network')
      try {
        return await importOva(
          { session, watcher },
          {
            ova,
            name,
            placement: {
              resourcePool: await client.find(`${root}/host/${compute}/Resources`),
              datastore: await client.find(`${root}/datastore/ssd-1`),
              folder: await client.find(`${root}/vm`),
              host: undefined,
            },
            networks: { Management: management, Proxy: proxy, LB: lb },
            thin,
            patch: { annotation: 'importing', extraConfig: { 'runbook.image': 'vse' } },
            signal,
          },
        )
      } finally {
        await ova.close()
      }
    },
    close: () => session.close(),
  }
  return client
}

function createFakeGuest(machine: Machine): FakeGuest {
  const log: string[] = []
  const keys: GuestKey[] = []
  return {
    machine,
    log,
    keys,
    async powerOn({ resumed }) {
      log.push(resumed ? 'resumed' : 'on')
    },
    async powerOff() {
      log.push('off')
    },
    type(typed) {
      keys.push(...typed)
      return typed.length
    },
    screen: () => Buffer.from(`\u0089PNG ${machine.name}`, 'latin1'),
    async destroy() {
      log.push('destroyed')
    },
  }
}
