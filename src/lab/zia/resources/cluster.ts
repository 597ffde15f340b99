import { invalid } from '../reply.ts'
import { without, type Resource } from '../resource.ts'
import type { Body } from '../shape.ts'
import { byId, idsOf } from '../state.ts'

/** Virtual Service Edge clusters, as recorded: no minimum of nodes at creation, echoes narrower than GET. */
export const cluster: Resource = {
  noun: 'virtual ZEN cluster',
  firstId: 25_236,
  hasGateway: true,
  latency: { GET: 500, POST: 1600, PUT: 1950, DELETE: 1700 },
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
  check({ body, staged }) {
    const unknown = idsOf(body['virtualZenNodes']).find(
      (id) => byId(staged.virtualZenNodes, id) === undefined,
    )
    return unknown === undefined ? undefined : invalid(`Virtual ZEN node ${unknown} does not exist`)
  },
  show: (stored, staged) => ({
    ...stored,
    virtualZenNodes: idsOf(stored['virtualZenNodes']).flatMap((id) => {
      const member = byId(staged.virtualZenNodes, id)
      return member === undefined ? [] : [{ id, name: member.name }]
    }),
  }),
  echo: (stored, body) =>
    without(
      stored,
      Object.hasOwn(body, 'virtualZenNodes') ? ['zgatewayId'] : ['zgatewayId', 'virtualZenNodes'],
    ),
}
