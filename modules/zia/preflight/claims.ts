import type { Change, ZiaObjects } from '#sdk'

/** What a cluster, or standalone instances, will be called and addressed by. */
export interface Wanted {
  readonly cluster?: { readonly name: string; readonly address: string } | undefined
  readonly instances: readonly {
    readonly name: string
    readonly proxy: string
    readonly loadBalancer?: string | undefined
  }[]
}

/** The Service Edges that a tenant has. */
interface Edges {
  readonly virtualZenNodes: readonly ZiaObjects['virtualZenNodes'][]
  readonly virtualZenClusters: readonly ZiaObjects['virtualZenClusters'][]
}

/** The name that ZIA takes for the same, and we do not: it differs in the case of its letters. Nothing where the very name is there. */
export function findTwin(there: readonly { readonly name: string }[], name: string): string | undefined {
  if (there.some((one) => one.name === name)) return undefined
  return there.find((one) => one.name.toLowerCase() === name.toLowerCase())?.name
}

/** What is in the way of a name because of that. */
export function findTwins(
  what: string,
  names: readonly string[],
  there: readonly { readonly name: string }[],
): readonly Change[] {
  return names.flatMap((name) => {
    const twin = findTwin(there, name)
    const note = 'ZIA sees no difference between the two: write it as ZIA does, or rename one of them'
    return twin === undefined ? [] : [{ path: `${what} ${name}`, from: `named ${twin} in ZIA`, note }]
  })
}

/** Who has an address, beside those of these names. */
function findHolders(
  { virtualZenNodes, virtualZenClusters }: Edges,
  { address, ours }: { readonly address: string; readonly ours: readonly string[] },
): readonly string[] {
  return [
    ...virtualZenNodes
      .filter((one) => !ours.includes(one.name))
      .flatMap((one) => [
        ...(one.ipAddress === address ? [`proxy IP of the instance ${one.name}`] : []),
        ...(one.loadBalancerIpAddress === address ? [`LB IP of the instance ${one.name}`] : []),
      ]),
    ...virtualZenClusters
      .filter((one) => !ours.includes(one.name) && one.ipAddress === address)
      .map((one) => `cluster IP of ${one.name}`),
  ]
}

/** Every name and every address that somebody else has already, and every instance that is a node of another cluster. */
export function findClaims(edges: Edges, { cluster, instances }: Wanted): readonly Change[] {
  const names = instances.map(({ name }) => name)
  const ours = cluster === undefined ? names : [...names, cluster.name]
  const addresses = [
    ...instances.flatMap(({ name, proxy, loadBalancer }) => [
      { path: `proxy IP of ${name}`, address: proxy },
      ...(loadBalancer === undefined ? [] : [{ path: `LB IP of ${name}`, address: loadBalancer }]),
    ]),
    ...(cluster === undefined ? [] : [{ path: `cluster IP of ${cluster.name}`, address: cluster.address }]),
  ]
  const taken = addresses.flatMap(({ path, address }) =>
    findHolders(edges, { address, ours }).map((holder): Change => ({
      path,
      from: `${address} is the ${holder}`,
      note: 'correct the address plan, or remove what has it in the Admin Portal',
    })),
  )
  const held = edges.virtualZenNodes
    .filter(({ name }) => names.includes(name))
    .flatMap(({ id, name }) =>
      edges.virtualZenClusters
        .filter((one) => one.name !== cluster?.name && one.virtualZenNodes?.some((node) => node.id === id))
        .map((one): Change => ({
          path: `instance ${name}`,
          from: `a node of the cluster ${one.name}`,
          note: `take it out of ${one.name} in the Admin Portal, or correct the inventory`,
        })),
    )
  return [
    ...findTwins('instance', names, edges.virtualZenNodes),
    ...(cluster === undefined ? [] : findTwins('cluster', [cluster.name], edges.virtualZenClusters)),
    ...taken,
    ...held,
  ]
}
