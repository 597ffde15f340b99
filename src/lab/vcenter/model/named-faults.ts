import type { Document } from '../../../state/document-store.ts'
import type { Saves } from './saves.ts'

/** What can be made to go wrong with a vCenter, by name, and what each of it is; each strikes at its next occasion. */
export const VCENTER_FAULTS = {
  'session-expiry': 'the server forgets all sessions before the next call',
  'upload-session-expiry': 'the server forgets all sessions in the middle of the next upload',
  'lease-error': 'the next import’s lease fails before it is ready',
  'upload-lease-error': 'the next import’s lease fails in the middle of its upload',
  'lease-stuck': 'the next import’s lease never becomes ready',
  unavailable: 'the next request is answered by a proxy’s 503 page',
  'upload-unavailable': 'the next upload is answered by a proxy’s 503 page',
  reset: 'the next upload is cut in the middle',
  'slow-upload': 'the next upload is taken in drop by drop',
  slow: 'the next request is answered half a minute late',
  'lost-reply': 'the next call is served, and the connection cut before the reply',
  'lost-change':
    'the next call that changes something is carried out, and the connection cut before the reply',
  'task-failure': 'the next task fails when it is nearly half done',
  'lost-keys': 'the next key strokes arrive by half',
  certificate: 'the next connection is answered with a certificate that nobody trusts',
  question: 'the next machine to be switched on asks whether it was moved or copied',
} as const

/** The name of a fault of a vCenter. */
export type VCenterFaultName = keyof typeof VCENTER_FAULTS

/** How often each fault is still to strike. */
export type FaultState = Partial<Record<VCenterFaultName, number>>

/** The faults that wait for their moment; also in the next process. */
export interface NamedFaults {
  /** Makes the next `times` occasions (1 where absent) go wrong. */
  inject(name: VCenterFaultName, options?: { readonly times?: number }): void
  /** Takes back what has not struck yet; everything where no name is given. */
  clear(name?: VCenterFaultName): void
  /** Whether this occasion is to go wrong; counts it. */
  take(name: VCenterFaultName): boolean
  /** How often each is still to strike; those that are not are left out. */
  due(): FaultState
}

/** Opens the faults that a document keeps. */
export function createNamedFaults(
  document: Document<FaultState>,
  { saves }: { readonly saves: Saves },
): NamedFaults {
  const set = (name: VCenterFaultName, times: number): void => {
    if (times > 0) document.value[name] = times
    else delete document.value[name]
    saves.add(document.save())
  }
  return {
    inject: (name, { times = 1 } = {}) => set(name, (document.value[name] ?? 0) + times),
    clear(name) {
      const names = name === undefined ? (Object.keys(document.value) as VCenterFaultName[]) : [name]
      for (const each of names) set(each, 0)
    },
    take(name) {
      const left = document.value[name] ?? 0
      if (left > 0) set(name, left - 1)
      return left > 0
    },
    due: () => ({ ...document.value }),
  }
}
