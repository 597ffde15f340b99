import { afterAll, beforeAll, describe } from 'vitest'

import { openSsh } from '../../../src/connect/ssh/connection.ts'
import { createSshGround } from '../../../src/connect/ssh/ground.ts'
import { createSshSession } from '../../../src/connect/ssh/session.ts'
import { sh } from '../../../src/shell/sh.ts'
import { configure, createBench, createMachine, type Bench } from '../../lab/appliance/bench.ts'
import { holdContract, hurried, type Contracted } from './contract.ts'
import { forever, memoryKeys, secretOf } from './server.ts'

describe.each([
  { shell: 'sh', transfer: 'sftp', sudo: 'window' },
  { shell: 'csh', transfer: 'scp', sudo: 'always' },
  { shell: 'csh', transfer: 'none', sudo: 'always' },
] as const)('a lab appliance with $shell, $transfer for transfers and sudo that asks $sudo', (dialect) => {
  let bench: Bench
  let contracted: Contracted

  beforeAll(async () => {
    bench = createBench({ dialect })
    const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
    await guest.powerOn({ resumed: false })
    await configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })
    const password = secretOf('zsroot')
    const { network } = bench
    const ground = createSshGround({ network, hostKeys: memoryKeys(), clock: hurried, knownHosts: [] })
    const connection = await openSsh(
      { host: '10.84.0.110', port: 22, username: 'zsroot', password },
      { ground, policy: 'first-use', signal: forever },
    )
    const session = createSshSession(connection, { name: 'lab-1-a', password, trace: () => undefined })
    const service = {
      start: sh`service snmpd onestart`,
      runs: sh`service snmpd status`,
      stop: sh`service snmpd onestop`,
    }
    contracted = { connection, session, username: 'zsroot', folder: '/tmp', service }
  })

  afterAll(async () => {
    await contracted.connection.close()
    await bench.close()
  })

  holdContract(() => contracted)
})
