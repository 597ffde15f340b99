import { sh, type SshReader } from '#sdk'

/** How a download of the build stands. */
export interface DownloadFacts {
  readonly isInstalled: boolean
  /** Whether the command still works on it. */
  readonly isRunning: boolean
  /** Kilobytes below `/sc/update`; none where that cannot be told. */
  readonly size: number | undefined
}

/** Version of the installed build. */
export const VERSION = sh`/sc/sme/bin/sme -V`

/** The version that was printed; `unknown` where something was, and none where no build is installed. */
export function parseVersion({
  code,
  output,
}: {
  readonly code: number
  readonly output: string
}): string | undefined {
  return code === 0 ? (/\d+(?:\.\d+)+/.exec(output)?.[0] ?? 'unknown') : undefined
}

/** Asks the appliance, whichever session began the download. */
export async function readDownload(ssh: SshReader, signal: AbortSignal): Promise<DownloadFacts> {
  const { version, running, size } = await ssh.query(
    {
      version: VERSION,
      // The bracket keeps the search from finding itself.
      running: sh`ps axww -o command | grep ${'vzen download-buil[d]'}`,
      size: sh`du -sk /sc/update`,
    },
    { signal, sudo: true },
  )
  const kilobytes = /^\s*(\d+)/.exec(size.output)?.[1]
  return {
    isInstalled: parseVersion(version) !== undefined,
    isRunning: running.code === 0,
    size: size.code === 0 && kilobytes !== undefined ? Number(kilobytes) : undefined,
  }
}
