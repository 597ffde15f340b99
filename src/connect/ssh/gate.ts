import { untilAborted } from '../deadline.ts'

/** Lets at most so many through at once; the others wait in order. */
export interface Gate {
  /** Waits for a place. Resolves to what gives it back, which may be called twice. */
  enter(options: { readonly signal: AbortSignal }): Promise<() => void>
}

/** Makes a gate of `max` places. */
export function createGate(max: number): Gate {
  let free = max
  const waiting: (() => void)[] = []

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }

  function pass(): () => void {
    let inside = true
    return () => {
      if (inside) leave()
      inside = false
    }
  }

  return {
    async enter({ signal }) {
      signal.throwIfAborted()
      if (free > 0) {
        free -= 1
        return pass()
      }
      let admit = (): void => undefined
      const turn = new Promise<void>((resolve) => {
        admit = resolve
      })
      waiting.push(admit)
      try {
        await untilAborted(turn, signal)
      } catch (cause) {
        const place = waiting.indexOf(admit)
        if (place >= 0) waiting.splice(place, 1)
        else leave()
        throw cause
      }
      return pass()
    },
  }
}
