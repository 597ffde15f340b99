import type { Demand } from '../model/demand.ts'

const HOUR = 3600

/** Seconds until all calls are made, one after the other, where only so many an hour are allowed. */
export function timeDemand({ calls, perHour, seconds }: Demand): number {
  const hours = Math.floor(Math.max(0, calls - 1) / perHour)
  return Math.max(calls * seconds, hours * HOUR + (calls - hours * perHour) * seconds)
}

/** What is asked for at most and how long that takes, in a sentence; nothing where nothing is. */
export function describeDemands(demands: readonly Demand[]): readonly string[] {
  if (demands.length === 0) return []
  const calls = demands.map((demand) => `${demand.calls} × ${demand.quota}`).join(', ')
  const seconds = demands.reduce((sum, demand) => sum + timeDemand(demand), 0)
  return [`at most ${calls}; about ${renderTime(seconds)}, one after the other`, ...describeExcess(demands)]
}

/** Says which allowance of an hour is not enough, because that is what a run waits for longest. */
export function describeExcess(demands: readonly Demand[]): readonly string[] {
  return demands
    .filter(({ calls, perHour }) => calls > perHour)
    .map(
      ({ quota, calls, perHour }) =>
        `${quota} may be called ${perHour} times an hour, and ${calls} calls may be needed: the run paces itself over ${Math.ceil(calls / perHour)} hours`,
    )
}

function renderTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
