import { setMaxListeners } from 'node:events'

import { createFinder, type Finder } from '../../../../src/connect/govmomi/find.ts'
import { joinPath } from '../../../../src/connect/govmomi/join-path.ts'
import type { Host } from '../../../../src/connect/govmomi/object/host.ts'
import type { Machine } from '../../../../src/connect/govmomi/object/machine.ts'
import { createPropertyReader, type PropertyReader } from '../../../../src/connect/govmomi/property.ts'
import type { OperationName } from '../../../../src/connect/govmomi/schema/operations.ts'
import type { Arguments, MoRef, Result } from '../../../../src/connect/govmomi/schema/values.ts'
import { openSession, type Session } from '../../../../src/connect/govmomi/session.ts'
import { createWatcher, type Watcher } from '../../../../src/connect/govmomi/watch.ts'
import { openVSphere } from '../../../../src/connect/open-vsphere.ts'
import type { TaskOperation, VSphereSession, VSphereWriter } from '../../../../src/connect/vsphere.ts'
import type { ServerUnderTest } from './server.ts'

/** What a behaviour is tried with: the product's own client, both of its floors. */
export interface Kit {
  readonly server: ServerUnderTest
  readonly signal: AbortSignal
  /** Path of an OVA with three cards and one disk. */
  readonly image: string
  readonly session: Session
  readonly properties: PropertyReader
  readonly finder: Finder
  readonly watcher: Watcher
  readonly vsphere: VSphereSession
  readonly writer: VSphereWriter
  /** Opens one more session like `session`; whoever opens it closes it. */
  openSession(changes?: { readonly password?: string; readonly thumbprint?: string }): Promise<Session>
  call<O extends OperationName>(operation: O, self: MoRef, args: Arguments<O>): Promise<Result<O>>
  /** Starts a task and waits for its end. */
  run<O extends TaskOperation>(operation: O, self: MoRef, args: Arguments<O>): Promise<unknown>
  /** Imports the image under a name, with all three adapters in one network. */
  importVm(name: string): Promise<MoRef>
  machine(name: string): Promise<Machine>
  hosts(): Promise<readonly [Host, ...Host[]]>
  /** Inventory path in the datacenter. */
  path(...parts: readonly string[]): string
}

/** A kit, and the end of it. */
export interface OpenKit extends AsyncDisposable {
  readonly kit: Kit
}

/** Opens a kit against a server. `image` is the path of an OVA. */
export async function openKit(server: ServerUnderTest, image: string): Promise<OpenKit> {
  const { endpoint, network, clock, places } = server
  const stop = new AbortController()
  const { signal } = stop
  setMaxListeners(0, signal)

  const open: Kit['openSession'] = (changes = {}) =>
    openSession({
      address: { host: endpoint.host, port: endpoint.port },
      username: endpoint.username,
      password: () => changes.password ?? endpoint.password.reveal(),
      dial: (address, options) => network.dial(address, options),
      trusted: network.trusted,
      thumbprint: changes.thumbprint ?? endpoint.thumbprint,
      signal,
      sleep: (ms, options) => clock.sleep(ms, options),
    })

  const session = await open()
  const vsphere = await openVSphere(endpoint, { network, clock, signal })
  const writer = vsphere.writer({ signal })
  const properties = createPropertyReader(session, { collector: session.content.propertyCollector, signal })
  const { datacenter, computeCluster, datastore } = places
  const [first = ''] = places.hosts
  const scope = computeCluster === undefined ? { datacenter, host: first } : { datacenter, computeCluster }
  const path = (...parts: readonly string[]): string => joinPath(datacenter, ...parts)
  const kit: Kit = {
    server,
    signal,
    image,
    session,
    properties,
    finder: createFinder(session, { content: session.content, properties, signal }),
    watcher: createWatcher(session),
    vsphere,
    writer,
    openSession: open,
    call: (operation, self, args) => session.call(operation, { self, args, signal }),
    run: (operation, self, args) => writer.runTask(operation, { self, args, what: operation }),
    importVm: (name) =>
      writer.importOva({
        image,
        name,
        placement: { ...scope, datastore },
        networks: [places.network, places.network, places.network],
        thin: true,
        annotation: 'ours',
        settings: { 'runbook.import': 'importing' },
        onProgress: () => {},
        onWarning: () => {},
      }),
    async machine(name) {
      const machine = await writer.machine(path('vm', name))
      if (machine === undefined) throw new Error(`there is no ${name}`)
      return machine
    },
    async hosts() {
      const [host, ...others] = (await writer.hosts(scope)).filter(({ name }) => places.hosts.includes(name))
      if (host === undefined) throw new Error('there is no host')
      return [host, ...others]
    },
    path,
  }
  return {
    kit,
    async [Symbol.asyncDispose]() {
      await vsphere.close()
      await session.close()
      stop.abort()
    },
  }
}
