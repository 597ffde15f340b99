import type { ActivationStatus } from './resource.ts'
import type { Pending, StagedMark } from './session.ts'

/** What a session knows of its own edits, and of those it found. */
export interface EditRecord {
  /** Called before every edit: the first one looks, before it, what others have pending; `found` is told. */
  begin(look: () => Promise<ActivationStatus>, found: (pending: Pending) => void): Promise<void>
  /** The server may have made an edit. */
  edited(): void
  /** An activation of everything edited so far is under way, or through. */
  activated(): void
  /** Asks for the status; ACTIVE means that nobody's edits are pending, unless some were made while it was asked for. */
  ask(look: () => Promise<ActivationStatus>): Promise<ActivationStatus>
  /** Whether edits of this session wait for an activation. */
  isPending(): boolean
  /** Whether everything it edited, at least something, was activated. */
  isDone(): boolean
  /** What was pending before its first edit; what `look` says is pending now, where it has made none. */
  pendingBefore(look: () => Promise<ActivationStatus>): Promise<Pending>
}

/** Makes the record of a session that has not edited anything. */
export function createEditRecord(mark: StagedMark | undefined): EditRecord {
  let edits = 0
  let activated = 0
  let editsAtBegin = 0
  let begun: Promise<Pending> | undefined

  const nameOf = (status: ActivationStatus): Pending => {
    if (status !== 'PENDING') return 'nothing'
    return mark?.read() === 'ours' ? 'ours' : 'others'
  }

  return {
    async begin(look, found) {
      begun ??= (async () => {
        const pending = nameOf(await look())
        editsAtBegin = edits
        found(pending)
        // On disk before the first edit is sent: whoever is killed now finds its own edits, not a stranger's.
        await mark?.write(pending === 'others' ? 'others' : 'ours')
        return pending
      })()
      const ours = begun
      ours.catch(() => {
        if (begun === ours) begun = undefined
      })
      await ours
    },
    edited: () => void (edits += 1),
    activated: () => void (activated = edits),
    async ask(look) {
      const asked = edits
      const status = await look()
      const isOutdated = edits !== asked || (begun !== undefined && edits === editsAtBegin)
      if (status !== 'ACTIVE' || isOutdated) return status
      activated = edits
      begun = undefined
      if (mark !== undefined && mark.read() !== 'nothing') await mark.write('nothing')
      return status
    },
    isPending: () => activated < edits,
    isDone: () => edits > 0 && activated === edits,
    pendingBefore: async (look) => (begun === undefined ? nameOf(await look()) : begun),
  }
}
