import type { Appliance } from '../appliance.ts'
import type { Programs } from '../shell/program.ts'
import { createAccountPrograms } from './account.ts'
import { createDiagnosticPrograms } from './diagnostics.ts'
import { createFilePrograms } from './files.ts'
import { createNetworkPrograms } from './network.ts'
import { createOpenssl } from './openssl.ts'
import { createProcessPrograms } from './processes.ts'
import { createScp } from './scp.ts'
import { createSystemPrograms } from './system.ts'
import { createTestPrograms } from './test.ts'
import { createTextPrograms } from './text.ts'
import { timeout } from './timeout.ts'
import { createVzen } from './vzen/vzen.ts'

/** Every program of a machine. */
export function createPrograms(appliance: Appliance): Programs {
  const vzen = createVzen(appliance)
  return {
    ...createFilePrograms(appliance),
    ...createTextPrograms(appliance),
    ...createTestPrograms(appliance),
    ...createSystemPrograms(appliance),
    ...createProcessPrograms(appliance),
    ...createNetworkPrograms(appliance),
    ...createAccountPrograms(appliance),
    ...createDiagnosticPrograms(appliance),
    openssl: createOpenssl(appliance),
    scp: createScp(appliance),
    timeout,
    vzen,
    '/sc/update/vzen': vzen,
  }
}
