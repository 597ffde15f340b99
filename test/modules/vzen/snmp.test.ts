import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { network } from '../../../modules/vzen/network.ts'
import { password } from '../../../modules/vzen/password.ts'
import { snmpAdmin } from '../../../modules/vzen/snmp-admin.ts'
import { snmpAgent } from '../../../modules/vzen/snmp-agent.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { findProgram } from '../../support/find-program.ts'
import { describeWith } from '../../support/require-server.ts'
import { converge, createSite, wanted, type Edge, type Site } from './edge.ts'

const run = promisify(execFile)
const secret = documentedSecret('monitor secret 1')

const SYS_NAME = '1.3.6.1.2.1.1.5.0'
const CA_CONNECTIVITY = '1.3.6.1.4.1.46262.9.2.1.5.0'

describeWith(
  'snmpget of net-snmp',
  { find: () => findProgram('snmpget'), howToGet: 'apt-get install snmp' },
  (snmpget) => {
    let site: Site
    let edge: Edge
    beforeAll(async () => {
      site = createSite()
      edge = await site.addEdge('lab-1-a')
      const on = { site, edge }
      const planned = {
        address: '10.84.0.110/24',
        gateway: '10.84.0.200',
        dns: ['10.84.0.100'],
        hostname: 'lab-1-a',
      }
      await converge(password, { wanted }, on)
      await converge(network, planned, on)
      await converge(snmpAgent, {}, on)
    })
    afterAll(() => site.close())

    /** Asks the agent; gives what was printed, also where that is a complaint. */
    async function ask(
      over: Partial<Record<'-u' | '-l' | '-a' | '-A' | '-x' | '-X', string>>,
      ...oids: readonly string[]
    ): Promise<string> {
      const status = site.bench.yard.status()['lab-1-a'] as { readonly snmp: string }
      const options = {
        '-u': 'monitor',
        '-l': 'authPriv',
        '-a': 'SHA',
        '-A': secret.reveal(),
        '-x': 'AES',
        '-X': secret.reveal(),
        ...over,
      }
      // Nobody's own configuration decides here.
      const env = { ...process.env, SNMPCONFPATH: site.bench.folder, MIBS: '' }
      const args = ['-v3', '-r1', '-t2', '-On', ...Object.entries(options).flat(), status.snmp, ...oids]
      const { stdout, stderr } = await run(snmpget, args, { env, timeout: 20_000 }).catch(
        (error: { stdout: string; stderr: string }) => error,
      )
      return stdout + stderr
    }

    it('reads an agent that the modules have configured, authenticated by SHA and encrypted by AES', async () => {
      await converge(snmpAdmin, { username: 'monitor', password: secret }, { site, edge })
      const said = await ask({}, SYS_NAME, '1.3.6.1.2.1.1.3.0', CA_CONNECTIVITY, '1.3.6.1.2.1.1.99.0')
      expect(said).toContain(`.${SYS_NAME} = STRING: "lab-1-a"`)
      expect(said).toMatch(/\.1\.3\.6\.1\.2\.1\.1\.3\.0 = Timeticks: \(\d+\)/)
      // No build runs yet: the connection to the cloud is down.
      expect(said).toContain(`.${CA_CONNECTIVITY} = INTEGER: 4`)
      expect(said).toContain('No Such Object')
    })

    it('is told nothing as another user, with another password, or without encryption', async () => {
      expect(await ask({ '-u': 'public' }, SYS_NAME)).toMatch(/unknown user name/i)
      expect(await ask({ '-A': 'another secret', '-X': 'another secret' }, SYS_NAME)).toMatch(
        /authentication failure/i,
      )
      expect(await ask({ '-l': 'authNoPriv' }, SYS_NAME)).toMatch(/unsupported security level/i)
      expect(await ask({ '-l': 'noAuthNoPriv' }, SYS_NAME)).toMatch(/unsupported security level/i)
      expect(await ask({ '-X': 'another secret' }, SYS_NAME)).not.toContain('lab-1-a')
    })

    it('reads one that was configured with MD5 and DES, which was warned of', async () => {
      const params = { username: 'old', password: secret, authentication: 'MD5', privacy: 'DES' } as const
      await converge(snmpAdmin, params, { site, edge })
      expect(edge.warnings).toEqual([expect.stringContaining('MD5 and DES')])
      expect(await ask({ '-u': 'old', '-a': 'MD5', '-x': 'DES' }, SYS_NAME)).toContain('"lab-1-a"')
      expect(await ask({}, SYS_NAME)).toMatch(/unknown user name/i)
    })

    it('walks through everything there is, and past its end', async () => {
      const walker = findProgram('snmpbulkwalk')
      const status = site.bench.yard.status()['lab-1-a'] as { readonly snmp: string }
      const { stdout } = await run(
        walker ?? '',
        [
          '-v3',
          '-r1',
          '-t2',
          '-On',
          '-u',
          'old',
          '-l',
          'authPriv',
          '-a',
          'MD5',
          '-A',
          secret.reveal(),
        ].concat(['-x', 'DES', '-X', secret.reveal(), status.snmp, '.1.3.6.1']),
        { env: { ...process.env, SNMPCONFPATH: site.bench.folder, MIBS: '' }, timeout: 20_000 },
      )
      expect(stdout.split('\n').filter((line) => line.includes(' = '))).toHaveLength(7)
      expect(stdout).toContain('No more variables left')
    })
  },
)
