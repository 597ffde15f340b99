import type { ApplianceEndpoint, Endpoints, Scope, VSphereEndpoint } from '#sdk'

import type { VseLevels, VseNodeScope, VseSite } from './levels.ts'
import { managementOf, passwordOf, vmPathOf } from './settings.ts'
import { waysOf } from './ssh.ts'

/** How the systems behind one target are reached. */
export function endpoints({
  estate,
  site,
  cluster,
  node,
}: Partial<VseNodeScope> & Scope<VseLevels, 'estate'>): Endpoints {
  const zia = { ...estate.zia, others: estate.activateOthers ? 'include' : 'refuse' } as const
  if (site === undefined) return { zia }
  if (cluster === undefined) return { zia, vsphere: vsphereOf(site) }
  if (node !== undefined) {
    return { zia, vsphere: vsphereOf(site), appliance: applianceOf({ estate, site, cluster, node }) }
  }
  const members = cluster.nodes.map((member) => applianceOf({ estate, site, cluster, node: member }))
  return { zia, vsphere: vsphereOf(site), members }
}

function vsphereOf({ name, vcenter }: VseSite): VSphereEndpoint {
  return { ...vcenter, thumbprintKey: `sites.${name}.vcenter.thumbprint` }
}

function applianceOf({ estate, site, cluster, node }: VseNodeScope): ApplianceEndpoint {
  return {
    name: node.name,
    ssh: {
      host: managementOf({ site, cluster, node }).address,
      port: 22,
      username: 'zsroot',
      password: passwordOf({ estate, node }),
      ways: waysOf(site.ssh, node.ssh),
    },
    initialPassword: estate.initialPassword,
    vsphere: vsphereOf(site),
    vm: vmPathOf({ site, node }),
    hostKey: estate.hostKey,
  }
}
