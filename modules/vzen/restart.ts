import { z } from 'zod'

import { defineAction, sh } from '#sdk'

import { outputOfResult } from './answer.ts'

/** Restarts the Virtual Service Edge. */
export const restart = defineAction({
  name: 'vzen/restart',
  summary: 'The Virtual Service Edge is restarted',
  connection: 'appliance',
  params: z.strictObject({}),
  changes: 'always',

  async run({ connection, signal }): Promise<string> {
    const ssh = await connection.ssh({ signal })
    const result = await ssh.run(sh`vzen restart`, { signal, sudo: true, timeout: 600 })
    return outputOfResult(result, 'vzen restart').trim()
  },

  disruptive: () => 'the Virtual Service Edge restarts',
})
