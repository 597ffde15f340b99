import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { writeImage } from '../../src/lab/portal/image.ts'
import type { Vcsim } from '../support/vcsim/vcsim.ts'

const SECRETS = { vcenter: 'simulated', appliances: 'typed nowhere here', zia: 'nobody asks ZIA here' }

function describeVCenter({ endpoint: { host, port, username, thumbprint } }: Vcsim): string {
  return `{
        host: '${host}',
        port: ${port},
        username: '${username}',
        password: secret.file('../secrets/vcenter'),
        thumbprint: '${thumbprint}',
      }`
}

/**
 * Writes an inventory over two simulators: a cluster of two nodes on the distributed switch of a vCenter, each with a
 * NITROX card, and a node that stands alone on an ESXi host, on its standard switch; with its secrets, and an OVA.
 * Gives the file, relative to the project.
 */
export async function writeEstate(
  folder: string,
  { vcenter, esxi }: { readonly vcenter: Vcsim; readonly esxi: Vcsim },
): Promise<string> {
  const text = `import { defineInventory, secret } from '#sdk'

import { vse } from './schema/vse.ts'

// These appliances never boot. Whoever looks for them is refused at once, whatever network this machine is in.
const nowhere = { host: '127.0.0.1', port: 1 }

export default defineInventory(vse, {
  zia: {
    cloud: 'zscalertwo',
    login: { kind: 'oneapi', vanity: 'acme', clientId: 'e5f1a2c4', clientSecret: secret.file('../secrets/zia') },
  },
  image: '../downloads/vse.ova',
  password: secret.file('../secrets/appliances'),
  sites: {
    fra: {
      vcenter: ${describeVCenter(vcenter)},
      placement: { datacenter: 'DC0', computeCluster: 'DC0_C0', datastore: 'LocalDS_0' },
      network: {
        subnet: '10.10.84.0/24',
        gateway: '10.10.84.1',
        dns: ['10.10.0.53'],
        portGroup: { name: 'vse-fra', kind: 'distributed', switch: 'DVS0', vlan: 84 },
      },
      clusters: {
        'fra-1': {
          address: '10.10.84.10',
          location: { name: 'Frankfurt' },
          nodes: {
            'fra-1-a': {
              management: '10.10.84.11/24',
              proxy: '10.10.84.12',
              loadBalancer: '10.10.84.13',
              certificate: '../downloads/fra-1-a.zip',
              ssh: nowhere,
              nitrox: true,
              host: '127.0.0.2',
            },
            'fra-1-b': {
              management: '10.10.84.21/24',
              proxy: '10.10.84.22',
              loadBalancer: '10.10.84.23',
              certificate: '../downloads/fra-1-b.zip',
              ssh: nowhere,
              nitrox: true,
              host: '127.0.0.3',
            },
          },
        },
      },
    },
    ams: {
      vcenter: ${describeVCenter(esxi)},
      placement: { datacenter: 'ha-datacenter', host: 'localhost.localdomain', datastore: 'LocalDS_0' },
      network: {
        subnet: '10.20.84.0/24',
        gateway: '10.20.84.1',
        dns: ['10.20.0.53'],
        portGroup: { name: 'vse-ams', kind: 'standard', switch: 'vSwitch0', vlan: 85 },
      },
      clusters: {
        'ams-1': {
          mode: 'standalone',
          location: { name: 'Amsterdam' },
          nodes: {
            'ams-1-a': {
              management: '10.20.84.11/24',
              proxy: '10.20.84.12',
              certificate: '../downloads/ams-1-a.zip',
              ssh: nowhere,
            },
          },
        },
      },
    },
  },
})
`
  await mkdir(join(folder, 'secrets'))
  for (const [name, value] of Object.entries(SECRETS)) {
    await writeFile(join(folder, 'secrets', name), value, { mode: 0o600 })
  }
  await writeImage(join(folder, 'downloads', 'vse.ova'))
  await writeFile(join(folder, 'inventory', 'vcsim.ts'), text)
  return 'inventory/vcsim.ts'
}
