import { z } from 'zod'

import { defineAction, sh } from '#sdk'

import { outputOfResult } from './answer.ts'

/** Shuts the operating system down. The virtual machine stays on: switching it off is vSphere’s matter. */
export const halt = defineAction({
  name: 'vzen/halt',
  summary: 'The operating system is shut down',
  connection: 'appliance',
  params: z.strictObject({}),
  changes: 'always',

  async run({ connection, signal }): Promise<string> {
    const ssh = await connection.ssh({ signal })
    const result = await ssh.run(sh`vzen halt`, { signal, sudo: true, timeout: 300 })
    // A system that goes down takes its connections along.
    return result.kind === 'lost' ? '' : outputOfResult(result, 'vzen halt').trim()
  },

  disruptive: () => 'the appliance shuts down and serves nobody until its machine is switched on again',
})
