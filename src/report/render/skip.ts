import type { SkipReason } from '../../model/outcome.ts'

/** Why a step was skipped, in words. */
export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  condition: 'its condition does not hold',
  'after-failure': 'an earlier step failed',
  'cluster-stopped': 'its cluster stopped',
  'not-needed': 'nothing to rescue',
  together: 'the nodes around it went together',
  unserved: 'the cluster served nobody before',
  unchanged: 'nothing changed before it',
  unpredictable: 'cannot be predicted',
  'not-notified': 'nothing notified it',
  declined: 'declined',
  interrupted: 'interrupted',
}
