import { defineInventory, range, secret } from '#sdk'

import { vse } from './schema/vse.ts'

/** A place of the bulk lab: its name, its second octet, and where its users’ traffic comes from. */
interface Place {
  readonly code: string
  readonly octet: number
  readonly country: string
  readonly tz: string
}

/** A cluster of four nodes in the subnet `10.<octet>.0.0/24`, sixteen addresses to a cluster. */
function cluster(name: string, index: number, { octet, country, tz }: Place) {
  const first = 16 * (index + 1)
  const address = (offset: number): string => `10.${octet}.0.${first + offset}`
  return {
    address: address(0),
    location: { name: `Bulk ${name}`, create: { country, tz } },
    nodes: range(`${name}-[1:4]`, (node, position) => ({
      management: address(1 + position),
      proxy: address(5 + position),
      loadBalancer: address(9 + position),
      certificate: `downloads/bulk/${node}.zip`,
      // Six hours between the nodes of a cluster, and clusters a quarter of an hour after each other.
      updateAt: `${String(position * 6 + Math.floor(index / 4)).padStart(2, '0')}:${String((index % 4) * 15).padStart(2, '0')}`,
    })),
  }
}

function site(place: Place) {
  const { code, octet } = place
  return {
    vcenter: {
      host: `vcenter.${code}.example`,
      username: 'administrator@vsphere.local',
      password: secret.env(`VC_PASSWORD_${code.toUpperCase()}`),
    },
    placement: {
      datacenter: code.toUpperCase(),
      computeCluster: `${code}-compute`,
      datastore: `${code}-ssd`,
      folder: 'edges',
    },
    network: {
      subnet: `10.${octet}.0.0/24`,
      gateway: `10.${octet}.0.254`,
      dns: [`10.${octet}.0.2`, `10.${octet}.0.3`],
      portGroup: { name: 'VSE', vlan: octet },
    },
    clusters: range(`${code}-[01:10]`, (name, index) => cluster(name, index, place)),
  }
}

/** Twenty clusters of four nodes at two sites, all of them the embedded lab’s: what a large roll-out looks like. */
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
      ams: site({ code: 'ams', octet: 85, country: 'NETHERLANDS', tz: 'NETHERLANDS_EUROPE_AMSTERDAM' }),
      fra: site({ code: 'fra', octet: 86, country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' }),
    },
  },
  { lab: true },
)
