import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import type { VseEstate } from '../../inventory/schema/levels.ts'
import {
  firewallRuleOf,
  hostMemoryOf,
  managementOf,
  memoryOf,
  networkOf,
  serviceAddressesOf,
  snmpOf,
  standardPortsOf,
  subnetMaskOf,
  vmPathOf,
} from '../../inventory/schema/settings.ts'
import { vse } from '../../inventory/schema/vse.ts'
import { listClusters, listNodes } from '../../inventory/schema/walk.ts'
import { loadInventory } from '../../src/load/load-inventory.ts'
import { createTestProject } from '../load/support/project.ts'
import { writeEstate, writeNode, type WrittenCluster, type WrittenSite } from '../load/support/written.ts'

const project = await createTestProject()
let count = 0

/** The right inventory, changed and loaded. */
async function load(
  change: (site: WrittenSite, estate: Record<string, unknown>) => void = () => undefined,
  lab = false,
): Promise<VseEstate> {
  const estate = writeEstate()
  change(estate.sites['fra'] as WrittenSite, estate)
  const file = await project.write(`estate-${++count}.json`, JSON.stringify(estate))
  return (await loadInventory([file], { project, lab })).estate as unknown as VseEstate
}

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

const clusterOf = (site: WrittenSite): WrittenCluster => site.clusters['fra-1'] as WrittenCluster

describe('the schema', () => {
  it('says of every key what it means', () => {
    const bare: string[] = []
    for (const [level, schema] of Object.entries(vse.levels)) {
      const visit = (node: JsonSchema, path: string): void => {
        for (const branch of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) visit(branch, path)
        for (const [key, field] of Object.entries(node.properties ?? {})) {
          const at = `${path}.${key}`
          if (field.description === undefined) bare.push(at)
          visit(field, at)
        }
      }
      visit(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, level)
    }
    expect(bare).toEqual([])
  })

  it('names every rule by a sentence', () => {
    for (const { summary } of vse.rules) expect(summary).toMatch(/^[A-Z].+\.$/)
  })
})

describe('settings', () => {
  it('of a cluster are its site’s, but for what it says itself', async () => {
    const estate = await load(
      (site) => (clusterOf(site)['network'] = { dns: ['10.84.0.101'], portGroup: { name: 'own' } }),
    )
    const [scope] = listClusters(estate)
    if (scope === undefined) throw new TypeError('no cluster')
    expect(networkOf(scope)).toMatchObject({
      subnet: '10.84.0.0/24',
      dns: ['10.84.0.101'],
      portGroup: { name: 'own' },
    })
    expect(subnetMaskOf(scope)).toBe('255.255.255.0')
    expect(firewallRuleOf(scope.cluster)).toBe('VSE fra-1')
    expect(serviceAddressesOf(scope.cluster)).toEqual([
      '10.84.0.111',
      '10.84.0.112',
      '10.84.0.121',
      '10.84.0.122',
      '10.84.0.10',
    ])
  })

  it('of memory follow the mode and the card', async () => {
    const inCluster = await load((site) =>
      Object.values(clusterOf(site).nodes).forEach((node) =>
        Object.assign(node, { nitrox: true, host: 'esx-1' }),
      ),
    )
    const [one] = listNodes(inCluster)
    if (one === undefined) throw new TypeError('no node')
    expect([memoryOf(one.cluster), hostMemoryOf(one.cluster, one.node)]).toEqual([48, 56])
    const standalone = await load((site) => {
      const cluster = clusterOf(site)
      delete cluster['address']
      Object.assign(cluster, { mode: 'standalone' })
      for (const node of Object.values(cluster.nodes)) delete node['loadBalancer']
    })
    const [other] = listNodes(standalone)
    expect(other === undefined ? 0 : memoryOf(other.cluster)).toBe(32)
    expect(other === undefined ? [] : serviceAddressesOf(other.cluster)).toEqual([
      '10.84.0.111',
      '10.84.0.121',
    ])
  })

  it('of the management address take the subnet’s mask where none is written', async () => {
    const estate = await load((site) =>
      Object.assign(clusterOf(site).nodes['fra-1-a'] ?? {}, { management: '10.84.0.110' }),
    )
    const [scope] = listNodes(estate)
    expect(scope === undefined ? undefined : managementOf(scope)).toEqual({
      address: '10.84.0.110',
      cidr: '10.84.0.110/24',
    })
  })

  it('of SNMP are the cluster’s, else the estate’s, else none', async () => {
    const user = (username: string) => ({ admin: { username, password: { env: 'S' } } })
    const none = await load()
    const shared = await load((_, estate) => (estate['snmp'] = user('all')))
    const own = await load((site, estate) => {
      estate['snmp'] = user('all')
      clusterOf(site)['snmp'] = user('own')
    })
    const nameIn = (estate: VseEstate): string | undefined => {
      const cluster = estate.sites[0]?.clusters[0]
      return cluster === undefined ? undefined : snmpOf({ estate, cluster })?.admin.username
    }
    expect([none, shared, own].map((estate) => nameIn(estate))).toEqual([undefined, 'all', 'own'])
  })

  it('of the standard port name the connections, in one order', async () => {
    const ports = async (wanted: unknown) => {
      const estate = await load((site) => (clusterOf(site)['standardPort'] = wanted))
      const cluster = estate.sites[0]?.clusters[0]
      return cluster === undefined ? undefined : standardPortsOf(cluster)
    }
    expect(await ports('all')).toEqual(['ca', 'cds', 'smsm'])
    expect(await ports(['smsm', 'ca', 'ca'])).toEqual(['ca', 'smsm'])
    expect(await ports([])).toEqual([])
  })

  it('of a VM’s path have the datacenter’s and the folder’s', async () => {
    const estate = await load((site) =>
      Object.assign(site.placement, { datacenter: '/EU/FRA/', folder: 'edges/prod' }),
    )
    const [scope] = listNodes(estate)
    expect(scope === undefined ? undefined : vmPathOf(scope)).toBe('/EU/FRA/vm/edges/prod/fra-1-a')
  })
})

describe('endpoints', () => {
  it('of a node are its tenant, its vCenter and itself', async () => {
    const estate = await load((site, all) => {
      all['hostKey'] = 'first-use'
      Object.assign(clusterOf(site).nodes['fra-1-b'] ?? {}, { password: { env: 'B' } })
    })
    const site = estate.sites[0]
    const cluster = site?.clusters[0]
    const [a, b] = cluster?.nodes ?? []
    if (site === undefined || cluster === undefined || a === undefined || b === undefined)
      throw new TypeError('no nodes')
    const { appliance, members, vsphere, zia } = vse.endpoints({ estate, site, cluster, node: a })
    expect(zia).toEqual({ ...estate.zia, others: 'refuse' })
    expect(vsphere).toMatchObject({
      host: 'vc.acme.example',
      port: 443,
      username: 'svc',
      thumbprintKey: 'sites.fra.vcenter.thumbprint',
    })
    expect(members).toBeUndefined()
    expect(appliance).toMatchObject({
      name: 'fra-1-a',
      vm: '/FRA/vm/fra-1-a',
      hostKey: 'first-use',
      ssh: { host: '10.84.0.110', port: 22, username: 'zsroot' },
    })
    expect(appliance?.ssh.password).toBe(estate.password)
    expect(vse.endpoints({ estate, site, cluster, node: b }).appliance?.ssh.password).toBe(b.password)
    expect(appliance?.initialPassword.reveal()).toBe('zsroot')
  })

  it('of a cluster have its members, of a site its vCenter, of the estate its tenant alone', async () => {
    const estate = await load()
    const site = estate.sites[0]
    const cluster = site?.clusters[0]
    if (site === undefined || cluster === undefined) throw new TypeError('no cluster')
    expect(vse.endpoints({ estate, site, cluster }).members?.map(({ name }) => name)).toEqual([
      'fra-1-a',
      'fra-1-b',
    ])
    expect(Object.keys(vse.endpoints({ estate, site }))).toEqual(['zia', 'vsphere'])
    expect(Object.keys(vse.endpoints({ estate }))).toEqual(['zia'])
  })
})

describe('the lab’s seed', () => {
  it('has what an estate expects to be there, and not what a deployment makes', async () => {
    const seed = vse.lab(await load(undefined, true))
    expect(seed.vcenters).toHaveLength(1)
    expect(seed.vcenters[0]).toMatchObject({
      kind: 'vcenter',
      datacenter: '/FRA',
      computeCluster: 'edge',
      host: 'vc.acme.example',
    })
    expect(seed.vcenters[0]?.networks.find(({ name }) => name === 'VSE')).toMatchObject({
      exists: false,
      vlan: 84,
      switch: 'vSwitch0',
    })
    expect(seed.vcenters[0]?.networks.some(({ exists }) => exists)).toBe(true)
    expect(seed.tenants).toEqual([
      expect.objectContaining({ apiHost: 'zsapi.zscalertwo.net', locations: ['Frankfurt'] }),
    ])
    expect(seed.tenants[0]?.licences).toBeGreaterThan(2)
    expect(seed.subnets).toEqual([{ cidr: '10.84.0.0/24', gateway: '10.84.0.200', dns: ['10.84.0.100'] }])
    expect(
      seed.downloads.map(({ kind, node = '', path }) => [
        kind,
        node,
        path.replace(join(project.state, 'lab/files/'), ''),
      ]),
    ).toEqual([
      ['image', '', 'vse.ova'],
      ['certificate', 'fra-1-a', 'fra-1-a.zip'],
      ['certificate', 'fra-1-b', 'fra-1-b.zip'],
    ])
  })

  it('has room for every VM, and the hosts and cards that the inventory names', async () => {
    const seed = vse.lab(
      await load((site) => {
        for (let cluster = 2; cluster <= 8; cluster++) {
          const nodes = Object.fromEntries(
            Array.from(
              { length: 2 },
              (_, at) =>
                [
                  `n${cluster}-${at}`,
                  {
                    ...writeNode(`n${cluster}-${at}`, 20 + 10 * cluster + 4 * at),
                    host: 'esx-9',
                    nitrox: true,
                  },
                ] as const,
            ),
          )
          site.clusters[`fra-${cluster}`] = {
            address: `10.84.0.${28 + 10 * cluster}`,
            location: { name: 'L', create: { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' } },
            nodes,
          }
        }
        Object.assign(site.network, { gateway: '10.84.0.254', dns: ['10.84.0.253'] })
        Object.values(clusterOf(site).nodes).forEach((node, at) =>
          Object.assign(node, writeNode(String(node['certificate']).replace('.zip', ''), 201 + 4 * at)),
        )
      }),
    )
    const hosts = seed.vcenters[0]?.hosts ?? []
    const memory = hosts.reduce((sum, { memoryGB }) => sum + memoryGB, 0)
    expect(memory).toBeGreaterThanOrEqual(2 * (2 * 48 + 14 * 56))
    expect(hosts.find(({ name }) => name === 'esx-9')).toMatchObject({ nitrox: 14 })
    expect(hosts.filter(({ nitrox }) => nitrox > 0)).toHaveLength(1)
    expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length)
    expect(seed.tenants[0]?.locations).toEqual(['Frankfurt'])
  })

  it('plays a lone ESXi host where the inventory has one', async () => {
    const seed = vse.lab(
      await load((site) => {
        Object.assign(site.placement, { datacenter: 'ha-datacenter', host: 'esx.acme.example' })
        delete site.placement['computeCluster']
      }),
    )
    expect(seed.vcenters[0]).toMatchObject({
      kind: 'esxi',
      datacenter: '/ha-datacenter',
      hosts: [{ name: 'esx.acme.example' }],
    })
    expect(seed.vcenters[0]?.computeCluster).toBeUndefined()
  })

  it('signs in by OneAPI where the inventory does, at the places it names', async () => {
    const seed = vse.lab(
      await load((_, estate) => {
        estate['zia'] = {
          cloud: 'zscalertwo',
          login: { kind: 'oneapi', vanity: 'acme', clientId: 'c', clientSecret: { env: 'S' } },
        }
      }),
    )
    expect(seed.tenants[0]).toMatchObject({
      apiHost: 'api.zsapi.net',
      tokenHost: 'acme.zslogin.net',
      login: { kind: 'oneapi' },
    })
    const elsewhere = vse.lab(
      await load((_, estate) =>
        Object.assign(estate['zia'] as object, { apiUrl: 'https://zsapi.zscalerbeta.net:8443/api/v1' }),
      ),
    )
    expect(elsewhere.tenants[0]?.apiHost).toBe('zsapi.zscalerbeta.net:8443')
  })

  it('plays one vCenter for the sites that share one, and says what it cannot play', async () => {
    const both = (datacenter: string) =>
      load((site, estate) => {
        const nodes = { 'x-a': writeNode('x-a', 20), 'x-b': writeNode('x-b', 30) }
        const other = {
          ...site,
          placement: { ...site.placement, datacenter, datastore: 'ssd-2' },
          clusters: { 'x-1': { address: '10.84.0.40', location: { name: 'X' }, nodes } },
        }
        Object.assign(estate['sites'] as object, { x: other })
      })
    const seed = vse.lab(await both('FRA'))
    expect(seed.vcenters).toHaveLength(1)
    expect(seed.vcenters[0]?.datastores.map(({ name }) => name)).toEqual(['ssd', 'ssd-2'])
    const two = await both('MUC')
    expect(() => vse.lab(two)).toThrow(/one datacenter .* vc\.acme\.example has \/FRA, \/MUC/)
  })
})
