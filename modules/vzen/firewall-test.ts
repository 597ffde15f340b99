import { z } from 'zod'

import { ConnectError, defineModule, type ApplianceReader, type Change } from '#sdk'

import { readFirewall, type Flow } from './firewall.ts'
import { parseStatus, STATUS } from './services.ts'

/** What came of the test. */
interface FirewallFacts {
  /** `serving`: not tested, since the service runs and proves more than a test could. `unseen`: its console cannot be used. */
  readonly kind: 'tested' | 'serving' | 'unseen'
  readonly flows: readonly Flow[]
}

async function isServing(connection: ApplianceReader, signal: AbortSignal): Promise<boolean> {
  try {
    const ssh = await connection.ssh({ signal })
    const { status } = await ssh.query({ status: STATUS }, { signal, sudo: true })
    return parseStatus(status.output).SME === 'running'
  } catch (cause) {
    // A network that is not right yet is what the test is for.
    if (cause instanceof ConnectError) return false
    throw cause
  }
}

/**
 * Checks on the console that the appliance can resolve the cloud’s names and reach its ports, before its service runs:
 * the test disturbs SSH, and a running service has its connections to show.
 */
export const firewallTest = defineModule({
  name: 'vzen/firewall-test',
  summary: 'The firewall lets the appliance out to the cloud',
  connection: 'appliance',
  params: z.strictObject({}),

  async read({ connection, signal, warn }): Promise<FirewallFacts> {
    if (await isServing(connection, signal)) return { kind: 'serving', flows: [] }
    try {
      const console = await connection.console({ signal })
      return { kind: 'tested', flows: await readFirewall(console, { signal }) }
    } catch (cause) {
      if (!(cause instanceof ConnectError) || cause.kind !== 'absent') throw cause
      warn('the firewall cannot be tested without typing on the console')
      return { kind: 'unseen', flows: [] }
    }
  },

  diff({ kind, flows }): readonly Change[] {
    if (kind !== 'tested') return []
    if (flows.length === 0)
      return [{ path: 'firewall test', from: 'nothing that is understood', to: 'a result' }]
    return flows
      .filter(({ reached }) => !reached)
      .map(({ to, why }) => ({
        path: to,
        from: why,
        to: 'connected',
        note: 'the outbound firewall rules and the DNS servers decide on it',
      }))
  },

  hint: () =>
    'let the management and the proxy IP address out to these, then test again: `runbook deploy --tags firewall-test`',
})
