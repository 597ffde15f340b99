import { describe, expect, test } from 'vitest'

import { renderPlan } from '../../../src/cli/render/plan.ts'
import { planRun } from '../../../src/plan/plan-run.ts'
import { defineRunbook } from '../../../src/sdk.ts'
import { createWorld, estateOf, plain } from '../../support/small-world.ts'

const { value } = createWorld()
const task = () => value({ key: 'a', value: 'b' })

const plan = planRun({
  runbook: defineRunbook(plain, {
    name: 'small',
    summary: 'A small runbook.',
    phases: ({ phase }) => [
      phase({
        number: 1,
        name: 'Add the cluster',
        per: 'cluster',
        tags: ['zia'],
        steps: ({ step }) => [step('The cluster exists', task, { tags: ['portal'] })],
      }),
      phase({
        number: 2,
        name: 'Set up the nodes',
        per: 'node',
        rolling: { batch: 1 },
        steps: ({ step, block }) => [
          step('The first only', task, { when: ({ node }) => node.name === 'fra-1-a' }),
          block('with care', {
            steps: [step('The risky one', task, { notify: ['Restart'] })],
            rescue: [step('Put it back', task)],
            always: [step('Tidy up', task)],
          }),
        ],
        handlers: ({ step }) => [step('Restart', task)],
        gate: ({ step }) => [step('The cluster is well', task)],
      }),
    ],
  }),
  file: 'small.ts',
  estate: estateOf({ fra: { 'fra-1': ['fra-1-a', 'fra-1-b'] } }),
  inventory: 'lab',
  selection: {},
})

describe('a plan, printed', () => {
  test('names the phases', () => {
    const text = renderPlan(plan, { steps: false, tags: false, targets: false }).join('\n')
    expect(text).toMatchInlineSnapshot(`
      "small: A small runbook.
      lab, 3 targets, 12 steps in all

      1 Add the cluster (per cluster, 1 target)

      2 Set up the nodes (per node, 2 targets)"
    `)
  })

  test('names steps, tags and targets where it is asked to', () => {
    const text = renderPlan(plan, { steps: true, tags: true, targets: true }).join('\n')
    expect(text).toMatchInlineSnapshot(`
      "small: A small runbook.
      lab, 3 targets, 12 steps in all

      1 Add the cluster (per cluster, 1 target)  [zia]
          fra-1
          1/the-cluster-exists  The cluster exists  [zia, portal]

      2 Set up the nodes (per node, 2 targets)
          fra-1: fra-1-a, then fra-1-b
          2/the-first-only  The first only  (1 of 2 targets)
          block “with care”
              2/the-risky-one  The risky one
          rescue
              2/put-it-back  Put it back
          always
              2/tidy-up  Tidy up
          handler: 2/restart  Restart
          gate: 2/the-cluster-is-well  The cluster is well"
    `)
  })
})
