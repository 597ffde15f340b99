import type { VseLevels } from '#inventory/schema/levels'
import { preflightOf } from '#inventory/schema/placement'
import { vse } from '#inventory/schema/vse'
import { listNodes } from '#inventory/schema/walk'
import { preflight } from '#modules/vsphere/preflight'
import { licences } from '#modules/zia/licences'
import { defineRunbook, type Phase, type PhaseKit } from '#sdk'

/** What has to be there before anything is made: licences in ZIA, and in vSphere all that the VMs need. Only looks. */
export function requirements(kit: PhaseKit<VseLevels>): readonly Phase[] {
  return [
    kit.phase({
      name: 'Requirements',
      per: 'cluster',
      tags: ['requirements'],
      steps: ({ step }) => [
        step(
          'There is a licence for every instance',
          ({ estate }) => licences({ nodes: listNodes(estate).map(({ node }) => node.name) }),
          { once: true },
        ),
      ],
    }),
    // Per node, so that it runs for whatever a run is limited to; once for all nodes of a site.
    kit.phase({
      name: 'Preflight',
      per: 'node',
      tags: ['always', 'requirements', 'preflight'],
      steps: ({ step }) => [
        step('vSphere has everything that the site needs', (scope) => preflight(preflightOf(scope)), {
          once: true,
        }),
      ],
    }),
  ]
}

/** The requirements alone: nothing is changed, and everything that is wrong is told at once. */
export default defineRunbook(vse, {
  name: 'preflight',
  summary: 'Looks whether everything that a deployment needs is there, and changes nothing',
  phases: (kit) => requirements(kit),
})
