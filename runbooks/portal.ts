import { askForCertificate, askForImage, inboxOf } from '#inventory/schema/downloads'
import type { VseLevels } from '#inventory/schema/levels'
import { otherBundles } from '#inventory/schema/placement'
import { firewallRuleOf, networkOf, serviceAddressesOf, subnetMaskOf } from '#inventory/schema/settings'
import { vse } from '#inventory/schema/vse'
import { certificateBundle } from '#modules/file/certificate-bundle'
import { orFromFolder } from '#modules/file/folder-source'
import { image } from '#modules/file/image'
import { activation } from '#modules/zia/activation'
import { cluster as ziaCluster } from '#modules/zia/cluster'
import { firewallRule } from '#modules/zia/firewall-rule'
import { instance } from '#modules/zia/instance'
import { locationBinding } from '#modules/zia/location-binding'
import { defineRunbook, type Phase, type PhaseKit } from '#sdk'

import { ziaRequirements } from './preflight.ts'

/** The documented steps 1 to 6: what is made in the admin portal, what is downloaded there, and the activation. */
export function portalSteps(kit: PhaseKit<VseLevels>): readonly Phase[] {
  return [
    kit.phase({
      number: 1,
      name: 'Add the Virtual Service Edge Instances',
      per: 'node',
      tags: ['portal', 'instances'],
      steps: ({ step }) => [
        step('The instance exists', (scope) =>
          instance({
            name: scope.node.name,
            proxy: scope.node.proxy,
            subnetMask: subnetMaskOf(scope),
            gateway: networkOf(scope).gateway,
            loadBalancer: scope.node.loadBalancer,
            mode: scope.cluster.mode,
          }),
        ),
      ],
    }),
    kit.phase({
      number: 2,
      name: 'Download the Virtual Service Edge Certificates',
      per: 'node',
      tags: ['downloads', 'certificate'],
      steps: ({ step }) => [
        step(
          'The certificate was downloaded, and is this node’s',
          ({ estate, node }) =>
            certificateBundle({
              path: node.certificate.path,
              node: node.name,
              others: otherBundles(estate, node),
            }),
          { confirm: ({ estate, node }) => orFromFolder(askForCertificate(node), inboxOf(estate, node)) },
        ),
      ],
    }),
    // Per node, so that it runs for whatever a run is limited to, and under the tags of what is made of the image: that it is not
    // there has to show before anything in vSphere is changed for it.
    kit.phase({
      number: 3,
      name: 'Download the Virtual Service Edge VMs',
      per: 'node',
      tags: ['downloads', 'image', 'vm', 'ova'],
      steps: ({ step }) => [
        step(
          'The VM image was downloaded, and is whole',
          ({ estate }) => image({ path: estate.image.path }),
          {
            once: true,
            when: ({ estate }) => estate.imageUrl === undefined,
            confirm: ({ estate }) => orFromFolder(askForImage(estate), inboxOf(estate)),
          },
        ),
      ],
    }),
    kit.phase({
      number: 4,
      name: 'Add the Virtual Service Edge Cluster',
      per: 'cluster',
      tags: ['portal', 'cluster'],
      when: ({ cluster }) => cluster.mode === 'cluster',
      steps: ({ step }) => [
        step('The cluster exists, with these nodes', (scope) =>
          ziaCluster({
            name: scope.cluster.name,
            address: scope.cluster.address ?? '',
            subnetMask: subnetMaskOf(scope),
            gateway: networkOf(scope).gateway,
            nodes: scope.cluster.nodes.map(({ name }) => name),
          }),
        ),
      ],
    }),
    kit.phase({
      number: 5,
      name: 'Bind the Virtual Service Edge cluster to a Location',
      per: 'cluster',
      tags: ['portal', 'location'],
      when: ({ cluster }) => cluster.mode === 'cluster',
      steps: ({ step }) => [
        step('The cluster is bound to its location', ({ cluster: { name, location } }) =>
          locationBinding({ location: location.name, cluster: name, create: location.create }),
        ),
      ],
    }),
    kit.phase({
      number: 5,
      name: 'Bind the Virtual Service Edge to a Location',
      per: 'node',
      tags: ['portal', 'location'],
      when: ({ cluster }) => cluster.mode === 'standalone',
      steps: ({ step }) => [
        step('The instance is bound to its location', ({ cluster: { location }, node }) =>
          locationBinding({ location: location.name, instance: node.name, create: location.create }),
        ),
      ],
    }),
    kit.phase({
      number: 6,
      name: 'Create a Firewall Filtering Rule to Bypass Virtual Service Edge IP Addresses',
      per: 'cluster',
      tags: ['portal', 'firewall'],
      steps: ({ step }) => [
        step('The rule allows every proxy, LB and cluster IP address', ({ cluster }) =>
          firewallRule({
            name: firewallRuleOf(cluster),
            addresses: [...serviceAddressesOf(cluster)],
            order: cluster.firewallRule.order,
            sources: cluster.firewallRule.sources,
          }),
        ),
      ],
    }),
    activationPhase(kit),
  ]
}

/** What makes the changes in the admin portal effective, once they are all made. */
export function activationPhase(kit: PhaseKit<VseLevels>): Phase {
  return kit.phase({
    name: 'Activate the changes',
    per: 'estate',
    tags: ['portal', 'activate'],
    when: ({ estate }) => estate.activate,
    steps: ({ step }) => [
      step('Every change is active', ({ estate }) =>
        activation({ failed: estate.activateFailed ? 'include' : 'refuse' }),
      ),
    ],
  })
}

/** Everything before the VMs, alone, and what it needs. */
export default defineRunbook(vse, {
  name: 'portal',
  summary: 'The documented steps 1 to 6: instances, downloads, cluster, location, firewall rule, activation',
  phases: (kit) => [ziaRequirements(kit), ...portalSteps(kit)],
})
