import { ModuleError, sh, type Answered } from '#sdk'

/** How far the appliance’s clock is from the runner’s. */
export interface Drift {
  /** Seconds that it is ahead; negative where it is behind. */
  readonly drift: number
  /** Seconds by which that may be wrong: half of what the question took, and the second that `date` leaves out. */
  readonly uncertainty: number
}

/** Tells the appliance’s time. */
export const DATE = sh`date -u +%s`

/** Compares the appliance’s time with the runner’s, which was asked before and after, in milliseconds. */
export function parseDrift({ output }: Answered, [before, after]: readonly [number, number]): Drift {
  const seconds = Number.parseInt(output.trim(), 10)
  if (!Number.isFinite(seconds)) throw new ModuleError(`date printed “${output.trim()}”, which is no time`)
  return {
    drift: Math.round(seconds + 0.5 - (before + after) / 2000),
    uncertainty: Math.ceil((after - before) / 2000 + 0.5),
  }
}

/** Whether the clock is certainly further off than so many seconds. */
export function isOff({ drift, uncertainty }: Drift, seconds: number): boolean {
  return Math.abs(drift) - uncertainty > seconds
}

/** `300 seconds ahead`. */
export function renderDrift({ drift }: Drift): string {
  return `${Math.abs(drift)} seconds ${drift > 0 ? 'ahead' : 'behind'}`
}
