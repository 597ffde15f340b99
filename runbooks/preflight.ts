import type { VseLevels } from '#inventory/schema/levels'
import { preflightOf } from '#inventory/schema/placement'
import { vse } from '#inventory/schema/vse'
import { claimOf, tenantOf } from '#inventory/schema/zia-preflight'
import { preflight } from '#modules/vsphere/preflight'
import { preflight as ziaPreflight } from '#modules/zia/preflight'
import { unclaimed } from '#modules/zia/unclaimed'
import { defineRunbook, type Block, type Phase, type PhaseKit, type StepKit } from '#sdk'

/** Tags of the steps that change something in ZIA: whoever asks for one of them has ZIA looked at, and nobody else. */
const IN_ZIA = ['portal', 'instances', 'cluster', 'location', 'firewall']

/**
 * What has to be there before anything is made: in vSphere all that the VMs need, in ZIA licences, rights, names and addresses. Only
 * looks. What one of them lacks never hides what another one does: all of it is told before the run stops.
 */
export function requirements(kit: PhaseKit<VseLevels>): readonly Phase[] {
  return [
    // Per node, so that it runs for whatever a run is limited to; once for all nodes that mean the same.
    kit.phase({
      name: 'Preflight',
      per: 'node',
      tags: ['requirements', 'preflight'],
      steps: ({ step, block }) => [
        block('Everything that has to be there', {
          steps: [
            step('vSphere has everything that the site needs', (scope) => preflight(preflightOf(scope)), {
              tags: ['always'],
              once: true,
            }),
          ],
          always: [lookAtZia({ step, block })],
        }),
      ],
    }),
  ]
}

/** What of it the documented steps in the admin portal need: nothing of vSphere. */
export function ziaRequirements(kit: PhaseKit<VseLevels>): Phase {
  return kit.phase({
    name: 'Preflight in ZIA',
    per: 'node',
    tags: ['requirements', 'preflight'],
    steps: (steps) => [lookAtZia(steps)],
  })
}

function lookAtZia({ step, block }: StepKit<VseLevels, 'node'>): Block<VseLevels, 'node'> {
  return block('In ZIA', {
    steps: [
      step('ZIA has licences, rights and room', (scope) => ziaPreflight(tenantOf(scope)), {
        tags: IN_ZIA,
        once: true,
      }),
    ],
    always: [
      step('Names and addresses are free in ZIA', (scope) => unclaimed(claimOf(scope)), {
        tags: IN_ZIA,
        once: true,
      }),
    ],
  })
}

/** The requirements alone: nothing is changed, and everything that is wrong is told at once. */
export default defineRunbook(vse, {
  name: 'preflight',
  summary: 'Looks whether everything that a deployment needs is there, and changes nothing',
  phases: (kit) => requirements(kit),
})
