import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'

/** What identifies the appliance, since it does not show the time that was set. */
interface DelayFacts {
  readonly fingerprint: string
}

/** Sets the time of day at which the node is updated, so that the nodes of a cluster are not updated together. */
export const delayUpgrade = defineModule({
  name: 'vzen/delay-upgrade',
  summary: 'Updates of the node start at the planned time',
  connection: 'appliance',
  params: z.strictObject({
    at: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day as HH:MM')
      .meta({ description: 'Time of day in UTC, 24 hours, as HH:MM' }),
  }),
  absent: { fingerprint: '' },
  readBack: {
    kind: 'none',
    why: 'the appliance has no command that shows the time',
    identity: ({ fingerprint }: DelayFacts) => fingerprint,
  },

  async read({ connection, signal }): Promise<DelayFacts> {
    const { fingerprint } = await connection.ssh({ signal })
    return { fingerprint }
  },

  diff(_facts, { at }): readonly Change[] {
    return [{ path: 'update time', to: `${at} UTC` }]
  },

  async apply({ connection, params: { at }, signal }) {
    const ssh = await connection.ssh({ signal })
    outputOfResult(await ssh.run(sh`vzen delay-upgrade ${at}`, { signal, sudo: true }), 'vzen delay-upgrade')
  },
})
