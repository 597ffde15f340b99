import { defineModule, isTemplateName, type Change, type ModuleContext, type VSphereReader } from '#sdk'

import { diffMemory, diffSpace, noteOvercommitment } from './preflight/capacity.ts'
import type { DatastoreFacts, Facts } from './preflight/facts.ts'
import { diffHosts, noteHosts } from './preflight/hosts.ts'
import { diffMachines, noteMachines } from './preflight/machines.ts'
import { params, type Params } from './preflight/params.ts'
import { planPrivileges } from './preflight/privileges.ts'
import { readHostFacts } from './preflight/read-hosts.ts'
import { readNeighbours } from './preflight/read-machines.ts'
import { readPlaces, type FoundPlaces } from './preflight/read-places.ts'
import { diffServer, noteServer } from './preflight/server.ts'
import { readLacking } from './read-lacking.ts'

const GB = 1024n ** 3n

async function readDatastore(
  connection: VSphereReader,
  { datastore }: FoundPlaces,
): Promise<DatastoreFacts | null> {
  if (datastore === undefined) return null
  const { summary } = await connection.get('Datastore', datastore, ['summary'])
  return {
    accessible: summary.accessible,
    freeGB: Number(summary.freeSpace / GB),
    promisedGB: Number((summary.uncommitted ?? 0n) / GB),
  }
}

/** Whether some image is kept as a template there. Which one is wanted shows only when it is hashed. */
async function readTemplate(
  connection: VSphereReader,
  { datastore: from }: FoundPlaces,
  { datastore: datastoreName, thin }: Params,
): Promise<boolean> {
  if (from === undefined) return false
  const way = { from, via: [{ type: 'Datastore', path: 'vm' }] } as const
  const all = await connection.list('VirtualMachine', way, ['name'])
  return all.some(({ values }) => isTemplateName(values.name, { datastoreName, thin }))
}

/** Whether a machine that is to have a card is elsewhere than on the host of the card; one that is yet to be made is not. */
function isSomeoneAway({ hosts, machines }: Pick<Facts, 'hosts' | 'machines'>, { nodes }: Params): boolean {
  return nodes.some(({ name, host, nitrox }) => {
    const own = hosts.find((each) => each.name === host)
    return (
      nitrox &&
      own !== undefined &&
      machines.some((machine) => machine.here && machine.name === name && machine.hostId !== own.id)
    )
  })
}

async function readRights(
  connection: VSphereReader,
  { places, isAway }: { readonly places: FoundPlaces; readonly isAway: boolean },
  params: Params,
): Promise<Facts['lacking']> {
  // A host without vCenter has no templates, whatever the inventory says.
  const template = params.template && connection.about.kind === 'vcenter'
  const wanted = planPrivileges(places, { ...params, template }, isAway)
  const lacking = await readLacking(connection, wanted)
  if (lacking === null) return null
  return lacking.map(({ entity, privileges }) => ({
    where: wanted.find((each) => each.entity.value === entity.value)?.where ?? entity.value,
    privileges,
  }))
}

/** Seconds that the server's clock is ahead: 0 where its answer lies between the question and its arrival. */
async function readAhead({
  connection,
  clock,
}: Pick<ModuleContext<VSphereReader, Params>, 'connection' | 'clock'>) {
  const before = clock.now()
  const there = await connection.serverTime()
  const after = clock.now()
  return (there > after ? there - after : there < before ? there - before : 0) / 1000
}

const readSegments = (places: FoundPlaces): readonly string[] =>
  [...places.networks].filter(([, { type }]) => type === 'OpaqueNetwork').map(([name]) => name)

const notesOf = (facts: Facts, params: Params): readonly string[] => [
  ...noteServer(facts),
  ...noteHosts(facts, params),
  ...noteMachines(facts),
  ...noteOvercommitment(facts, params),
]

/** Looks whether everything that a deployment takes for granted in vSphere is there, and reports all that is not at once. */
export const preflight = defineModule({
  name: 'vsphere/preflight',
  summary:
    'Everything that the virtual machines need of vSphere is there, reachable, allowed and large enough',
  connection: 'vsphere',
  params,

  async read(context): Promise<Facts> {
    const { connection, params } = context
    const { about } = connection
    const places = await readPlaces(connection, params)
    const [neighbours, datastore, licences, aheadSeconds] = await Promise.all([
      readNeighbours(connection, places, params),
      readDatastore(connection, places),
      connection.licences(),
      readAhead(context),
    ])
    const hosts = await readHostFacts(connection, { places, neighbours }, params)
    const isAway = isSomeoneAway({ hosts, machines: neighbours.namesakes }, params)
    const facts: Facts = {
      hasTemplate: await readTemplate(connection, places, params),
      server: about.fullName,
      kind: about.kind,
      version: about.version,
      licences: licences.map(({ hoursLeft, ...licence }) => ({ ...licence, hoursLeft: hoursLeft ?? null })),
      aheadSeconds,
      missing: places.missing,
      lacking: await readRights(connection, { places, isAway }, params),
      hosts,
      datastore,
      machines: neighbours.namesakes.map(({ name, here, on, memoryGB, hostId, ours, misfit }) => ({
        name,
        here,
        on,
        memoryGB,
        hostId,
        ours,
        misfit,
      })),
      segments: readSegments(places),
    }
    for (const note of notesOf(facts, params)) context.warn(note)
    return facts
  },

  diff: (facts, params): readonly Change[] => [
    ...diffServer(facts),
    ...diffHosts(facts, params),
    ...diffMemory(facts, params),
    ...diffSpace(facts, params),
    ...diffMachines(facts),
  ],

  hint: () => 'mend each of them, then look again: `runbook preflight` changes nothing',
})
