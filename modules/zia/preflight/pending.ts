import { ALONGSIDE, type Change, type Pending } from '#sdk'

/** What is worth knowing of changes that others have pending. */
export function notePending({ whose, isRefused, words }: Pending): readonly string[] {
  if (whose === 'nothing' || whose === 'ours') return []
  return isRefused
    ? [`${words}: whatever has to be changed in ZIA is refused until that is settled; ${ALONGSIDE}`]
    : [`${words}: an activation activates all of it`]
}

/** Why something that is missing cannot be made now. */
export function findPending({ isRefused, words }: Pending, missing: readonly string[]): readonly Change[] {
  if (!isRefused || missing.length === 0) return []
  const what =
    missing.length > 5
      ? `${missing.slice(0, 5).join(', ')} and ${missing.length - 5} more`
      : missing.join(', ')
  const note = `${what} cannot be made beside them, for ZIA activates all or none; ${ALONGSIDE}`
  return [{ path: 'pending changes', from: words, to: 'none of others', note }]
}
