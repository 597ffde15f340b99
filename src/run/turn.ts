import { untilAborted } from '../connect/deadline.ts'

/** Whose turn it is to be interrupted, in one cluster: one node’s at a time, until it is done with its part of the phase. */
export interface Turn {
  /** The node that has it. */
  holder(): string | undefined
  /** Waits for the turn; at once where the node has it already. Rejects with the reason of the signal. */
  take(node: string, signal: AbortSignal): Promise<void>
  /** Gives it to the next; nothing happens where the node has not got it. */
  leave(node: string): void
}

interface Waiting {
  readonly node: string
  enter(this: void): void
}

/** Makes the turn of one cluster: first come, first served. */
export function createTurn(): Turn {
  const queue: Waiting[] = []
  let current: string | undefined

  return {
    holder: () => current,
    async take(node, signal) {
      signal.throwIfAborted()
      current ??= node
      if (current === node) return
      let enter = (): void => undefined
      const entered = new Promise<void>((resolve) => (enter = resolve))
      const waiting = { node, enter }
      queue.push(waiting)
      try {
        await untilAborted(entered, signal)
      } catch (error) {
        const at = queue.indexOf(waiting)
        if (at >= 0) queue.splice(at, 1)
        throw error
      }
    },
    leave(node) {
      if (current !== node) return
      const next = queue.shift()
      current = next?.node
      next?.enter()
    },
  }
}
