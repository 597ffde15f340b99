import type { Appliance } from './appliance.ts'
import type { ServiceName } from './state.ts'

/** What each process is called on the screen. */
export const SERVICE_LABELS: Readonly<Record<ServiceName, string>> = { sme: 'SME', cdsc: 'CDSC', smlb: 'LB' }

/** The processes that this machine's mode of deployment has. */
export function selectProcesses(appliance: Appliance): readonly ServiceName[] {
  return appliance.service()?.standalone === true ? ['sme', 'cdsc'] : ['sme', 'cdsc', 'smlb']
}

/** Starts processes that do not run yet, with the settings that stand now. The caller saves. */
export function applyStart(appliance: Appliance, names: readonly ServiceName[]): void {
  const { state } = appliance
  const since = appliance.clock.now()
  // The instance's settings decide what runs, and what runs is what may ask for them.
  state.service = appliance.service()
  for (const name of names) {
    if (state.processes[name] !== undefined || !selectProcesses(appliance).includes(name)) continue
    state.processes[name] = { pid: state.nextPid, since }
    state.nextPid += 4
  }
  if (names.includes('sme')) {
    state.standardPort = { ...state.standardPort, effective: state.standardPort.configured }
  }
  // What runs now may have been told more.
  state.service = appliance.service()
}

/** Stops processes. The caller saves. */
export function applyStop({ state }: Appliance, names: readonly ServiceName[]): void {
  for (const name of names) delete state.processes[name]
}
