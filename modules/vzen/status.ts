import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { outputOf } from './answer.ts'
import { parseStatus, STATUS, type Services } from './services.ts'

/** What to do about services that are not as they should be. */
export const START_AGAIN =
  '`runbook deploy --tags build` installs what is not installed and starts what is stopped; where it does not stay up, look into the diagnostics in the folder of this run'

/** Checks that the services of the appliance run: the documented first test. */
export const status = defineModule({
  name: 'vzen/status',
  summary: 'The Virtual Service Edge service and its load balancer run',
  connection: 'appliance',
  params: z.strictObject({
    mode: z
      .enum(['cluster', 'standalone'])
      .default('cluster')
      .meta({ description: 'A standalone Virtual Service Edge has no load balancer' }),
  }),

  async read({ connection, signal }): Promise<Services> {
    const ssh = await connection.ssh({ signal })
    const { shown } = await ssh.query({ shown: STATUS }, { signal, sudo: true })
    return parseStatus(outputOf(shown, 'vzen status'))
  },

  diff(services, { mode }): readonly Change[] {
    const wanted: Services = {
      SME: 'running',
      CDSC: 'running',
      LB: mode === 'standalone' ? 'not installed' : 'running',
    }
    return (['SME', 'CDSC', 'LB'] as const).flatMap((name): readonly Change[] =>
      services[name] === wanted[name] ? [] : [{ path: name, from: services[name], to: wanted[name] }],
    )
  },

  hint: () => START_AGAIN,
})
