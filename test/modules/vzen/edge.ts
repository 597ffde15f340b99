import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'

import type { z } from 'zod'

import type { ApplianceReader, ApplianceWriter } from '../../../src/connect/appliance.ts'
import { createGlyphBook, type GlyphBook } from '../../../src/connect/console/glyph-book.ts'
import type { ConsolePort } from '../../../src/connect/console/port.ts'
import { openHostKeys, type HostKeys } from '../../../src/connect/host-keys.ts'
import { openAppliance, type ApplianceConnection } from '../../../src/connect/open-appliance.ts'
import type { Guest } from '../../../src/lab/guest.ts'
import type { Change } from '../../../src/model/change.ts'
import type { Action, Module } from '../../../src/model/module.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import {
  createBench,
  createMachine,
  makeBundle,
  NODE_A,
  NODE_B,
  type Bench,
  type BenchMachine,
  type BenchOptions,
} from '../../lab/appliance/bench.ts'

export const signal = new AbortController().signal
export const wanted = documentedSecret('Correct-Horse-42')
export const initial = documentedSecret('zsroot')

export interface Edge {
  readonly name: string
  readonly guest: Guest
  readonly machine: BenchMachine
  readonly appliance: ApplianceConnection
  readonly hostKeys: HostKeys
  /** Path of its certificate bundle. */
  readonly bundle: string
  readonly warnings: string[]
  /** Called with what a module tells of its progress. */
  onProgress: (text: string) => void
  readonly progress: string[]
  readonly trace: string[]
}

export interface Site {
  readonly bench: Bench
  readonly glyphs: GlyphBook
  /** What modules have noted, by its name and the identity of the thing. */
  readonly notes: Map<string, string>
  /** How often keys were pressed and screens taken. */
  readonly counts: { screens: number; types: number }
  /** Cuts every connection that was made, as a switch that restarts does. */
  cut(): void
  addEdge(name: string, options?: { readonly check?: boolean }): Promise<Edge>
  close(): Promise<void>
}

const ADDRESSES: Readonly<Record<string, string>> = { 'lab-1-a': '10.84.0.110', 'lab-1-b': '10.84.0.120' }

/** A site of the lab with appliances whose consoles are reached without a vCenter. */
export function createSite(options: BenchOptions = {}): Site {
  const bench = createBench({ scale: 600, ...options })
  const glyphs = createGlyphBook()
  const edges: Edge[] = []
  const counts = { screens: 0, types: 0 }
  const sockets = new Set<Socket>()

  return {
    bench,
    glyphs,
    notes: new Map(),
    counts,
    cut() {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    async addEdge(name, { check = false } = {}) {
      const index = Object.keys(ADDRESSES).indexOf(name) + 1
      const machine = createMachine(name, index)
      const guest = await bench.yard.createGuest(machine)
      if (!edges.some((edge) => edge.guest === guest)) await guest.powerOn({ resumed: false })
      const screen = async (): Promise<Buffer> => {
        counts.screens += 1
        return guest.screen()
      }
      const type: ConsolePort['type'] = async (keys) => {
        counts.types += 1
        return guest.type(keys)
      }
      const trace: string[] = []
      const hostKeys = await openHostKeys({ path: join(bench.folder, 'host-keys.json') })
      const appliance = openAppliance(
        {
          name,
          ssh: { host: ADDRESSES[name] ?? '', port: 22, username: 'zsroot', password: wanted },
          initialPassword: initial,
          vsphere: { host: '', port: 443, username: '', password: wanted },
          vm: '',
          hostKey: 'announced',
        },
        {
          network: {
            trusted: bench.network.trusted,
            async dial(address, options) {
              const socket = await bench.network.dial(address, options)
              sockets.add(socket)
              return socket
            },
          },
          clock: bench.clock,
          hostKeys,
          port: async () => (check ? { screen } : { screen, type }),
          glyphs,
          trace: (_level, text) => trace.push(text),
        },
      )
      const { zip, serial } = makeBundle(name)
      const bundle = join(bench.folder, `${name}.zip`)
      writeFileSync(bundle, zip)
      bench.cloud.nodes.set(serial, name === 'lab-1-a' ? NODE_A : NODE_B)
      const edge: Edge = {
        name,
        guest,
        machine,
        appliance,
        hostKeys,
        bundle,
        warnings: [],
        onProgress: () => {},
        progress: [],
        trace,
      }
      edges.push(edge)
      return edge
    },
    async close() {
      for (const { appliance } of edges) await appliance.close()
      await bench.close()
    },
  }
}

/** What a module finds, and what it would change. */
export interface Look<F> {
  readonly facts: F
  readonly changes: readonly Change[]
}

type Call<P extends z.ZodObject, F, R, W> = { readonly uses: Module<P, F, R, W> }

/** Reads and compares, as check mode does. */
export async function look<P extends z.ZodObject, F, R, W>(
  { uses }: Call<P, F, R, W>,
  input: z.input<P>,
  { site, connection, edge }: { site: Site; connection: R; edge?: Edge },
): Promise<Look<F>> {
  const params = uses.params.parse(input)
  const context = contextFor(site, { params, edge, name: uses.name })
  const facts = await uses.read({ ...context, connection })
  return { facts, changes: uses.diff(facts, params) }
}

function contextFor<P>(
  site: Site,
  { params, edge, name }: { params: P; edge: Edge | undefined; name: string },
) {
  return {
    params,
    target: edge?.name ?? 'lab-1',
    signal,
    clock: site.bench.clock,
    progress: ({ text = '', done }: { text?: string; done: number }) => {
      edge?.progress.push(`${done} ${text}`)
      edge?.onProgress(`${done} ${text}`)
    },
    warn: (message: string) => {
      edge?.warnings.push(message)
    },
    folder: join(site.bench.folder, 'run'),
    recall: (identity: string) => site.notes.get(`${name} ${identity}`),
    async remember(identity: string, note: string) {
      site.notes.set(`${name} ${identity}`, note)
    },
  }
}

/** Does what the engine does: read, compare, apply, and read until nothing differs. Gives the changes that were made. */
export async function converge<P extends z.ZodObject, F>(
  call: Call<P, F, ApplianceReader, ApplianceWriter>,
  input: z.input<P>,
  { site, edge }: { site: Site; edge: Edge },
): Promise<readonly Change[]> {
  const { uses } = call
  const { reader, writer } = edge.appliance
  const params = uses.params.parse(input)
  const first = await look(call, input, { site, connection: reader, edge })
  if (first.changes.length === 0) return []
  await uses.apply?.({ ...contextFor(site, { params, edge, name: uses.name }), connection: writer, ...first })
  if (uses.readBack !== undefined) return first.changes
  let left = first.changes
  for (let tries = 0; tries < 100; tries++) {
    left = (
      await look(call, input, { site, connection: reader, edge }).catch(() => ({ changes: first.changes }))
    ).changes
    if (left.length === 0) return first.changes
    if (uses.settle === undefined) break
    await site.bench.clock.sleep(uses.settle.every * 1000)
  }
  throw new Error(`it did not take: ${JSON.stringify(left)}`)
}

/** Asks again, as a step with a retry does, until nothing differs. */
export async function lookUntilFine<P extends z.ZodObject, F, R, W>(
  call: Call<P, F, R, W>,
  input: z.input<P>,
  options: { site: Site; connection: R; edge?: Edge },
): Promise<Look<F>> {
  for (let tries = 0; ; tries++) {
    const found = await look(call, input, options)
    if (found.changes.length === 0 || tries === 100) return found
    await options.site.bench.clock.sleep(5000)
  }
}

/** Runs an action, as the engine does where it is no rehearsal. */
export async function act<P extends z.ZodObject, O>(
  { uses }: { readonly uses: Action<P, ApplianceWriter, O> },
  input: z.input<P>,
  { site, edge }: { site: Site; edge: Edge },
): Promise<O> {
  const params = uses.params.parse(input)
  return uses.run({
    ...contextFor(site, { params, edge, name: uses.name }),
    connection: edge.appliance.writer,
  })
}
