import type { Resource } from '../resource.ts'
import type { Body } from '../shape.ts'
import { idsOf } from '../state.ts'

/** Virtual Service Edge instances. No recording of a successful POST exists: shape and defaults follow the reference. */
export const node: Resource = {
  noun: 'virtual ZEN node',
  firstId: 6001,
  hasGateway: true,
  latency: { GET: 500, POST: 1600, PUT: 1950, DELETE: 1700 },
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
  show(stored, staged) {
    const cluster = staged.virtualZenClusters.find((one) => idsOf(one['virtualZenNodes']).includes(stored.id))
    return cluster === undefined ? stored : { ...stored, clusterName: cluster.name }
  },
}
