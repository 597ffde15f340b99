import type { Appliance } from '../appliance.ts'
import type { Programs } from '../shell/program.ts'
import { createAccountPrograms } from './account.ts'
import { createDiagnosticPrograms } from './diagnostics.ts'
import { createFilePrograms } from './files.ts'
import { createNetworkPrograms } from './network.ts'
import { createSystemPrograms } from './system.ts'
import { createTestPrograms } from './test.ts'
import { createTextPrograms } from './text.ts'
import { createVzen } from './vzen/vzen.ts'

/** Every program of a machine. */
export function createPrograms(appliance: Appliance): Programs {
  const vzen = createVzen(appliance)
  return {
    ...createFilePrograms(appliance),
    ...createTextPrograms(appliance),
    ...createTestPrograms(appliance),
    ...createSystemPrograms(appliance),
    ...createNetworkPrograms(appliance),
    ...createAccountPrograms(appliance),
    ...createDiagnosticPrograms(appliance),
    vzen,
    '/sc/update/vzen': vzen,
  }
}
