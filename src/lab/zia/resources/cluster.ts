import { checkAddresses } from '../address.ts'
import { invalid, refuse, type Reply } from '../reply.ts'
import { without, type Placing, type Resource } from '../resource.ts'
import type { Body } from '../shape.ts'
import { byId, idsOf } from '../state.ts'

/** Virtual Service Edge clusters, as recorded: no minimum of nodes at creation, echoes narrower than GET. */
export const cluster: Resource = {
  noun: 'virtual ZEN cluster',
  firstId: 25_236,
  hasGateway: true,
  latency: { GET: 480, POST: 1590, PUT: 1960, DELETE: 1690 },
  pages: { size: 1000, most: 1000 },
  required: ['name', 'ipAddress', 'subnetMask', 'defaultGateway'],
  shape: {
    id: 'number',
    zgatewayId: 'number',
    name: 'text',
    status: ['ENABLED', 'DISABLED', 'DISABLED_BY_SERVICE_PROVIDER', 'NOT_PROVISIONED_IN_SERVICE_PROVIDER'],
    type: 'text',
    ipAddress: 'text',
    subnetMask: 'text',
    defaultGateway: 'text',
    ipSecEnabled: 'flag',
    virtualZenNodes: 'references',
    inProduction: 'flag',
    onDemandSupportTunnelEnabled: 'flag',
    establishSupportTunnelEnabled: 'flag',
  },
  complete: ({ body }): Body => ({
    status: 'ENABLED',
    type: 'VIP',
    ipSecEnabled: false,
    inProduction: false,
    onDemandSupportTunnelEnabled: false,
    establishSupportTunnelEnabled: false,
    ...body,
    virtualZenNodes: idsOf(body['virtualZenNodes']).map((id) => ({ id })),
  }),
  check: (placing) =>
    placing.rules.isPlausible ? (checkMembers(placing) ?? checkAddresses(placing.body)) : undefined,
  keep: (stored, { staged, rules }) => {
    if (!rules.isPlausible) return undefined
    const isBound = staged.locations.some((one) => idsOf(one['virtualZenClusters']).includes(stored.id))
    const hasNodes = idsOf(stored['virtualZenNodes']).length > 0
    if (!isBound && !hasNodes) return undefined
    const holder = isBound ? 'a location is bound to it' : 'it has nodes'
    return refuse(409, 'RESOURCE_IN_USE', `Cluster ${stored.name} cannot be deleted: ${holder}`)
  },
  show: (stored, staged) => ({
    ...stored,
    virtualZenNodes: idsOf(stored['virtualZenNodes']).flatMap((id) => {
      const member = byId(staged.virtualZenNodes, id)
      return member === undefined ? [] : [{ id, name: member.name }]
    }),
  }),
  echo: (stored, { body }) =>
    without(
      stored,
      Object.hasOwn(body, 'virtualZenNodes') ? ['zgatewayId'] : ['zgatewayId', 'virtualZenNodes'],
    ),
}

const MOST_NODES = 16

function checkMembers({ body, old, staged }: Placing): Reply | undefined {
  const ids = idsOf(body['virtualZenNodes'])
  const unknown = ids.find((id) => byId(staged.virtualZenNodes, id) === undefined)
  if (unknown !== undefined) return invalid(`Virtual ZEN node ${unknown} does not exist`)
  if (ids.length > MOST_NODES) return invalid(`A cluster has at most ${MOST_NODES} nodes`)
  const others = staged.virtualZenClusters.filter((cluster) => cluster.id !== old?.id)
  const taken = ids.find((id) => others.some((other) => idsOf(other['virtualZenNodes']).includes(id)))
  return taken === undefined ? undefined : invalid(`Virtual ZEN node ${taken} is in another cluster`)
}
