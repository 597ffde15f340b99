import { CommandError, type CommandResult } from '#sdk'

import { lastLine } from './answer.ts'
import type { Flow } from './firewall.ts'

// What the updater of this family exits with.
const CAUSES: Readonly<Record<number, string>> = {
  96: 'the update server refused the certificate: check that this node’s own bundle is installed and its instance is activated',
  97: 'the update server did not answer: check the DNS servers, the default gateway and the outbound firewall rules',
  99: 'the download or the installation broke off: check the room on the disk, then run this step again',
}

/** Exit code of a download that could not reach its server. */
export const UNREACHABLE = 97

/** The error of a download that ended with a code of the family’s; nothing where the code is none of them. */
export function explainDownload(
  result: CommandResult,
  blocked: readonly Flow[] = [],
): CommandError | undefined {
  if (result.kind !== 'exited') return undefined
  const cause = CAUSES[result.code]
  if (cause === undefined) return undefined
  const output = `${result.stdout}${result.stderr}`
  const missing = blocked.map(({ to, why }) => `${to} (${why})`).join(', ')
  return new CommandError(
    `vzen download-build ended with exit code ${result.code}: ${lastLine(output) || 'it said nothing'}`,
    {
      hint: missing === '' ? cause : `${cause}; the firewall test on its console did not reach ${missing}`,
      output: output.slice(-2000),
    },
  )
}
