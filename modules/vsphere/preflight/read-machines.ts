import { IMPORT_MARK, joinPath, type VSphereReader } from '#sdk'

import { HELD_BACK_PATHS, heldBackMB } from '../demand-memory.ts'
import { explainStranger } from '../stranger.ts'
import type { MachineFacts } from './facts.ts'
import type { Params } from './params.ts'
import type { FoundPlaces } from './read-places.ts'

/** A machine of the datacenter, in as much as preparing for ours has to know it. */
export interface Neighbour extends MachineFacts {
  readonly ref: { readonly type: string; readonly value: string }
}

/** The machines of a datacenter. */
export interface Neighbours {
  /** Those that have the names of ours, wherever they are. */
  readonly namesakes: readonly Neighbour[]
  /** MB of each host, by its id, that nobody uses yet and that are not to be had. */
  readonly claimedMB: ReadonlyMap<string, number>
}

const PATHS = ['name', 'parent', 'runtime.host', 'summary.config.memorySizeMB', ...HELD_BACK_PATHS] as const

type Values = Parameters<typeof heldBackMB>[0] & {
  readonly name: string
  readonly 'runtime.host'?: { readonly value: string } | undefined
  readonly 'summary.config.memorySizeMB'?: number | undefined
}

/** MB of each host, by its id, that running machines do not use yet and will: ours all they have, others what is reserved. */
export function sumClaims(
  machines: readonly Values[],
  ours: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const values of machines) {
    const host = values['runtime.host']?.value
    if (host === undefined || values['runtime.powerState'] !== 'poweredOn') continue
    const taken = values['summary.quickStats.hostMemoryUsage']
    const growth = Math.max(0, (values['summary.config.memorySizeMB'] ?? 0) - Number(taken ?? Infinity))
    sums.set(host, (sums.get(host) ?? 0) + (ours.has(values.name) ? growth : heldBackMB(values)))
  }
  return sums
}

/** Reads the machines of the datacenter, in one round trip and one for each that has a name of ours. */
export async function readNeighbours(
  connection: VSphereReader,
  places: FoundPlaces,
  params: Params,
): Promise<Neighbours> {
  const { nodes } = params
  if (places.datacenter === undefined) return { namesakes: [], claimedMB: new Map() }
  const way = {
    from: places.datacenter,
    via: [
      { type: 'Datacenter', path: 'vmFolder' },
      { type: 'Folder', path: 'childEntity', recursive: true },
    ],
  } as const
  const all = await connection.list('VirtualMachine', way, PATHS)
  const names = new Set(nodes.map(({ name }) => name))
  const namesakes = await Promise.all(
    all
      .filter(({ values }) => names.has(values.name))
      .map(async ({ ref, values }): Promise<Neighbour> => {
        const on = values['runtime.powerState'] === 'poweredOn'
        const here = places.folder !== undefined && values.parent?.value === places.folder.value
        const ours = here && (await isMarked(connection, ref))
        return {
          ref,
          name: values.name,
          here,
          on,
          ours,
          misfit: here && !ours ? await readMisfit(connection, params, values.name) : null,
          hostId: values['runtime.host']?.value ?? null,
          memoryGB: (values['summary.config.memorySizeMB'] ?? 0) / 1024,
        }
      }),
  )
  return {
    namesakes,
    claimedMB: sumClaims(
      all.map(({ values }) => values),
      names,
    ),
  }
}

async function isMarked(connection: VSphereReader, ref: Neighbour['ref']): Promise<boolean> {
  const values = await connection.get('VirtualMachine', ref, ['config.extraConfig'])
  return (values['config.extraConfig'] ?? []).some(({ key }) => key === IMPORT_MARK)
}

async function readMisfit(
  connection: VSphereReader,
  { datacenter, folder = '', nodes }: Params,
  name: string,
): Promise<string | null> {
  const machine = await connection.machine(joinPath(datacenter, 'vm', ...folder.split('/'), name))
  const networks = nodes.find((node) => node.name === name)?.networks ?? []
  return machine === undefined ? null : (explainStranger(machine, networks) ?? null)
}
