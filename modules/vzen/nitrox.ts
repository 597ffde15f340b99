import { z } from 'zod'

import { defineModule, ModuleError, sh, type Change } from '#sdk'

import { lastLine, outputOfResult } from './answer.ts'
import { parseStatus, STATUS } from './services.ts'
import { hasRestarted, readUptime, waitForReturn } from './uptime.ts'

/** What identifies the appliance, since it does not tell whether the card is set up. */
interface NitroxFacts {
  readonly fingerprint: string
  /** Whether the service runs, which a restart of the appliance would end. */
  readonly serving: boolean
}

/** Seconds that an appliance whose connection was lost may take to go down, and its service to run when it is back. */
const [GOING, RUNNING] = [60, 300]

/** Sets up the Cavium NITROX card that is passed through to the virtual machine; a build may restart itself for it. */
export const nitrox = defineModule({
  name: 'vzen/nitrox',
  summary: 'The Cavium NITROX card is set up',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { fingerprint: '', serving: false },
  readBack: {
    kind: 'none',
    why: 'the appliance has no command that shows whether the card is set up',
    identity: ({ fingerprint }: NitroxFacts) => fingerprint,
  },

  async read({ connection, signal }): Promise<NitroxFacts> {
    const ssh = await connection.ssh({ signal })
    const { status } = await ssh.query({ status: STATUS }, { signal, sudo: true })
    return { fingerprint: ssh.fingerprint, serving: parseStatus(status.output).SME === 'running' }
  },

  diff(): readonly Change[] {
    return [{ path: 'NITROX card', to: 'set up' }]
  },

  async apply({ connection, facts, clock, signal, warn }) {
    const way = { connection, clock, signal }
    const before = await readUptime(way)
    const ssh = await connection.ssh({ signal })
    const result = await ssh.run(sh`vzen install-nitrox`, { signal, sudo: true, timeout: 600 })
    if (result.kind !== 'lost') {
      const output = outputOfResult(result, 'vzen install-nitrox')
      if (/\breboot\b/i.test(output)) warn(`install-nitrox asks for a reboot: ${lastLine(output)}`)
      return
    }
    const isUpAgain = async (): Promise<boolean> => hasRestarted(before, await readUptime(way))
    // A connection that was only lost says nothing of how the command ended.
    if (!(await waitForReturn(way, { isBack: isUpAgain, patience: GOING })))
      outputOfResult(result, 'vzen install-nitrox')
    if (!facts.serving) return
    const isServing = async (): Promise<boolean> => {
      const again = await connection.ssh({ signal })
      const { status } = await again.query({ status: STATUS }, { signal, sudo: true })
      return parseStatus(status.output).SME === 'running'
    }
    if (await waitForReturn(way, { isBack: isServing, patience: RUNNING })) return
    throw new ModuleError(`${connection.name} restarted for its card, and its service does not run again`, {
      hint: 'start it with `vzen start`; the step “The service starts with the machine” keeps that from happening again',
    })
  },

  disruptive: (_changes, _params, { serving }) =>
    serving ? 'the driver of its card is set up, for which the appliance may restart' : undefined,
})
