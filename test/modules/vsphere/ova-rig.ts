import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import type { z } from 'zod'

import { openVSphere } from '../../../src/connect/open-vsphere.ts'
import type { VSphereReader, VSphereSession, VSphereWriter } from '../../../src/connect/vsphere.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { ConnectError } from '../../../src/model/error.ts'
import type { SeedVCenter } from '../../../src/model/lab-seed.ts'
import type { Module, Task } from '../../../src/model/module.ts'
import type { Network } from '../../../src/model/network.ts'
import type { Progress } from '../../../src/model/progress.ts'
import type { Rig } from './rig.ts'

/** A session that notes what it sends, as another run of the engine would open it on the same vCenter. */
export interface WatchedRun {
  readonly session: VSphereSession
  readonly reader: VSphereReader
  readonly writer: VSphereWriter
  /** Connections that were opened to hosts that take uploads: one for every disk that was sent. */
  readonly uploads: () => number
  /** Names of the operations called since last asked. */
  calls(): readonly string[]
  /** Takes the network away, or gives it back: what is open breaks, and nothing can be opened. */
  setAway(isAway: boolean): void
  /** Read, compare, apply, read and compare again; gives what is left. */
  deploy(
    task: Task,
    options?: DeployOptions,
  ): Promise<{ left: readonly unknown[]; warnings: readonly string[] }>
  close(): Promise<void>
}

interface DeployOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** Opens such a session. `ways` lead from addresses outside of the lab to ports on loopback. */
export async function openRun(
  rig: Rig,
  {
    seed,
    ways = {},
    trace: hear,
    heldUp,
  }: {
    readonly seed: SeedVCenter
    readonly ways?: Readonly<Record<string, number>>
    /** Told everything that a run with -vvv shows of the session. */
    readonly trace?: (text: string) => void
    /** What it waits for, where there is something, before each of its pauses. */
    readonly heldUp?: () => Promise<unknown> | undefined
  },
): Promise<WatchedRun> {
  let uploads = 0
  let called: string[] = []
  const stop = new AbortController()
  const { signal } = stop
  const hosts = new Set(seed.hosts.map(({ name }) => name))
  const open = new Set<Socket>()
  let isCut = false
  const network: Network = {
    trusted: rig.network.trusted,
    async dial(address, options) {
      const port = ways[address.host]
      if (port !== undefined) {
        const socket = connect({ host: '127.0.0.1', port })
        await once(socket, 'connect', { signal: options.signal })
        return socket
      }
      if (hosts.has(address.host)) uploads += 1
      if (isCut) throw new ConnectError('refused', `${address.host} cannot be reached: ECONNREFUSED`)
      const socket = await rig.network.dial(address, options)
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      return socket
    },
  }
  const trace = (_: number, text: string): void => {
    hear?.(text)
    const [, operation] = /^(\w+) \S+ → HTTP/.exec(text) ?? []
    if (operation !== undefined) called.push(operation)
  }
  const clock: Clock = {
    ...rig.clock,
    async sleep(ms, use) {
      await heldUp?.()
      return rig.clock.sleep(ms, use)
    },
  }
  const session = await openVSphere(seed, { network, clock, signal, trace })
  return {
    session,
    reader: session.reader({ signal }),
    writer: session.writer({ signal }),
    uploads: () => uploads,
    calls() {
      const since = called
      called = []
      return since
    },
    setAway(isAway) {
      isCut = isAway
      if (isAway) for (const socket of open) socket.destroy()
    },
    async deploy(task, { signal: until = signal, onProgress = () => {} } = {}) {
      const module = task.uses as unknown as Module<z.ZodObject, unknown, VSphereReader, VSphereWriter>
      const params = module.params.parse(task.input)
      const warnings: string[] = []
      const context = {
        params,
        target: 'edge',
        signal: until,
        clock: rig.clock,
        progress: onProgress,
        warn: (message: string) => void warnings.push(message),
        recall: () => undefined,
        remember: () => Promise.resolve(),
      }
      const reading = { ...context, connection: session.reader({ signal: until }) }
      const facts = await module.read(reading)
      const changes = module.diff(facts, params)
      if (changes.length > 0) {
        await module.apply?.({ ...context, connection: session.writer({ signal: until }), facts, changes })
      }
      return { left: module.diff(await module.read(reading), params), warnings }
    },
    async close() {
      await session.close()
      stop.abort()
    },
  }
}
