import { defineInventory, secret } from '#sdk'

import { vse } from './schema/vse.ts'

/**
 * The embedded lab: one site, one cluster of two nodes, with the addresses of the documented procedure. Nothing here
 * exists outside this process, and no secret is ever looked up: the lab makes up a value for each of them.
 */
export default defineInventory(
  vse,
  {
    zia: {
      cloud: 'zscalerlab',
      login: {
        kind: 'legacy',
        username: 'admin@lab.example',
        password: secret.env('ZIA_PASSWORD'),
        apiKey: secret.env('ZIA_API_KEY'),
      },
    },
    image: 'downloads/vse.ova',
    password: secret.env('VSE_PASSWORD'),
    sites: {
      lab: {
        vcenter: {
          host: 'vcenter.lab.example',
          username: 'administrator@vsphere.local',
          password: secret.env('VC_PASSWORD'),
        },
        placement: { datacenter: 'LAB', computeCluster: 'lab-compute', datastore: 'lab-ssd' },
        network: {
          subnet: '10.84.0.0/24',
          gateway: '10.84.0.200',
          dns: ['10.84.0.100'],
          portGroup: { name: 'VSE', vlan: 84 },
        },
        clusters: {
          'lab-1': {
            address: '10.84.0.130',
            location: { name: 'Lab', create: { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' } },
            nodes: {
              'lab-1-a': {
                management: '10.84.0.110/24',
                proxy: '10.84.0.111',
                loadBalancer: '10.84.0.112',
                certificate: 'downloads/lab-1-a.zip',
                updateAt: '01:00',
              },
              'lab-1-b': {
                management: '10.84.0.120/24',
                proxy: '10.84.0.121',
                loadBalancer: '10.84.0.122',
                certificate: 'downloads/lab-1-b.zip',
                updateAt: '03:00',
              },
            },
          },
        },
      },
    },
  },
  { lab: true },
)
