/** Everything an inventory holds, as plain data that a test may spoil in one place. */
export interface WrittenEstate {
  [key: string]: unknown
  zia: Record<string, unknown>
  sites: Record<string, WrittenSite>
}

/** A site as plain data. */
export interface WrittenSite {
  [key: string]: unknown
  vcenter: Record<string, unknown>
  placement: Record<string, unknown>
  network: Record<string, unknown>
  clusters: Record<string, WrittenCluster>
}

/** A cluster as plain data. */
export interface WrittenCluster {
  [key: string]: unknown
  nodes: Record<string, Record<string, unknown>>
}

/** A node as plain data; `last` is the last number of its first address. */
export function writeNode(name: string, last: number): Record<string, unknown> {
  return {
    management: `10.84.0.${last}/24`,
    proxy: `10.84.0.${last + 1}`,
    loadBalancer: `10.84.0.${last + 2}`,
    certificate: `${name}.zip`,
  }
}

/** A right inventory: one site `fra`, one cluster `fra-1`, two nodes `fra-1-a` and `fra-1-b`. */
export function writeEstate(): WrittenEstate {
  return {
    zia: {
      cloud: 'zscalertwo',
      login: { kind: 'legacy', username: 'api@acme.example', password: { env: 'P' }, apiKey: { env: 'K' } },
    },
    image: 'vse.ova',
    password: { env: 'VSE_PASSWORD' },
    sites: {
      fra: {
        vcenter: { host: 'vc.acme.example', username: 'svc', password: { env: 'VC_PASSWORD' } },
        placement: { datacenter: 'FRA', computeCluster: 'edge', datastore: 'ssd' },
        network: {
          subnet: '10.84.0.0/24',
          gateway: '10.84.0.200',
          dns: ['10.84.0.100'],
          portGroup: { name: 'VSE', vlan: 84 },
        },
        clusters: {
          'fra-1': {
            address: '10.84.0.10',
            location: { name: 'Frankfurt' },
            nodes: { 'fra-1-a': writeNode('fra-1-a', 110), 'fra-1-b': writeNode('fra-1-b', 120) },
          },
        },
      },
    },
  }
}
