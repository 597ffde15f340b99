import { joinPath, type Secret } from '#sdk'

import { STANDARD_PORTS } from './cluster.ts'
import { parseCidr, parseIPv4, renderIPv4, renderMask } from './ipv4.ts'
import type { VseCluster, VseClusterScope, VseEstate, VseNode, VseNodeScope, VseSite } from './levels.ts'
import type { Snmp } from './snmp.ts'

// What holds for a cluster or a node once the levels above it are taken into account.

/** The network of a cluster: its site's, with what the cluster says differently. */
export function networkOf({ site, cluster }: Pick<VseClusterScope, 'site' | 'cluster'>): VseSite['network'] {
  const { subnet, gateway, dns, ntp, portGroup } = { ...site.network, ...cluster.network }
  return {
    subnet: subnet ?? site.network.subnet,
    gateway: gateway ?? site.network.gateway,
    dns: dns ?? site.network.dns,
    ntp: ntp ?? site.network.ntp,
    portGroup: portGroup ?? site.network.portGroup,
  }
}

/** The netmask of a cluster's subnet, as ZIA wants it: `255.255.255.0`. */
export function subnetMaskOf(scope: Pick<VseClusterScope, 'site' | 'cluster'>): string {
  return renderMask(parseCidr(networkOf(scope).subnet)?.subnet.prefix ?? 32)
}

/** A node's management address: alone, and with the prefix length that `configure-network` asks for. */
export function managementOf({ site, cluster, node }: Pick<VseNodeScope, 'site' | 'cluster' | 'node'>): {
  readonly address: string
  readonly cidr: string
} {
  const own = parseCidr(node.management)
  const prefix = (own ?? parseCidr(networkOf({ site, cluster }).subnet))?.subnet.prefix ?? 32
  const address = renderIPv4(own?.address ?? parseIPv4(node.management) ?? 0)
  return { address, cidr: `${address}/${prefix}` }
}

/** Memory of each VM: what the cluster says, else 48 GB in a cluster and 32 GB standalone. */
export function memoryOf(cluster: VseCluster): number {
  return cluster.memoryGB ?? (cluster.mode === 'cluster' ? 48 : 32)
}

/** Memory that the ESXi host needs free for a node: the VM's own, and 8 GB more with a NITROX card. */
export function hostMemoryOf(cluster: VseCluster, node: VseNode): number {
  return memoryOf(cluster) + (node.nitrox ? 8 : 0)
}

/** Name of the cluster's firewall filtering rule. */
export function firewallRuleOf(cluster: VseCluster): string {
  return cluster.firewallRule.name ?? `VSE ${cluster.name}`
}

/** Every address of a cluster that the firewall filtering rule has to allow: proxy, load balancer, cluster. */
export function serviceAddressesOf(cluster: VseCluster): readonly string[] {
  const nodes = cluster.nodes.flatMap(({ proxy, loadBalancer }) => [proxy, loadBalancer])
  return [...nodes, cluster.address].filter((address) => address !== undefined)
}

/** The connections that go over port 443; none is the normal case. */
export function standardPortsOf(cluster: VseCluster): readonly (typeof STANDARD_PORTS)[number][] {
  const wanted = cluster.standardPort
  return wanted === 'all' ? STANDARD_PORTS : STANDARD_PORTS.filter((port) => wanted.includes(port))
}

/** SNMP settings of a cluster: its own, else the estate's, else none. */
export function snmpOf({ estate, cluster }: Pick<VseClusterScope, 'estate' | 'cluster'>): Snmp | undefined {
  return cluster.snmp ?? estate.snmp
}

/** The password that zsroot is to have on a node. */
export function passwordOf({ estate, node }: { readonly estate: VseEstate; readonly node: VseNode }): Secret {
  return node.password ?? estate.password
}

/** Inventory path of the datacenter: `/FRA`. */
export function datacenterPathOf({ placement }: VseSite): string {
  return `/${placement.datacenter.replace(/^\/+|\/+$/g, '')}`
}

/** Inventory path of a node's VM: `/FRA/vm/edges/fra-1-a`. */
export function vmPathOf({ site, node }: Pick<VseNodeScope, 'site' | 'node'>): string {
  const { datacenter, folder = '' } = site.placement
  return joinPath(datacenter, 'vm', ...folder.split('/'), node.name)
}

/** The ESXi host that a node's VM is bound to; none where the compute cluster decides. */
export function hostOf({ site, node }: Pick<VseNodeScope, 'site' | 'node'>): string | undefined {
  return node.host ?? site.placement.host
}
