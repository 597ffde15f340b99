import { checkAddresses } from '../address.ts'
import { invalid, refuse, type Reply } from '../reply.ts'
import type { Placing, Resource } from '../resource.ts'
import type { Body } from '../shape.ts'
import { idsOf } from '../state.ts'

/** Virtual Service Edge instances. No recording of a successful POST exists: shape and defaults follow the reference. */
export const node: Resource = {
  noun: 'virtual ZEN node',
  firstId: 6001,
  hasGateway: true,
  latency: { GET: 260, POST: 1590, PUT: 1960, DELETE: 1690 },
  pages: { size: 1000, most: 1000 },
  required: ['name', 'ipAddress', 'subnetMask', 'defaultGateway'],
  shape: {
    id: 'number',
    zgatewayId: 'number',
    name: 'text',
    status: [
      'ENABLED',
      'DISABLED',
      'DISABLED_BY_SERVICE_PROVIDER',
      'NOT_PROVISIONED_IN_SERVICE_PROVIDER',
      'IN_TRIAL',
    ],
    inProduction: 'flag',
    ipAddress: 'text',
    subnetMask: 'text',
    defaultGateway: 'text',
    type: 'text',
    ipSecEnabled: 'flag',
    onDemandSupportTunnelEnabled: 'flag',
    establishSupportTunnelEnabled: 'flag',
    loadBalancerIpAddress: 'text',
    deploymentMode: ['STANDALONE', 'CLUSTER'],
    clusterName: 'text',
    vzenSkuType: ['SMALL', 'MEDIUM', 'LARGE'],
  },
  complete: ({ body, old }): Body => ({
    status: 'ENABLED',
    inProduction: false,
    type: old?.['type'] ?? 'VZEN',
    ipSecEnabled: false,
    onDemandSupportTunnelEnabled: false,
    establishSupportTunnelEnabled: false,
    deploymentMode: 'STANDALONE',
    vzenSkuType: 'LARGE',
    ...body,
  }),
  check: (placing) =>
    placing.rules.isPlausible ? (checkNode(placing) ?? checkAddresses(placing.body)) : undefined,
  keep: (stored, { staged, rules }) =>
    rules.isPlausible &&
    staged.virtualZenClusters.some((one) => idsOf(one['virtualZenNodes']).includes(stored.id))
      ? refuse(409, 'RESOURCE_IN_USE', `Node ${stored.name} cannot be deleted: it is in a cluster`)
      : undefined,
  show(stored, staged) {
    const cluster = staged.virtualZenClusters.find((one) => idsOf(one['virtualZenNodes']).includes(stored.id))
    return cluster === undefined ? stored : { ...stored, clusterName: cluster.name }
  },
}

function checkNode({ body, old, staged, rules }: Placing): Reply | undefined {
  if (body['onDemandSupportTunnelEnabled'] === true && body['establishSupportTunnelEnabled'] === true) {
    return invalid('Only one kind of support tunnel can be enabled')
  }
  if (old !== undefined) return undefined
  if (!rules.isSubscribed)
    return refuse(403, 'NOT_SUBSCRIBED', 'Virtual Service Edge subscription is required')
  if (staged.virtualZenNodes.length < rules.licences) return undefined
  return refuse(403, 'LIMIT_EXCEEDED', `All ${rules.licences} Virtual Service Edge licenses are in use`)
}
