import { sh, type CommandLine } from '#sdk'

/** What `vzen status` says of one service; `unknown` where it says nothing that is understood. */
export type ServiceState = 'running' | 'stopped' | 'not installed' | 'unknown'

/** The services of an appliance: proxy, client of the configuration service, load balancer. */
export interface Services {
  readonly SME: ServiceState
  readonly CDSC: ServiceState
  readonly LB: ServiceState
}

/** Shows what runs; wants root. */
export const STATUS: CommandLine = sh`vzen status`

const NAMES = {
  SME: /\b(?:sme|vzen|vse|virtual service edge)\b/i,
  CDSC: /\b(?:cdsc|smcdsc)\b/i,
  LB: /\b(?:lb|smlb|load ?balancer)\b/i,
} as const

function stateOf(line: string | undefined): ServiceState {
  if (line === undefined) return 'unknown'
  if (/not installed/i.test(line)) return 'not installed'
  // “not running” before “running”.
  if (/not running|stopped|down\b/i.test(line)) return 'stopped'
  return /running|\bup\b/i.test(line) ? 'running' : 'unknown'
}

/** Reads the output of `vzen status`. What it does not mention is `unknown`, never assumed to run. */
export function parseStatus(text: string): Services {
  const lines = text.split('\n')
  // Each line speaks of one service, and the first name in it says of which.
  const about = (name: keyof typeof NAMES): string | undefined =>
    lines.find((line) => {
      const at = line.search(NAMES[name])
      return (
        at >= 0 &&
        Object.values(NAMES).every(
          (other) => other.source === NAMES[name].source || !other.test(line.slice(0, at)),
        )
      )
    })
  if (/build is not installed/i.test(text))
    return { SME: 'not installed', CDSC: 'not installed', LB: 'not installed' }
  return { SME: stateOf(about('SME')), CDSC: stateOf(about('CDSC')), LB: stateOf(about('LB')) }
}
