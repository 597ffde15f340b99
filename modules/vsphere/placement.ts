import { z } from 'zod'

import { defineModule, type Change, type VSphereReader } from '#sdk'

/** What is at the place where virtual machines should go. */
interface Facts {
  readonly version: string
  readonly kind: 'vcenter' | 'esxi'
  /** Inventory paths that are wanted and not there. */
  readonly missing: readonly string[]
  readonly hosts: readonly {
    readonly name: string
    readonly state: string
    readonly version: string
    readonly memoryFreeGB: number
  }[]
  /** Null where there is no such datastore. */
  readonly datastoreFreeGB: number | null
}

const params = z.strictObject({
  datacenter: z.string().min(1).meta({ description: 'Datacenter' }),
  computeCluster: z.string().min(1).optional().meta({ description: 'Compute cluster' }),
  host: z.string().min(1).optional().meta({ description: 'ESXi host' }),
  resourcePool: z.string().min(1).optional().meta({ description: 'Resource pool' }),
  folder: z.string().min(1).optional().meta({ description: 'Path below the datacenter’s VM folder' }),
  datastore: z.string().min(1).meta({ description: 'Datastore' }),
  networks: z.array(z.string().min(1)).default([]).meta({ description: 'Networks that have to be there' }),
  memoryGB: z.number().min(0).default(0).meta({ description: 'Memory that all hosts together need free' }),
  diskGB: z.number().min(0).default(0).meta({ description: 'Space that the datastore needs free' }),
})

type Params = z.output<typeof params>

const trim = (path: string): string => path.replaceAll(/^\/+|\/+$/g, '')

function planPaths({ datacenter, computeCluster, host, resourcePool, folder, datastore, networks }: Params) {
  const root = `/${trim(datacenter)}`
  const compute = computeCluster ?? host
  return [
    { type: 'Datacenter', path: root },
    { type: 'Datastore', path: `${root}/datastore/${datastore}` },
    ...networks.map((name) => ({ type: 'Network', path: `${root}/network/${name}` }) as const),
    ...(compute === undefined ? [] : [{ type: 'ComputeResource', path: `${root}/host/${compute}` } as const]),
    ...(computeCluster === undefined || host === undefined
      ? []
      : [{ type: 'HostSystem', path: `${root}/host/${computeCluster}/${host}` } as const]),
    ...(compute === undefined || resourcePool === undefined
      ? []
      : [{ type: 'ResourcePool', path: `${root}/host/${compute}/Resources/${resourcePool}` } as const]),
    ...(folder === undefined ? [] : [{ type: 'Folder', path: `${root}/vm/${trim(folder)}` } as const]),
  ] as const
}

async function readFreeSpace(connection: VSphereReader, path: string): Promise<number | null> {
  const datastore = await connection.find('Datastore', path)
  if (datastore === undefined) return null
  const summary = await connection.get('Datastore', datastore, ['summary.freeSpace'])
  return Math.floor(Number(summary['summary.freeSpace'] / 1024n ** 3n))
}

/** Looks whether everything that a deployment takes for granted is there, and reports all that is not at once. */
export const placement = defineModule({
  name: 'vsphere/placement',
  summary: 'The place for the virtual machines is there, reachable, and large enough',
  connection: 'vsphere',
  params,

  async read({ connection, params }): Promise<Facts> {
    const wanted = planPaths(params)
    const found = await Promise.all(wanted.map(({ type, path }) => connection.find(type, path)))
    const missing = wanted.filter((_, index) => found[index] === undefined).map(({ path }) => path)
    const root = `/${trim(params.datacenter)}`
    const canHosts = !missing.some((path) => path === root || path.startsWith(`${root}/host`))
    const hosts = canHosts ? await connection.hosts(params) : []
    return {
      version: connection.about.fullName,
      kind: connection.about.kind,
      missing,
      hosts: hosts.map(({ name, state, version, memoryFreeGB }) => ({
        name,
        state,
        version,
        memoryFreeGB: Math.floor(memoryFreeGB),
      })),
      datastoreFreeGB: await readFreeSpace(connection, `${root}/datastore/${params.datastore}`),
    }
  },

  diff(facts, params): readonly Change[] {
    const problems: Change[] = facts.missing.map((path) => ({ path, to: 'there', note: 'is not in vSphere' }))
    for (const { name, state, version } of facts.hosts) {
      if (state !== 'connected') problems.push({ path: `host ${name}`, from: state, to: 'connected' })
      if (Number(version.split('.')[0] ?? 0) < 5) {
        problems.push({ path: `host ${name}.version`, from: version, to: '5.0 or newer' })
      }
    }
    const ready = facts.hosts.filter(({ state }) => state === 'connected')
    const free = ready.reduce((sum, { memoryFreeGB }) => sum + memoryFreeGB, 0)
    if (facts.hosts.length > 0 && free < params.memoryGB) {
      problems.push({
        path: 'free memory (GB)',
        from: free,
        to: params.memoryGB,
        note: 'on all hosts together',
      })
    }
    if (facts.datastoreFreeGB !== null && facts.datastoreFreeGB < params.diskGB) {
      const path = `free space on ${params.datastore} (GB)`
      problems.push({ path, from: facts.datastoreFreeGB, to: params.diskGB })
    }
    return problems
  },
})
