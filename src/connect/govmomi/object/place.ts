import { unescapeName } from '../codec/entity-name.ts'
import { VimError } from '../error.ts'
import type { Finder } from '../find.ts'
import { joinPath } from '../join-path.ts'
import { selectNearest } from '../nearest.ts'
import { retrieve } from '../retrieve.ts'
import type { Input, MoRef, Value } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { isBalanced } from './choose-host.ts'
import { computePath, type HostScope } from './host.ts'

/** Where a virtual machine goes, in names. */
export interface PlaceNames extends HostScope {
  readonly resourcePool?: string | undefined
  /** Path below the datacenter's VM folder. */
  readonly folder?: string | undefined
  readonly datastore: string
}

/** A network that hosts of the place have. */
export interface PlaceNetwork {
  readonly name: string
  readonly ref: MoRef
  /** Names of the hosts of the place that do not have it. */
  readonly missingOn: readonly string[]
}

/** Where a virtual machine goes, found. */
export interface Place {
  readonly resourcePool: MoRef
  readonly datastore: MoRef
  readonly folder: MoRef
  readonly compute: MoRef
  /** Set where the machine has to run on this host of a compute cluster. */
  readonly host: MoRef | undefined
  /** Whether somebody has to choose a host of the cluster: none is named, and the cluster does not by itself. */
  readonly wantsHost: boolean
  /** Every network of the place; a name may be there more than once. */
  readonly networks: readonly PlaceNetwork[]
}

/** Who looks for a place. */
export interface PlaceReader {
  readonly session: Session
  readonly finder: Finder
  readonly signal: AbortSignal
}

interface Seen {
  readonly ref: MoRef
  readonly values: ReadonlyMap<string, unknown>
}

const go = (type: string, path: string, selectSet: readonly Input<'SelectionSpec'>[] = []) =>
  ({ $type: 'TraversalSpec', type, path, skip: false, selectSet }) as Input<'TraversalSpec'>

const goOn = (name: string, traversal: Input<'TraversalSpec'>) =>
  ({ ...traversal, name, selectSet: [{ name }, ...(traversal.selectSet ?? [])] }) as Input<'TraversalSpec'>

// Everything hangs together with the compute resource, so that one question answers all: its hosts, networks, datastores and
// pools; and, up its parents, the datacenter with its folders for machines.
async function readSurroundings(
  { session, signal }: PlaceReader,
  { compute, names }: { readonly compute: MoRef; readonly names: PlaceNames },
): Promise<readonly Seen[]> {
  const pools = goOn('pools', go('ResourcePool', 'resourcePool'))
  const folders = goOn('folders', go('Folder', 'childEntity'))
  const spec = {
    propSet: [
      {
        type: compute.type,
        all: false,
        pathSet: ['name', 'resourcePool', ...(isCluster(compute) ? ['configurationEx'] : [])],
      },
      { type: 'HostSystem', all: false, pathSet: ['name', 'network', 'datastore'] },
      { type: 'Network', all: false, pathSet: ['name'] },
      { type: 'Datastore', all: false, pathSet: ['name'] },
      { type: 'ResourcePool', all: false, pathSet: ['name', 'parent'] },
      { type: 'Datacenter', all: false, pathSet: ['name', 'vmFolder'] },
      ...(names.folder === undefined ? [] : [{ type: 'Folder', all: false, pathSet: ['name', 'parent'] }]),
    ],
    objectSet: [
      {
        obj: compute,
        skip: false,
        selectSet: [
          go('ComputeResource', 'host'),
          go('ComputeResource', 'network'),
          go('ComputeResource', 'datastore'),
          ...(names.resourcePool === undefined ? [] : [go('ComputeResource', 'resourcePool', [pools])]),
          goOn(
            'parents',
            go(
              'ManagedEntity',
              'parent',
              names.folder === undefined ? [] : [go('Datacenter', 'vmFolder', [folders])],
            ),
          ),
        ],
      },
    ],
  } as Input<'PropertyFilterSpec'>
  const contents = await retrieve(session, { collector: session.content.propertyCollector, spec, signal })
  return contents.map(({ obj, propSet }) => ({
    ref: obj,
    values: new Map(propSet.map(({ name, val }) => [name, val as unknown])),
  }))
}

const nameOf = ({ values }: Seen): string => unescapeName(String(values.get('name')))

const refsOf = ({ values }: Seen, path: string): readonly MoRef[] =>
  (values.get(path) as readonly MoRef[] | undefined) ?? []

function ofTypes(seen: readonly Seen[], isType: (type: string) => boolean): readonly Seen[] {
  return seen.filter(({ ref }) => isType(ref.type))
}

const isCluster = ({ type }: MoRef): boolean => type === 'ClusterComputeResource'

const isNetwork = (type: string): boolean => /Network$|Portgroup$/.test(type)

function need(found: Seen | undefined, what: string, { wanted, among }: Wanted): MoRef {
  if (found !== undefined) return found.ref
  const nearest = selectNearest(wanted, among)
  throw new VimError('not-found', what, {
    hint:
      nearest === undefined
        ? `there are ${among.slice(0, 8).join(', ') || 'none'}`
        : `did you mean ${nearest}?`,
  })
}

interface Wanted {
  readonly wanted: string
  readonly among: readonly string[]
}

// Down a path of names, one level at a time, from an object that is known.
function descend(seen: readonly Seen[], start: MoRef, { path, what }: { path: string; what: string }): MoRef {
  let at = start
  for (const name of path.split('/').filter((part) => part !== '')) {
    const below = seen.filter(({ values }) => (values.get('parent') as MoRef | undefined)?.value === at.value)
    const found = below.find((each) => nameOf(each) === unescapeName(name))
    at = need(found, `there is no ${what} ${path}`, { wanted: name, among: below.map(nameOf) })
  }
  return at
}

function listNetworks(seen: readonly Seen[], hosts: readonly Seen[]): readonly PlaceNetwork[] {
  return ofTypes(seen, isNetwork).map((network) => ({
    name: nameOf(network),
    ref: network.ref,
    missingOn: hosts
      .filter((host) => !refsOf(host, 'network').some(({ value }) => value === network.ref.value))
      .map(nameOf),
  }))
}

/**
 * Finds a place in two questions, and checks what a server would find out only later: that the datastore is one of the
 * compute resource's, and of the host's where one is named. Throws a `VimError` that names what is there instead.
 */
export async function readPlace(reader: PlaceReader, names: PlaceNames): Promise<Place> {
  const path = computePath(names)
  if (path === undefined) {
    throw new VimError('not-found', `nothing says on what in ${names.datacenter} the virtual machine runs`, {
      hint: 'name a compute cluster or a host in the placement',
    })
  }
  const compute = await reader.finder.require('ComputeResource', path)
  const seen = await readSurroundings(reader, { compute, names })
  const hosts = ofTypes(seen, (type) => type === 'HostSystem')
  const host =
    names.host === undefined || names.computeCluster === undefined
      ? undefined
      : need(
          hosts.find((each) => nameOf(each) === names.host),
          `there is no host ${names.host} in ${path}`,
          { wanted: names.host, among: hosts.map(nameOf) },
        )
  const usable = hosts.filter(({ ref }) => host === undefined || ref.value === host.value)
  const stores = ofTypes(seen, (type) => type === 'Datastore')
  const store = stores.find((each) => nameOf(each) === names.datastore)
  const datastore = need(store, `${path} has no datastore ${names.datastore}`, {
    wanted: names.datastore,
    among: stores.map(nameOf),
  })
  if (!usable.some((each) => refsOf(each, 'datastore').some(({ value }) => value === datastore.value))) {
    throw new VimError('not-found', `${names.host ?? path} does not see the datastore ${names.datastore}`)
  }
  const itself = seen.find(({ ref }) => ref.value === compute.value)?.values
  const root = itself?.get('resourcePool')
  const config = itself?.get('configurationEx') as Value<'ComputeResourceConfigInfo'> | undefined
  const home = seen.find(({ ref }) => ref.type === 'Datacenter')?.values.get('vmFolder')
  if (root === undefined) throw new VimError('not-found', `${path} has no resource pool`)
  if (home === undefined) throw new VimError('not-found', `${joinPath(names.datacenter)} shows no VM folder`)
  return {
    datastore,
    compute,
    host,
    wantsHost: host === undefined && isCluster(compute) && !isBalanced(config),
    resourcePool: descend(seen, root as MoRef, { path: names.resourcePool ?? '', what: 'resource pool' }),
    folder: descend(seen, home as MoRef, { path: names.folder ?? '', what: 'VM folder' }),
    networks: listNetworks(seen, usable),
  }
}
