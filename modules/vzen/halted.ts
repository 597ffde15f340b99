import { z } from 'zod'

import { ConnectError, defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'

/** Whether the operating system answers. */
type Facts = { readonly answers: boolean }

/**
 * Shuts the operating system down with its services, so that nothing is cut off when the machine is switched off. One that does
 * not answer has nothing to shut down: it is off, gone, or was never set up.
 */
export const halted = defineModule({
  name: 'vzen/halted',
  summary: 'The operating system and its services are shut down',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { answers: false },
  settle: { within: 180, every: 5 },

  async read({ connection, signal }): Promise<Facts> {
    try {
      const ssh = await connection.ssh({ signal })
      await ssh.query({ answer: sh`true` }, { signal, timeout: 30 })
      return { answers: true }
    } catch (error) {
      if (error instanceof ConnectError) return { answers: false }
      throw error
    }
  },

  diff: ({ answers }): readonly Change[] =>
    answers ? [{ path: 'system', from: 'running', to: 'halted' }] : [],

  async apply({ connection, signal }) {
    const ssh = await connection.ssh({ signal })
    const result = await ssh.run(sh`vzen halt`, { signal, sudo: true, timeout: 300 })
    // A system that goes down takes its connections along.
    if (result.kind !== 'lost') outputOfResult(result, 'vzen halt')
  },

  disruptive: (changes) =>
    changes.length === 0
      ? undefined
      : 'the appliance shuts down and serves nobody until its machine is switched on again',
})
