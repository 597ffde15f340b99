import type { RunStarted } from '../model/event.ts'

/** How phases are called on a screen: `7 Configure the network`. */
export interface PhaseNames {
  of(phase: string): string
}

/** Names the phases of a run; one that the run did not announce is called by its id. */
export function phaseNames(phases: RunStarted['phases']): PhaseNames {
  const names = new Map(
    phases.map(({ id, number, name }) => [id, number === undefined ? name : `${number} ${name}`]),
  )
  return { of: (phase) => names.get(phase) ?? phase }
}
