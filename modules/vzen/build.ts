import { z } from 'zod'

import { defineModule, RunbookError, sh, type ApplianceWriter, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'
import { downloadBuild } from './download-build.ts'
import { explainDownload, UNREACHABLE } from './explain-download.ts'
import { readFirewall, type Flow } from './firewall.ts'
import { parseVersion, VERSION } from './read-download.ts'
import { parseStatus, STATUS } from './services.ts'

/** Which build is installed, and whether it runs. */
interface BuildFacts {
  /** Version of the installed build; none where none is installed. */
  readonly version: string | undefined
  readonly running: boolean
}

/** What the appliance cannot reach; nothing where its console cannot be asked: that must not hide what it is asked for. */
async function findBlocked(connection: ApplianceWriter, signal: AbortSignal): Promise<readonly Flow[]> {
  try {
    const flows = await readFirewall(await connection.console({ signal }), { signal })
    return flows.filter(({ reached }) => !reached)
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof RunbookError) return []
    throw cause
  }
}

/** Downloads the build, about 1 GB; it installs and starts itself. */
export const build = defineModule({
  name: 'vzen/build',
  summary: 'A Virtual Service Edge build is installed and runs',
  connection: 'appliance',
  params: z.strictObject({
    stall: z
      .number()
      .positive()
      .default(900)
      .meta({ description: 'Seconds without output or growth after which a download counts as stalled' }),
  }),
  absent: { version: undefined, running: false },
  settle: { within: 300, every: 5 },

  async read({ connection, signal }): Promise<BuildFacts> {
    const ssh = await connection.ssh({ signal })
    const { version, status } = await ssh.query({ version: VERSION, status: STATUS }, { signal, sudo: true })
    return { version: parseVersion(version), running: parseStatus(status.output).SME === 'running' }
  },

  diff({ version, running }): readonly Change[] {
    if (version === undefined) return [{ path: 'build', to: 'the latest build' }]
    return running ? [] : [{ path: 'service', from: 'stopped', to: 'running' }]
  },

  async apply(context) {
    const { connection, facts, signal } = context
    if (facts.version !== undefined) {
      const ssh = await connection.ssh({ signal })
      outputOfResult(await ssh.run(sh`vzen start`, { signal, sudo: true, timeout: 600 }), 'vzen start')
      return
    }
    const result = await downloadBuild(context)
    if (result === undefined) return
    const isBlocked = result.kind === 'exited' && result.code === UNREACHABLE
    const explained = explainDownload(result, isBlocked ? await findBlocked(connection, signal) : [])
    if (explained !== undefined) throw explained
    outputOfResult(result, 'vzen download-build')
  },
})
