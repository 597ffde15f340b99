import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { lastLine, outputOfResult } from './answer.ts'

/** What identifies the appliance, since it does not tell whether the card is set up. */
interface NitroxFacts {
  readonly fingerprint: string
}

/** Sets up the Cavium NITROX card that is passed through to the virtual machine. */
export const nitrox = defineModule({
  name: 'vzen/nitrox',
  summary: 'The Cavium NITROX card is set up',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { fingerprint: '' },
  readBack: {
    kind: 'none',
    why: 'the appliance has no command that shows whether the card is set up',
    identity: ({ fingerprint }: NitroxFacts) => fingerprint,
  },

  async read({ connection, signal }): Promise<NitroxFacts> {
    const { fingerprint } = await connection.ssh({ signal })
    return { fingerprint }
  },

  diff(): readonly Change[] {
    return [{ path: 'NITROX card', to: 'set up' }]
  },

  async apply({ connection, signal, warn }) {
    const ssh = await connection.ssh({ signal })
    const result = await ssh.run(sh`vzen install-nitrox`, { signal, sudo: true, timeout: 600 })
    const output = outputOfResult(result, 'vzen install-nitrox')
    if (/\breboot\b/i.test(output)) warn(`install-nitrox asks for a reboot: ${lastLine(output)}`)
  },
})
