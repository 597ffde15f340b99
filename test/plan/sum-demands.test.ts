import { expect, test } from 'vitest'
import { z } from 'zod'

import { planRun } from '../../src/plan/plan-run.ts'
import { defineModule, defineRunbook } from '../../src/sdk.ts'
import { estateOf, plain } from '../support/small-world.ts'

const counted = defineModule({
  name: 'test/counted',
  summary: 'Something that a server counts',
  connection: 'none',
  params: z.strictObject({ calls: z.int() }),
  read: () => Promise.resolve(undefined),
  diff: () => [],
  demands: ({ calls }) => [{ quota: 'POST /things', perHour: 400, calls, seconds: 2 }],
  caution: 'Things count.',
})

test('a plan sums up what its steps ask for, for every target they apply to', () => {
  const runbook = defineRunbook(plain, {
    name: 'deploy',
    summary: 'Deploys.',
    phases: ({ phase }) => [
      phase({
        name: 'Make',
        per: 'node',
        steps: ({ step }) => [
          step('A thing', () => counted({ calls: 1 })),
          step('Two things', () => counted({ calls: 2 }), { when: ({ node }) => node.name !== 'b' }),
        ],
      }),
    ],
  })
  const estate = estateOf({ fra: { 'fra-1': ['a', 'b', 'c'] } })
  const planned = planRun({ runbook, file: 'deploy.ts', inventory: 'test', estate, selection: {} })
  expect(planned.demands).toEqual([{ quota: 'POST /things', perHour: 400, calls: 3 * 1 + 2 * 2, seconds: 2 }])
  expect(planned.cautions).toEqual(['Things count.'])
  const limited = planRun({
    runbook,
    file: 'deploy.ts',
    inventory: 'test',
    estate,
    selection: { limit: 'b' },
  })
  expect(limited.demands[0]?.calls).toBe(1)
})
