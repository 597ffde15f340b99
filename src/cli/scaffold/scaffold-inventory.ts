import { withoutMargin } from './margin.ts'
import type { ScaffoldFile } from './scaffold-file.ts'

/** An inventory of one cluster of two nodes that passes every check, with addresses from the range for documentation. */
export function scaffoldInventory(name: string): readonly ScaffoldFile[] {
  const key = name.includes('-') ? `'${name}'` : name
  const text = withoutMargin(`
    |import { defineInventory, range, secret } from '#sdk'
    |
    |import { vse } from './schema/vse.ts'
    |
    |// Rehearse it before anything real is touched: npx runbook deploy -i inventory/${name}.ts --lab
    |export default defineInventory(vse, {
    |  zia: {
    |    cloud: 'zscalertwo',
    |    login: {
    |      kind: 'legacy',
    |      username: 'api-admin@${name}.example',
    |      password: secret.env('ZIA_PASSWORD'),
    |      apiKey: secret.env('ZIA_API_KEY'),
    |    },
    |  },
    |  image: '../downloads/vse.ova',
    |  password: secret.env('VSE_PASSWORD'),
    |  sites: {
    |    ${key}: {
    |      vcenter: {
    |        host: 'vcenter.${name}.example',
    |        username: 'svc-runbook@vsphere.local',
    |        password: secret.env('VC_PASSWORD'),
    |      },
    |      placement: { datacenter: 'DC', computeCluster: 'edge', datastore: 'ssd-01' },
    |      network: {
    |        subnet: '192.0.2.0/24',
    |        gateway: '192.0.2.1',
    |        dns: ['192.0.2.53'],
    |        portGroup: { name: 'vse', vlan: 84 },
    |      },
    |      clusters: {
    |        '${name}-1': {
    |          address: '192.0.2.10',
    |          location: { name: '${name}' },
    |          nodes: range('${name}-1-[a:b]', (node, index) => ({
    |            management: \`192.0.2.\${20 + index}/24\`,
    |            proxy: \`192.0.2.\${30 + index}\`,
    |            loadBalancer: \`192.0.2.\${40 + index}\`,
    |            certificate: \`../downloads/\${node}.zip\`,
    |          })),
    |        },
    |      },
    |    },
    |  },
    |})
  `)
  return [{ path: `inventory/${name}.ts`, text }]
}
