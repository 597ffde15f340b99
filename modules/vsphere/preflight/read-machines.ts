import { IMPORT_MARK, joinPath, type VSphereReader } from '#sdk'

import { explainStranger } from '../stranger.ts'
import type { MachineFacts } from './facts.ts'
import type { Params } from './params.ts'
import type { FoundPlaces } from './read-places.ts'

/** A machine of the datacenter, in as much as preparing for ours has to know it. */
export interface Neighbour extends MachineFacts {
  readonly ref: { readonly type: string; readonly value: string }
  /** Id of its host. */
  readonly host: string | undefined
  /** MB that it may still grow by on its host; 0 where it is off, or nobody knows. */
  readonly growthMB: number
}

/** Reads the machines that have the names of ours, wherever they are in the datacenter, in one round trip and one each. */
export async function readNeighbours(
  connection: VSphereReader,
  places: FoundPlaces,
  params: Params,
): Promise<readonly Neighbour[]> {
  const { nodes } = params
  if (places.datacenter === undefined) return []
  const way = {
    from: places.datacenter,
    via: [
      { type: 'Datacenter', path: 'vmFolder' },
      { type: 'Folder', path: 'childEntity', recursive: true },
    ],
  } as const
  const all = await connection.list('VirtualMachine', way, [
    'name',
    'parent',
    'runtime.host',
    'runtime.powerState',
    'summary.config.memorySizeMB',
    'summary.quickStats.hostMemoryUsage',
  ])
  const names = new Set(nodes.map(({ name }) => name))
  return Promise.all(
    all
      .filter(({ values }) => names.has(values.name))
      .map(async ({ ref, values }): Promise<Neighbour> => {
        const on = values['runtime.powerState'] === 'poweredOn'
        const size = values['summary.config.memorySizeMB'] ?? 0
        const taken = values['summary.quickStats.hostMemoryUsage']
        const here = places.folder !== undefined && values.parent?.value === places.folder.value
        const ours = here && (await isMarked(connection, ref))
        return {
          ref,
          name: values.name,
          here,
          on,
          ours,
          misfit: here && !ours ? await readMisfit(connection, params, values.name) : null,
          host: values['runtime.host']?.value,
          growthMB: on && taken !== undefined ? Math.max(0, size - taken) : 0,
        }
      }),
  )
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
