import { z } from 'zod'

import { CommandError, defineModule, sh, type ApplianceWriter, type Change, type CommandResult } from '#sdk'

import { lastLine, outputOfResult } from './answer.ts'
import { parseStatus, STATUS } from './services.ts'

/** Which build is installed, and whether it runs. */
interface BuildFacts {
  /** Version of the installed build; none where none is installed. */
  readonly version: string | undefined
  readonly running: boolean
}

const VERSION = sh`/sc/sme/bin/sme -V`

// What the updater of this family exits with.
const CODES: Readonly<Record<number, string>> = {
  96: 'the update server refused the certificate: check that this node’s own bundle is installed and its instance is activated',
  97: 'the update server did not answer: check the DNS server, the default gateway and the outbound firewall rules',
  99: 'the download or the installation broke off: check the room on the disk, then run it again',
}

const ATTEMPTS = 3

async function download(
  connection: ApplianceWriter,
  { signal, onOutput }: { readonly signal: AbortSignal; readonly onOutput: (text: string) => void },
): Promise<CommandResult> {
  const ssh = await connection.ssh({ signal })
  // An hour and a half: about a gigabyte, over whatever link there is.
  return ssh.run(sh`vzen download-build`, { signal, sudo: true, timeout: 5400, onOutput })
}

/** Downloads the build, about 1 GB; it installs and starts itself. */
export const build = defineModule({
  name: 'vzen/build',
  summary: 'A Virtual Service Edge build is installed and runs',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { version: undefined, running: false },
  settle: { within: 300, every: 5 },

  async read({ connection, signal }): Promise<BuildFacts> {
    const ssh = await connection.ssh({ signal })
    const { version, status } = await ssh.query({ version: VERSION, status: STATUS }, { signal, sudo: true })
    const installed =
      version.code === 0 ? (/\d+(?:\.\d+)+/.exec(version.output)?.[0] ?? 'unknown') : undefined
    return { version: installed, running: parseStatus(status.output).SME === 'running' }
  },

  diff({ version, running }): readonly Change[] {
    if (version === undefined) return [{ path: 'build', to: 'the latest build' }]
    return running ? [] : [{ path: 'service', from: 'stopped', to: 'running' }]
  },

  async apply({ connection, facts, signal, progress, warn }) {
    if (facts.version !== undefined) {
      const ssh = await connection.ssh({ signal })
      outputOfResult(await ssh.run(sh`vzen start`, { signal, sudo: true, timeout: 600 }), 'vzen start')
      return
    }
    const onOutput = (text: string): void => {
      const percent = [...text.matchAll(/\b(\d{1,3})\s*%/g)].at(-1)?.[1]
      if (percent !== undefined)
        progress({ done: Math.min(100, Number(percent)), total: 100, unit: 'percent', text: lastLine(text) })
    }
    for (let attempt = 1; ; attempt++) {
      const result = await download(connection, { signal, onOutput })
      if (result.kind === 'lost' && attempt < ATTEMPTS) {
        warn(`the connection broke while the build was downloaded (${result.reason}); it is started again`)
        continue
      }
      const cause = result.kind === 'exited' ? CODES[result.code] : undefined
      if (cause !== undefined && result.kind === 'exited') {
        throw new CommandError(
          `vzen download-build ended with exit code ${result.code}: ${lastLine(result.stdout)}`,
          {
            hint: cause,
            output: result.stdout.slice(-2000),
          },
        )
      }
      outputOfResult(result, 'vzen download-build')
      return
    }
  },
})
