import type { Pending, StagedMark } from '../connect/zia/session.ts'
import type { Document } from '../state/document-store.ts'

/** Whose edits wait for an activation, by who signs in to which tenant; nobody's where a tenant is not named. */
export interface StagedEdits {
  tenants: Readonly<Record<string, Pending>>
}

/** No tenant has any. */
export function noStagedEdits(): StagedEdits {
  return { tenants: {} }
}

/** The mark of one tenant, kept in a document: on disk before the first edit, gone after the activation. */
export function markOf(document: Document<StagedEdits>, tenant: string): StagedMark {
  return {
    read: () => document.value.tenants[tenant] ?? 'nothing',
    async write(pending) {
      const { [tenant]: _, ...others } = document.value.tenants
      document.value.tenants = pending === 'nothing' ? others : { ...others, [tenant]: pending }
      await document.save()
    },
  }
}
