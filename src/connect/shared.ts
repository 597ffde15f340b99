import { AbortError } from '../model/error.ts'
import { untilAborted } from './deadline.ts'

/** Something that is opened when it is first asked for, and then shared by all who ask. */
export interface Shared<T> {
  /** The one that is open, or is being opened; a new one where the last was lost or never came about. */
  take(options: { readonly signal: AbortSignal }): Promise<T>
  close(): Promise<void>
}

/** How the shared thing is opened, looked at and closed. */
export interface SharedThing<T> {
  readonly open: (options: { readonly signal: AbortSignal }) => Promise<T>
  readonly isOpen: (thing: T) => boolean
  readonly close: (thing: T) => Promise<void>
}

interface Opening<T> {
  readonly coming: Promise<T>
  readonly control: AbortController
  waiting: number
  here: T | undefined
}

/**
 * Makes one that is not open yet. Whoever stops waiting leaves the opening to the others; only when the last has gone is
 * it given up.
 */
export function createShared<T extends object>({ open, isOpen, close }: SharedThing<T>): Shared<T> {
  let current: Opening<T> | undefined

  function begin(): Opening<T> {
    const control = new AbortController()
    const come = async (): Promise<T> => {
      const thing = await open({ signal: control.signal })
      if (control.signal.aborted) {
        await close(thing)
        control.signal.throwIfAborted()
      }
      opening.here = thing
      return thing
    }
    const forget = (): void => {
      if (current === opening) current = undefined
    }
    control.signal.addEventListener('abort', forget, { once: true })
    // Not before `opening` is there: what is opened at once asks for it.
    const coming = Promise.resolve().then(come)
    coming.catch(forget)
    const opening: Opening<T> = { coming, control, waiting: 0, here: undefined }
    return opening
  }

  return {
    async take({ signal }) {
      signal.throwIfAborted()
      if (current === undefined || (current.here !== undefined && !isOpen(current.here))) current = begin()
      const opening = current
      if (opening.here !== undefined) return opening.here
      opening.waiting += 1
      try {
        return await untilAborted(opening.coming, signal)
      } finally {
        opening.waiting -= 1
        if (opening.waiting === 0 && opening.here === undefined)
          opening.control.abort(new AbortError('nobody waits for it any more'))
      }
    },
    async close() {
      const opening = current
      current = undefined
      if (opening === undefined) return
      if (opening.here === undefined) opening.control.abort(new AbortError('closed before it was open'))
      const thing = await opening.coming.catch(() => undefined)
      if (thing !== undefined) await close(thing)
    },
  }
}
