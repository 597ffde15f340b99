import { agreementOf, leavingOf, locationRemovalOf, removalOf } from '#inventory/schema/decommission'
import type { VseClusterScope } from '#inventory/schema/levels'
import { firewallRuleOf, serviceAddressesOf, vmPathOf } from '#inventory/schema/settings'
import { vse } from '#inventory/schema/vse'
import { retired } from '#modules/file/retired'
import { removable as vmsRemovable } from '#modules/vsphere/removable'
import { vmAbsent } from '#modules/vsphere/vm-absent'
import { halted } from '#modules/vzen/halted'
import { clusterAbsent } from '#modules/zia/cluster-absent'
import { firewallRuleAbsent } from '#modules/zia/firewall-rule-absent'
import { instanceAbsent } from '#modules/zia/instance-absent'
import { instanceGone } from '#modules/zia/instance-gone'
import { locationAbsent } from '#modules/zia/location-absent'
import { locationUnbound } from '#modules/zia/location-unbound'
import { removable } from '#modules/zia/removable'
import { defineRunbook } from '#sdk'

import { activationPhase } from './portal.ts'

const consent = (scope: VseClusterScope) => agreementOf(scope)

/**
 * Takes clusters out of service, in the only order in which nothing is left dangling: users first, then what serves them, and
 * the machines last, when the cloud knows them no more. Whatever a run was stopped at, the same command goes on from there.
 */
export default defineRunbook(vse, {
  name: 'decommission',
  summary: 'Removes clusters from ZIA and their VMs from vSphere; asks for each by having its name typed',
  phases: (kit) => [
    kit.phase({
      name: 'Before anything is removed',
      per: 'cluster',
      steps: ({ step }) => [
        step('All of it is ours, and nothing of others hangs on it', (scope) => removable(removalOf(scope)), {
          tags: ['portal', 'check'],
        }),
        step(
          'The VMs were made by a run',
          ({ site, cluster }) => vmsRemovable({ vms: cluster.nodes.map((node) => vmPathOf({ site, node })) }),
          { tags: ['vm', 'check'] },
        ),
      ],
    }),
    kit.phase({
      name: 'Detach the cluster from its Location',
      per: 'cluster',
      tags: ['portal', 'binding'],
      when: ({ cluster }) => cluster.mode === 'cluster',
      steps: ({ step }) => [
        step(
          'The location no longer has the cluster',
          ({ cluster: { name, address = '', location } }) =>
            locationUnbound({ location: location.name, cluster: name, address }),
          { consent },
        ),
      ],
    }),
    kit.phase({
      name: 'Detach the instance from its Location',
      per: 'node',
      tags: ['portal', 'binding'],
      when: ({ cluster }) => cluster.mode === 'standalone',
      steps: ({ step }) => [
        step(
          'The location no longer has the instance',
          ({ cluster: { location }, node }) =>
            locationUnbound({ location: location.name, instance: node.name, address: node.proxy }),
          { consent },
        ),
      ],
    }),
    kit.phase({
      name: 'Delete the cluster',
      per: 'cluster',
      tags: ['portal', 'cluster'],
      when: ({ cluster }) => cluster.mode === 'cluster',
      steps: ({ step }) => [
        step(
          'The cluster is emptied and deleted',
          ({ cluster: { name, address = '', nodes, location } }) =>
            clusterAbsent({
              name,
              address,
              nodes: nodes.map((node) => node.name),
              location: location.name,
            }),
          { consent },
        ),
      ],
    }),
    kit.phase({
      name: 'Delete the instances',
      per: 'node',
      tags: ['portal', 'instances'],
      steps: ({ step }) => [
        // Where a run is limited to a node of a cluster, nobody has taken it out: check mode has to know that, too.
        step('No cluster has the instance any more', (scope) => removable(leavingOf(scope))),
        step(
          'The instance is deleted',
          ({ cluster: { name: cluster, location }, node: { name, proxy } }) =>
            instanceAbsent({ name, proxy, cluster, location: location.name }),
          { consent },
        ),
      ],
    }),
    kit.phase({
      name: 'Delete the Firewall Filtering Rule',
      per: 'cluster',
      tags: ['portal', 'firewall'],
      steps: ({ step }) => [
        step(
          'The rule and its IP source group are deleted',
          ({ cluster }) =>
            firewallRuleAbsent({
              name: firewallRuleOf(cluster),
              addresses: [...serviceAddressesOf(cluster)],
            }),
          { consent },
        ),
      ],
    }),
    // Policies, reports and sublocations may hang on a location: it goes only where somebody asks for that by its tag.
    kit.phase({
      name: 'Delete the Location',
      per: 'cluster',
      tags: ['never', 'location'],
      when: ({ cluster }) => cluster.location.create !== undefined,
      steps: ({ step }) => [
        step(
          'A location that has nothing else is deleted',
          (scope) => locationAbsent(locationRemovalOf(scope)),
          {
            consent,
          },
        ),
      ],
    }),
    activationPhase(kit),
    // A new instance of the same name gets a new certificate; the cloud would turn the old one away.
    kit.phase({
      name: 'Put the certificates aside',
      per: 'node',
      tags: ['downloads'],
      when: ({ estate }) => estate.activate,
      steps: ({ step }) => [
        step(
          'The certificate of the deleted instance is put aside',
          ({ node }) => retired({ path: node.certificate.path }),
          { consent },
        ),
      ],
    }),
    kit.phase({
      name: 'Remove the Virtual Service Edge VMs',
      per: 'node',
      tags: ['vm'],
      // What is only staged may yet be discarded, and would then need its machines.
      when: ({ estate }) => estate.activate,
      steps: ({ step }) => [
        step('ZIA no longer has the instance', ({ node: { name, proxy } }) => instanceGone({ name, proxy }), {
          tags: ['in-use'],
        }),
        step('The system is shut down', () => halted({}), { consent }),
        step('The VM is deleted', ({ site, node }) => vmAbsent({ vm: vmPathOf({ site, node }) }), {
          consent,
        }),
      ],
    }),
  ],
})
