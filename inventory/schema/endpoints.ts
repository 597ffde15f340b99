import type { ApplianceEndpoint, Endpoints, Scope } from '#sdk'

import type { VseLevels, VseNodeScope } from './levels.ts'
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
  if (cluster === undefined) return { zia, vsphere: site.vcenter }
  if (node !== undefined) {
    return { zia, vsphere: site.vcenter, appliance: applianceOf({ estate, site, cluster, node }) }
  }
  const members = cluster.nodes.map((member) => applianceOf({ estate, site, cluster, node: member }))
  return { zia, vsphere: site.vcenter, members }
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
    vsphere: site.vcenter,
    vm: vmPathOf({ site, node }),
    hostKey: estate.hostKey,
  }
}
