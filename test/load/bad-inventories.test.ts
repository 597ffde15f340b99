import { describe, expect, it } from 'vitest'

import { loadInventory } from '../../src/load/load-inventory.ts'
import { ConfigError } from '../../src/model/error.ts'
import type { Issue } from '../../src/model/issue.ts'
import { createTestProject } from './support/project.ts'
import {
  writeEstate,
  writeNode,
  type WrittenCluster,
  type WrittenEstate,
  type WrittenSite,
} from './support/written.ts'

const project = await createTestProject()

/** The one site, cluster and first node of the right inventory, to be spoiled. */
interface Parts {
  readonly estate: WrittenEstate
  readonly site: WrittenSite
  readonly cluster: WrittenCluster
  readonly a: Record<string, unknown>
  readonly b: Record<string, unknown>
}

/** What spoils the inventory, and what must be said about it. */
interface Case {
  readonly title: string
  spoil(parts: Parts): void
  /** Path of the issue. */
  readonly at: string
  /** Words of its message: what is wrong, with the value. */
  readonly says: readonly string[]
  readonly hint: string
  readonly rule?: string
}

const SITE = 'sites.fra'
const CLUSTER = `${SITE}.clusters.fra-1`
const A = `${CLUSTER}.nodes.fra-1-a`
const B = `${CLUSTER}.nodes.fra-1-b`

const cases: readonly Case[] = [
  // Shape
  {
    title: 'an unknown key of the estate',
    spoil: ({ estate }) => (estate['imag'] = 'x.ova'),
    at: 'imag',
    says: ['“imag”'],
    hint: 'image',
  },
  {
    title: 'an unknown key of a site',
    spoil: ({ site }) => (site['netwrok'] = {}),
    at: `${SITE}.netwrok`,
    says: ['“netwrok”'],
    hint: 'network',
  },
  {
    title: 'an unknown key of a cluster',
    spoil: ({ cluster }) => (cluster['adress'] = '10.84.0.9'),
    at: `${CLUSTER}.adress`,
    says: ['“adress”'],
    hint: 'address',
  },
  {
    title: 'an unknown key of a node',
    spoil: ({ a }) => (a['proxyIp'] = '10.84.0.9'),
    at: `${A}.proxyIp`,
    says: ['“proxyIp”'],
    hint: 'did you mean “proxy”',
  },
  {
    title: 'an unknown key deep inside',
    spoil: ({ site }) => (site.network['portGroup'] = { name: 'x', vlna: 4 }),
    at: `${SITE}.network.portGroup.vlna`,
    says: ['“vlna”'],
    hint: 'vlan',
  },
  {
    title: 'a key of the other sign-in',
    spoil: ({ estate }) => Object.assign(estate.zia['login'] as object, { clientId: 'x' }),
    at: 'zia.login.clientId',
    says: ['“clientId”'],
    hint: 'known here',
  },
  {
    title: 'a wrong type',
    spoil: ({ cluster }) => (cluster['cpus'] = 'four'),
    at: `${CLUSTER}.cpus`,
    says: ['“four”', 'number'],
    hint: 'CPU cores',
    rule: 'S-025',
  },
  {
    title: 'a list where one thing is wanted',
    spoil: ({ a }) => (a['proxy'] = ['10.84.0.111']),
    at: `${A}.proxy`,
    says: ['list'],
    hint: 'proxy',
    rule: 'S-046',
  },
  {
    title: 'one thing where a list is wanted',
    spoil: ({ site }) => (site.network['dns'] = '10.84.0.100'),
    at: `${SITE}.network.dns`,
    says: ['10.84.0.100', 'list'],
    hint: 'DNS',
  },
  {
    title: 'an empty list of DNS servers',
    spoil: ({ site }) => (site.network['dns'] = []),
    at: `${SITE}.network.dns`,
    says: ['at least 1'],
    hint: 'DNS',
  },
  {
    title: 'a fraction of a core',
    spoil: ({ cluster }) => (cluster['cpus'] = 4.5),
    at: `${CLUSTER}.cpus`,
    says: ['4.5'],
    hint: 'CPU cores',
  },
  {
    title: 'nothing where something is needed',
    spoil: ({ a }) => (a['proxy'] = null),
    at: `${A}.proxy`,
    says: ['empty'],
    hint: 'proxy',
  },
  {
    title: 'a missing image',
    spoil: ({ estate }) => delete estate['image'],
    at: 'image',
    says: ['missing'],
    hint: 'OVA',
  },
  {
    title: 'an image without a name',
    spoil: ({ estate }) => (estate['image'] = ''),
    at: 'image',
    says: ['empty'],
    hint: 'OVA',
  },
  {
    title: 'a missing certificate',
    spoil: ({ a }) => delete a['certificate'],
    at: `${A}.certificate`,
    says: ['missing'],
    hint: 'ZIP',
    rule: 'S-059',
  },
  {
    title: 'a missing location',
    spoil: ({ cluster }) => delete cluster['location'],
    at: `${CLUSTER}.location`,
    says: ['missing'],
    hint: 'location',
    rule: 'S-069',
  },
  {
    title: 'a missing vCenter',
    spoil: ({ site }) => delete (site as Record<string, unknown>)['vcenter'],
    at: `${SITE}.vcenter`,
    says: ['missing'],
    hint: 'vCenter',
  },
  {
    title: 'a sign-in of no kind',
    spoil: ({ estate }) => (estate.zia['login'] = { username: 'x' }),
    at: 'zia.login.kind',
    says: ['missing'],
    hint: 'legacy or oneapi',
  },
  {
    title: 'a sign-in of an unknown kind',
    spoil: ({ estate }) => (estate.zia['login'] = { kind: 'legcy' }),
    at: 'zia.login.kind',
    says: ['legcy', 'legacy, oneapi'],
    hint: 'legacy',
  },
  {
    title: 'no sites',
    spoil: ({ estate }) => delete (estate as Record<string, unknown>)['sites'],
    at: 'sites',
    says: ['no sites'],
    hint: 'by name',
  },
  {
    title: 'sites as a list',
    spoil: ({ estate }) => ((estate as Record<string, unknown>)['sites'] = [1]),
    at: 'sites',
    says: ['list'],
    hint: 'by name',
  },
  {
    title: 'a site without clusters',
    spoil: ({ site }) => (site.clusters = {}),
    at: `${SITE}.clusters`,
    says: ['clusters are expected'],
    hint: 'by name',
  },
  {
    title: 'a node that is a number',
    spoil: ({ cluster }) => ((cluster.nodes as Record<string, unknown>)['fra-1-a'] = 5),
    at: A,
    says: ['5'],
    hint: 'variables',
  },
  {
    title: 'a site that is a text',
    spoil: ({ estate }) => ((estate.sites as Record<string, unknown>)['fra'] = 'x'),
    at: SITE,
    says: ['“x”'],
    hint: 'variables',
  },
  // Names
  {
    title: 'the name of a node twice',
    spoil: ({ estate, site }) =>
      (estate.sites['muc'] = {
        ...site,
        clusters: {
          'muc-1': {
            ...site.clusters['fra-1'],
            nodes: { 'fra-1-a': writeNode('x', 20), 'muc-1-b': writeNode('y', 30) },
          },
        },
      }),
    at: 'sites.muc.clusters.muc-1.nodes.fra-1-a',
    says: ['fra-1-a', 'already taken', A],
    hint: 'unique',
  },
  {
    title: 'a cluster named like its site',
    spoil: ({ site }) => (site.clusters = { fra: site.clusters['fra-1'] as WrittenCluster }),
    at: `${SITE}.clusters.fra`,
    says: ['“fra”', 'already taken'],
    hint: 'unique',
  },
  {
    title: 'a name that is no hostname',
    spoil: ({ cluster, a, b }) => (cluster.nodes = { fra_1_a: a, 'fra-1-b': b }),
    at: `${CLUSTER}.nodes.fra_1_a`,
    says: ['“fra_1_a”', 'hostname'],
    hint: 'hyphens',
    rule: 'S-104',
  },
  {
    title: 'a name that --limit could not name',
    spoil: ({ cluster, a, b }) => (cluster.nodes = { 'fra 1:a': a, 'fra-1-b': b }),
    at: `${CLUSTER}.nodes.fra 1:a`,
    says: ['“fra 1:a”'],
    hint: 'hyphens',
  },
  {
    title: 'a name that means something else',
    spoil: ({ cluster, a, b }) => (cluster.nodes = { all: a, 'fra-1-b': b }),
    at: `${CLUSTER}.nodes.all`,
    says: ['“all”'],
    hint: 'another name',
  },
  {
    title: 'a name that is too long',
    spoil: ({ cluster, a, b }) => (cluster.nodes = { [`a${'b'.repeat(63)}`]: a, 'fra-1-b': b }),
    at: `${CLUSTER}.nodes.a${'b'.repeat(63)}`,
    says: ['hostname'],
    hint: '63',
    rule: 'S-104',
  },
  // Secrets
  {
    title: 'a secret written out',
    spoil: ({ estate }) => (estate['password'] = 'hunter2'),
    at: 'password',
    says: ['written out'],
    hint: "secret.env('NAME')",
  },
  {
    title: 'a secret of an unknown kind',
    spoil: ({ estate }) => (estate['password'] = { vault: 'x' }),
    at: 'password',
    says: ['not a reference'],
    hint: '{ env: NAME }',
  },
  {
    title: 'a secret of two kinds',
    spoil: ({ site }) => (site.vcenter['password'] = { env: 'A', file: 'b' }),
    at: `${SITE}.vcenter.password`,
    says: ['not a reference'],
    hint: '{ env: NAME }',
  },
  {
    title: 'a secret without a name',
    spoil: ({ site }) => (site.vcenter['password'] = { env: '' }),
    at: `${SITE}.vcenter.password`,
    says: ['empty “env”'],
    hint: '{ env: NAME }',
  },
  {
    title: 'a secret that a class would hide',
    spoil: ({ estate }) => (estate['password'] = { constructor: 'x' }),
    at: 'password',
    says: ['not a reference'],
    hint: '{ env: NAME }',
  },
  {
    title: 'a missing secret',
    spoil: ({ site }) => delete site.vcenter['password'],
    at: `${SITE}.vcenter.password`,
    says: ['missing'],
    hint: 'reference',
  },
  // Values
  {
    title: 'a cloud with its domain',
    spoil: ({ estate }) => (estate.zia['cloud'] = 'admin.zscalertwo.net'),
    at: 'zia.cloud',
    says: ['admin.zscalertwo.net'],
    hint: 'zscalertwo',
    rule: 'S-153',
  },
  {
    title: 'an API that is not encrypted',
    spoil: ({ estate }) => (estate.zia['apiUrl'] = 'http://x.example'),
    at: 'zia.apiUrl',
    says: ['http://x.example', 'https'],
    hint: 'base URL',
  },
  {
    title: 'an address with 300 in it',
    spoil: ({ a }) => (a['proxy'] = '10.84.0.300'),
    at: `${A}.proxy`,
    says: ['10.84.0.300'],
    hint: '0 to 255',
    rule: 'S-046',
  },
  {
    title: 'an address with a leading zero',
    spoil: ({ a }) => (a['proxy'] = '10.84.0.012'),
    at: `${A}.proxy`,
    says: ['10.84.0.012'],
    hint: '0 to 255',
  },
  {
    title: 'an IPv6 address',
    spoil: ({ a }) => (a['proxy'] = 'fe80::1'),
    at: `${A}.proxy`,
    says: ['fe80::1'],
    hint: 'IPsec or GRE',
    rule: 'S-039',
  },
  {
    title: 'a management address with a mask of 33',
    spoil: ({ a }) => (a['management'] = '10.84.0.110/33'),
    at: `${A}.management`,
    says: ['10.84.0.110/33'],
    hint: '/24',
    rule: 'S-101',
  },
  {
    title: 'a subnet that is an address',
    spoil: ({ site }) => (site.network['subnet'] = '10.84.0.5/24'),
    at: `${SITE}.network.subnet`,
    says: ['10.84.0.5/24'],
    hint: '10.84.0.0/24',
    rule: 'X-01',
  },
  {
    title: 'a VLAN that does not exist',
    spoil: ({ site }) => (site.network['portGroup'] = { name: 'x', vlan: 5000 }),
    at: `${SITE}.network.portGroup.vlan`,
    says: ['5000', '4094'],
    hint: 'VLAN',
    rule: 'S-035',
  },
  {
    title: 'an unknown kind of port group',
    spoil: ({ site }) => (site.network['portGroup'] = { name: 'x', kind: 'standart' }),
    at: `${SITE}.network.portGroup.kind`,
    says: ['standart'],
    hint: 'standard',
  },
  {
    title: 'a port that does not exist',
    spoil: ({ site }) => (site.vcenter['port'] = 70_000),
    at: `${SITE}.vcenter.port`,
    says: ['70000'],
    hint: '443',
  },
  {
    title: 'a thumbprint that is none',
    spoil: ({ site }) => (site.vcenter['thumbprint'] = 'AB:CD'),
    at: `${SITE}.vcenter.thumbprint`,
    says: ['AB:CD'],
    hint: 'SHA-256',
  },
  {
    title: 'an unknown mode',
    spoil: ({ cluster }) => (cluster['mode'] = 'ha'),
    at: `${CLUSTER}.mode`,
    says: ['“ha”', 'standalone'],
    hint: 'cluster',
    rule: 'S-001',
  },
  {
    title: 'an unknown standard port',
    spoil: ({ cluster }) => (cluster['standardPort'] = ['ca', 'cdss']),
    at: `${CLUSTER}.standardPort.1`,
    says: ['cdss', 'ca, cds, smsm'],
    hint: 'cds',
    rule: 'S-156',
  },
  {
    title: 'a time of day without minutes',
    spoil: ({ a }) => (a['updateAt'] = '13'),
    at: `${A}.updateAt`,
    says: ['“13”'],
    hint: '23:59',
    rule: 'S-145',
  },
  {
    title: 'the hour 24',
    spoil: ({ a }) => (a['updateAt'] = '24:00'),
    at: `${A}.updateAt`,
    says: ['24:00'],
    hint: '23:59',
    rule: 'S-145',
  },
  {
    title: 'a line break where one line is wanted',
    spoil: ({ cluster }) => (cluster['location'] = { name: 'a\nb' }),
    at: `${CLUSTER}.location.name`,
    says: ['a\\nb', 'control character'],
    hint: 'location',
  },
  {
    title: 'SNMPv2',
    spoil: ({ estate }) =>
      (estate['snmp'] = { version: 'v2c', admin: { username: 'u', password: { env: 'S' } } }),
    at: 'snmp.version',
    says: ['v2c'],
    hint: 'SNMPv3',
    rule: 'S-123',
  },
  {
    title: 'an authentication that appliances do not speak',
    spoil: ({ cluster }) =>
      (cluster['snmp'] = { admin: { username: 'u', password: { env: 'S' }, authentication: 'SHA256' } }),
    at: `${CLUSTER}.snmp.admin.authentication`,
    says: ['SHA256', 'SHA1, MD5'],
    hint: 'SHA1',
    rule: 'S-127',
  },
  {
    title: 'an encryption that appliances do not speak',
    spoil: ({ cluster }) =>
      (cluster['snmp'] = { admin: { username: 'u', password: { env: 'S' }, privacy: 'AES256' } }),
    at: `${CLUSTER}.snmp.admin.privacy`,
    says: ['AES256', 'AES, DES'],
    hint: 'AES',
    rule: 'S-128',
  },
  {
    title: 'a trap receiver by name',
    spoil: ({ cluster }) =>
      (cluster['snmp'] = {
        admin: { username: 'u', password: { env: 'S' } },
        traps: { receiver: 'nms', username: 'u', password: { env: 'S' } },
      }),
    at: `${CLUSTER}.snmp.traps.receiver`,
    says: ['“nms”'],
    hint: '10.84.0.110',
    rule: 'S-131',
  },
  {
    title: 'too little disk',
    spoil: ({ cluster }) => (cluster['diskGB'] = 100),
    at: `${CLUSTER}.diskGB`,
    says: ['100', '500'],
    hint: 'thin',
    rule: 'S-030',
  },
  {
    title: 'too few cores',
    spoil: ({ cluster }) => (cluster['cpus'] = 2),
    at: `${CLUSTER}.cpus`,
    says: ['2', '4'],
    hint: 'CPU cores',
    rule: 'S-025',
  },
  // The plan as a whole
  {
    title: 'one node',
    spoil: ({ cluster, a }) => (cluster.nodes = { 'fra-1-a': a }),
    at: `${CLUSTER}.nodes`,
    says: ['1 node', 'at least 2'],
    hint: 'standalone',
    rule: 'S-004',
  },
  {
    title: 'seventeen nodes',
    spoil: ({ cluster }) =>
      (cluster.nodes = Object.fromEntries(
        Array.from({ length: 17 }, (_, i) => [`n${i}`, writeNode(`n${i}`, 20 + 3 * i)]),
      )),
    at: `${CLUSTER}.nodes`,
    says: ['17 nodes', 'at most 16'],
    hint: 'split',
    rule: 'S-005',
  },
  {
    title: 'too little memory for a cluster',
    spoil: ({ cluster }) => (cluster['memoryGB'] = 32),
    at: `${CLUSTER}.memoryGB`,
    says: ['32 GB'],
    hint: '48',
    rule: 'S-027',
  },
  {
    title: 'a cluster without its address',
    spoil: ({ cluster }) => delete cluster['address'],
    at: `${CLUSTER}.address`,
    says: ['no cluster IP'],
    hint: 'add address',
    rule: 'S-053',
  },
  {
    title: 'a node without its load balancer address',
    spoil: ({ b }) => delete b['loadBalancer'],
    at: `${B}.loadBalancer`,
    says: ['fra-1-b', 'load balancer'],
    hint: 'add loadBalancer',
    rule: 'S-050',
  },
  {
    title: 'standalone nodes with a cluster address',
    spoil: ({ cluster, a, b }) => {
      cluster['mode'] = 'standalone'
      delete a['loadBalancer']
      delete b['loadBalancer']
    },
    at: `${CLUSTER}.address`,
    says: ['10.84.0.10'],
    hint: 'remove address',
    rule: 'S-056',
  },
  {
    title: 'a standalone node with a load balancer address',
    spoil: ({ cluster, b }) => {
      cluster['mode'] = 'standalone'
      delete cluster['address']
      delete b['loadBalancer']
    },
    at: `${A}.loadBalancer`,
    says: ['10.84.0.112'],
    hint: 'remove loadBalancer',
    rule: 'S-052',
  },
  {
    title: 'a cluster behind a load balancer',
    spoil: ({ cluster }) => (cluster['externalLoadBalancer'] = true),
    at: `${CLUSTER}.externalLoadBalancer`,
    says: ['balances by itself'],
    hint: 'remove',
    rule: 'S-003',
  },
  {
    title: 'a gateway outside the subnet',
    spoil: ({ site }) => (site.network['gateway'] = '10.85.0.1'),
    at: `${SITE}.network.gateway`,
    says: ['10.85.0.1', '10.84.0.0/24'],
    hint: 'subnet',
    rule: 'S-103',
  },
  {
    title: 'a gateway of a cluster outside its subnet',
    spoil: ({ cluster }) => (cluster['network'] = { gateway: '10.85.0.1' }),
    at: `${CLUSTER}.network.gateway`,
    says: ['10.85.0.1'],
    hint: 'subnet',
    rule: 'S-103',
  },
  {
    title: 'a proxy address outside the subnet',
    spoil: ({ a }) => (a['proxy'] = '10.84.1.111'),
    at: `${A}.proxy`,
    says: ['10.84.1.111', '10.84.0.0/24'],
    hint: 'free address',
    rule: 'S-048',
  },
  {
    title: 'a load balancer address outside the subnet',
    spoil: ({ a }) => (a['loadBalancer'] = '10.84.1.112'),
    at: `${A}.loadBalancer`,
    says: ['10.84.1.112'],
    hint: 'free address',
    rule: 'S-051',
  },
  {
    title: 'a cluster address outside the subnet',
    spoil: ({ cluster }) => (cluster['address'] = '10.84.1.10'),
    at: `${CLUSTER}.address`,
    says: ['10.84.1.10'],
    hint: 'free address',
    rule: 'S-055',
  },
  {
    title: 'a management address outside the subnet',
    spoil: ({ a }) => (a['management'] = '10.9.0.1/24'),
    at: `${A}.management`,
    says: ['10.9.0.1'],
    hint: 'free address',
    rule: 'X-01',
  },
  {
    title: 'a mask that is not the subnet’s',
    spoil: ({ a }) => (a['management'] = '10.84.0.110/23'),
    at: `${A}.management`,
    says: ['/23', '/24'],
    hint: '10.84.0.110/24',
    rule: 'X-01',
  },
  {
    title: 'an address twice',
    spoil: ({ b }) => (b['proxy'] = '10.84.0.111'),
    at: `${B}.proxy`,
    says: ['10.84.0.111', 'proxy IP address of fra-1-a'],
    hint: 'nothing else has',
    rule: 'X-02',
  },
  {
    title: 'a management address that is a proxy’s',
    spoil: ({ b }) => (b['management'] = '10.84.0.111/24'),
    at: `${B}.management`,
    says: ['10.84.0.111', 'fra-1-a'],
    hint: 'nothing else has',
    rule: 'X-02',
  },
  {
    title: 'a cluster address on an interface',
    spoil: ({ a }) => (a['loadBalancer'] = '10.84.0.10'),
    at: `${A}.loadBalancer`,
    says: ['10.84.0.10', 'cluster IP address of fra-1'],
    hint: 'nothing else has',
    rule: 'S-054',
  },
  {
    title: 'the gateway’s address',
    spoil: ({ a }) => (a['proxy'] = '10.84.0.200'),
    at: `${A}.proxy`,
    says: ['10.84.0.200', 'gateway'],
    hint: 'nothing else has',
    rule: 'X-02',
  },
  {
    title: 'a DNS server’s address',
    spoil: ({ a }) => (a['proxy'] = '10.84.0.100'),
    at: `${A}.proxy`,
    says: ['10.84.0.100', 'DNS server'],
    hint: 'nothing else has',
    rule: 'X-02',
  },
  {
    title: 'the network’s address',
    spoil: ({ a }) => (a['proxy'] = '10.84.0.0'),
    at: `${A}.proxy`,
    says: ['10.84.0.0', 'network address'],
    hint: 'between',
    rule: 'X-02',
  },
  {
    title: 'the broadcast address',
    spoil: ({ a }) => (a['proxy'] = '10.84.0.255'),
    at: `${A}.proxy`,
    says: ['10.84.0.255', 'broadcast address'],
    hint: 'between',
    rule: 'X-02',
  },
  {
    title: 'a CARP group of 0',
    spoil: ({ site, cluster }) => {
      site.network['subnet'] = '10.84.0.0/16'
      for (const node of Object.values(cluster.nodes))
        node['management'] = String(node['management']).replace('/24', '')
      cluster['address'] = '10.84.3.0'
    },
    at: `${CLUSTER}.address`,
    says: ['10.84.3.0', 'CARP'],
    hint: 'ends in 1',
    rule: 'X-03',
  },
  {
    title: 'a CARP group twice',
    spoil: ({ site, cluster }) => {
      site.network['subnet'] = '10.84.0.0/16'
      for (const node of Object.values(cluster.nodes))
        node['management'] = String(node['management']).replace('/24', '')
      site.clusters['fra-2'] = {
        address: '10.84.7.10',
        location: { name: 'F' },
        nodes: {
          x: { management: '10.84.7.1', proxy: '10.84.7.2', loadBalancer: '10.84.7.3', certificate: 'x.zip' },
          y: { management: '10.84.7.4', proxy: '10.84.7.5', loadBalancer: '10.84.7.6', certificate: 'y.zip' },
        },
      }
    },
    at: `${SITE}.clusters.fra-2.address`,
    says: ['10.84.7.10', 'fra-1'],
    hint: 'another last number',
    rule: 'X-03',
  },
  {
    title: 'a certificate twice',
    spoil: ({ b }) => (b['certificate'] = './fra-1-a.zip'),
    at: `${B}.certificate`,
    says: ['./fra-1-a.zip', 'fra-1-a'],
    hint: 'name of its own',
    rule: 'S-059',
  },
  {
    title: 'the image as a certificate',
    spoil: ({ b }) => (b['certificate'] = 'vse.ova'),
    at: `${B}.certificate`,
    says: ['vse.ova', 'image'],
    hint: 'ZIP',
    rule: 'S-059',
  },
  {
    title: 'times half an hour apart around midnight',
    spoil: ({ a, b }) => {
      a['updateAt'] = '23:45'
      b['updateAt'] = '00:15'
    },
    at: `${B}.updateAt`,
    says: ['00:15', '30 minutes', '23:45'],
    hint: 'one hour',
    rule: 'S-147',
  },
  {
    title: 'the same time twice',
    spoil: ({ a, b }) => {
      a['updateAt'] = '13:00'
      b['updateAt'] = '13:00'
    },
    at: `${B}.updateAt`,
    says: ['13:00', 'fra-1-a'],
    hint: 'one hour',
    rule: 'S-147',
  },
  {
    title: 'a time on one node only',
    spoil: ({ a }) => (a['updateAt'] = '13:00'),
    at: `${B}.updateAt`,
    says: ['fra-1-b'],
    hint: 'every node',
    rule: 'S-143',
  },
  {
    title: 'one update group behind a load balancer',
    spoil: ({ cluster, a, b }) => {
      Object.assign(cluster, { mode: 'standalone', externalLoadBalancer: true })
      delete cluster['address']
      for (const node of [a, b]) {
        delete node['loadBalancer']
        node['updateAt'] = '00:00'
      }
    },
    at: `${CLUSTER}.nodes`,
    says: ['00:00'],
    hint: 'two groups',
    rule: 'S-149',
  },
  {
    title: 'update groups too close',
    spoil: ({ cluster, a, b }) => {
      Object.assign(cluster, { mode: 'standalone', externalLoadBalancer: true })
      delete cluster['address']
      for (const node of [a, b]) delete node['loadBalancer']
      a['updateAt'] = '00:00'
      b['updateAt'] = '00:30'
    },
    at: `${B}.updateAt`,
    says: ['30 minutes'],
    hint: 'one hour',
    rule: 'S-149',
  },
  {
    title: 'nowhere to run',
    spoil: ({ site }) => delete site.placement['computeCluster'],
    at: `${A}.host`,
    says: ['fra-1-a'],
    hint: 'computeCluster',
    rule: 'S-089',
  },
  {
    title: 'a NITROX card in no host',
    spoil: ({ a, b }) => {
      a['nitrox'] = true
      Object.assign(b, { nitrox: true, host: 'esx-2' })
    },
    at: `${A}.host`,
    says: ['NITROX'],
    hint: 'ESXi host',
    rule: 'S-013',
  },
  {
    title: 'a NITROX card on some nodes',
    spoil: ({ a }) => Object.assign(a, { nitrox: true, host: 'esx-1' }),
    at: `${B}.nitrox`,
    says: ['fra-1-b'],
    hint: 'all of them or on none',
    rule: 'S-013',
  },
  {
    title: 'one port group on two VLANs',
    spoil: ({ site }) =>
      (site.clusters['fra-2'] = {
        address: '10.84.0.40',
        location: { name: 'F' },
        network: { portGroup: { name: 'VSE', vlan: 85 } },
        nodes: { x: writeNode('x', 41), y: writeNode('y', 51) },
      }),
    at: `${SITE}.clusters.fra-2.network.portGroup`,
    says: ['VLAN 85', 'VLAN 84'],
    hint: 'two names',
    rule: 'S-035',
  },
  {
    title: 'one firewall rule for two clusters',
    spoil: ({ site, cluster }) => {
      cluster['firewallRule'] = { name: 'edge' }
      site.clusters['fra-2'] = {
        address: '10.84.0.40',
        location: { name: 'F' },
        firewallRule: { name: 'edge' },
        nodes: { x: writeNode('x', 41), y: writeNode('y', 51) },
      }
    },
    at: `${SITE}.clusters.fra-2.firewallRule.name`,
    says: ['“edge”', 'fra-1'],
    hint: 'own',
    rule: 'S-078',
  },
]

async function issuesOf(file: string): Promise<readonly Issue[]> {
  const error = await loadInventory([file], { project }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).issues
}

describe('a bad inventory', () => {
  it('is bad: the one that the cases spoil is right', async () => {
    const file = await project.write('right.json', JSON.stringify(writeEstate()))
    await expect(loadInventory([file], { project })).resolves.toMatchObject({ lab: false })
  })

  it.each(cases.map((one, index) => ({ ...one, index })))(
    'with $title is refused with place, value and hint',
    async (one) => {
      const estate = writeEstate()
      const site = estate.sites['fra'] as WrittenSite
      const cluster = site.clusters['fra-1'] as WrittenCluster
      const { 'fra-1-a': a = {}, 'fra-1-b': b = {} } = cluster.nodes
      one.spoil({ estate, site, cluster, a, b })
      const file = await project.write(`case-${one.index}.json`, JSON.stringify(estate, undefined, 2))
      const issues = await issuesOf(file)
      const found = issues.find(
        ({ path, message }) => path === one.at && one.says.every((words) => message.includes(words)),
      )
      if (found === undefined) expect(issues).toEqual([])
      expect(found?.hint).toContain(one.hint)
      if (one.rule !== undefined) expect(found?.rule).toBe(one.rule)
      expect(found?.file).toContain(`case-${one.index}.json`)
      expect(found?.line).toBeGreaterThan(0)
      expect(JSON.stringify(issues)).not.toContain('hunter2')
    },
  )

  it('is reported with all its problems at once', async () => {
    const estate = writeEstate()
    const site = estate.sites['fra'] as WrittenSite
    const { 'fra-1-a': a = {}, 'fra-1-b': b = {} } = (site.clusters['fra-1'] as WrittenCluster).nodes
    Object.assign(estate, { colour: 'blue' })
    Object.assign(site, { colour: 'blue' })
    Object.assign(a, { proxy: '10.84.0.200', colour: 'blue' })
    Object.assign(b, { certificate: 'fra-1-a.zip', updateAt: '13:00' })
    const issues = await issuesOf(await project.write('many.json', JSON.stringify(estate)))
    expect(issues.map(({ path, rule = '' }) => `${path} ${rule}`).toSorted()).toEqual([
      'colour ',
      'sites.fra.clusters.fra-1.nodes.fra-1-a.colour ',
      'sites.fra.clusters.fra-1.nodes.fra-1-a.proxy X-02',
      'sites.fra.clusters.fra-1.nodes.fra-1-a.updateAt S-143',
      'sites.fra.clusters.fra-1.nodes.fra-1-b.certificate S-059',
      'sites.fra.colour ',
    ])
  })
})
