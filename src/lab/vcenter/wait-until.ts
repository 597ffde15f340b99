import type { World } from './model/world.ts'

/** Waits until something is so, and looks again whenever anything in the inventory changes. Rejects when aborted. */
export async function waitUntil(world: World, isSo: () => boolean, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (isSo()) return
  const over = new AbortController()
  let unlisten = (): void => {}
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: over.signal })
      unlisten = world.changes.listen(() => {
        if (isSo()) resolve()
      })
    })
  } finally {
    over.abort()
    unlisten()
  }
}
