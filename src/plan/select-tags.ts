/** Which tags a run asks for and which it leaves out. */
export interface TagSelection {
  /** `--tags`; nothing, or none at all, means `all`. */
  readonly only?: readonly string[] | undefined
  /** `--skip-tags`. */
  readonly skip: readonly string[]
}

/** What a user may ask for beside the tags that a runbook has. */
export const SPECIAL_TAGS = ['all', 'tagged', 'untagged', 'always', 'never'] as const

/**
 * Whether a step with these tags runs, by Ansible's exact rules. `tags` are its own and everything it inherits from its
 * blocks and its phase. First it must be asked for, then it must not be skipped: skipping wins, and only `always`
 * survives `--skip-tags all`.
 */
export function selectTags(tags: readonly string[], { only, skip }: TagSelection): boolean {
  const tagged = tags.length > 0
  const own = new Set(tagged ? tags : ['untagged'])
  const asked = only === undefined || only.length === 0 ? ['all'] : only

  const selected =
    own.has('always') ||
    (asked.includes('all') && !own.has('never')) ||
    asked.some((tag) => own.has(tag)) ||
    (asked.includes('tagged') && tagged && !own.has('never'))
  if (!selected) return false

  // Nothing else in the list is looked at beside `all`: `always` then survives unless it is named as well.
  if (skip.includes('all')) return own.has('always') && !skip.includes('always')
  return !skip.some((tag) => own.has(tag)) && !(skip.includes('tagged') && tagged)
}
