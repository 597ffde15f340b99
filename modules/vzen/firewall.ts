import { sh, type ShellReader } from '#sdk'

/** A connection out that the appliance tried. */
export interface Flow {
  /** Name or address, with the port where there is one: `smcacluster.zscaler.net:9422`. */
  readonly to: string
  readonly reached: boolean
  /** Why it was not reached; empty where it was. */
  readonly why: string
}

// It tries one after the other, each as long as it takes not to be answered.
const SECONDS = 600

/** Reads what `vzen test-firewall` printed, line by line; a line that speaks of no connection is none. */
export function parseFirewall(text: string): readonly Flow[] {
  return text.split('\n').flatMap((line): readonly Flow[] => {
    const name = /\bfailed to resolve (\S+)/i.exec(line)?.[1]
    if (name !== undefined) return [{ to: name, reached: false, why: 'its name is not resolved' }]
    const [, verdict = '', to = ''] =
      /\b(connected|timed out|refused|unreachable|failed)\b.*?\bto\s+(\S+)/i.exec(line) ?? []
    if (to === '') return []
    const reached = verdict.toLowerCase() === 'connected'
    return [{ to, reached, why: reached ? '' : verdict.toLowerCase() }]
  })
}

/** Tests the outbound connections. Only ever on the console: over SSH the test cuts its own connection. */
export async function readFirewall(
  console: ShellReader,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly Flow[]> {
  const { test } = await console.query(
    { test: sh`vzen test-firewall` },
    { signal, sudo: true, timeout: SECONDS },
  )
  return parseFirewall(test.output)
}
