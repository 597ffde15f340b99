import type { Document } from '../../state/document-store.ts'
import type { Faults, Occasion } from './faults.ts'
import type { TenantState } from './state.ts'

/** How what is staged becomes what the cloud works by. */
export interface Activation {
  /** What `GET /status` says now; an activation that is made to look slow is a look nearer to its end. */
  look(): 'ACTIVE' | 'PENDING' | 'INPROGRESS'
  /** Somebody asks for an activation: it happens, or waits while others hold edits open. */
  ask(editor: string, occasion: Occasion): void
  /** Somebody who held edits open does no longer; what waited for that happens. */
  leave(editor: string): void
  /** Activates, whoever holds what open. */
  commit(): void
}

const LOOKS_UNDER_WAY = 3

/** Makes the activation of a tenant; `committed` is told of every one that happens. */
export function createActivation(
  document: Document<TenantState>,
  { faults, committed }: { readonly faults: Faults; readonly committed: () => void },
): Activation {
  let underWay = 0

  function commit(): void {
    const { value } = document
    // Objects are replaced and never changed, so that both states may share them.
    value.committed = { ...value.staged }
    value.pending = false
    value.queued = false
    committed()
  }

  const isHeldBy = (asking: string | undefined): boolean =>
    faults.has('second-admin') || document.value.editors.some((editor) => editor !== asking)

  /** An activation that waited happens as soon as nobody is left to wait for. */
  function unblock(): void {
    if (document.value.queued && !isHeldBy(undefined)) commit()
  }

  return {
    look() {
      unblock()
      if (underWay === 0) return document.value.pending ? 'PENDING' : 'ACTIVE'
      underWay -= 1
      return 'INPROGRESS'
    },
    ask(editor, occasion) {
      document.value.editors = document.value.editors.filter((name) => name !== editor)
      if (isHeldBy(editor)) {
        document.value.queued = document.value.pending
        return
      }
      commit()
      if (faults.spend('slow-activation', occasion)) underWay = LOOKS_UNDER_WAY
    },
    leave(editor) {
      document.value.editors = document.value.editors.filter((name) => name !== editor)
      unblock()
    },
    commit,
  }
}
