import { z } from 'zod'

import { defineModule, sh, type Answered, type Change, type CommandLine } from '#sdk'

const READY = 'SMAUTHENG_READY_STATE'

/** Shows whether the appliance is authenticated; wants root. */
export const AUTHENTICATION: CommandLine = sh`ZSINSTANCE=/sc/sme/ /sc/sme/bin/smmgr -ys show=auth`

/** The state of its authentication. */
export interface AuthenticationFacts {
  readonly state: string
}

/** Reads the state of the authentication; `unknown` where none is told. */
export function parseAuthentication({ output }: Answered): AuthenticationFacts {
  return { state: /\bSMAUTHENG_\w+/.exec(output)?.[0] ?? 'unknown' }
}

/** Whether the cloud has let it in. */
export function isReady({ state }: AuthenticationFacts): boolean {
  return state === READY
}

/** Checks that the appliance has authenticated itself to the cloud. */
export const authentication = defineModule({
  name: 'vzen/authentication',
  summary: 'The appliance is authenticated to the cloud',
  connection: 'appliance',
  params: z.strictObject({}),

  async read({ connection, signal }): Promise<AuthenticationFacts> {
    const ssh = await connection.ssh({ signal })
    const { shown } = await ssh.query({ shown: AUTHENTICATION }, { signal, sudo: true })
    return parseAuthentication(shown)
  },

  diff(facts): readonly Change[] {
    if (isReady(facts)) return []
    const note =
      'the cloud does not accept it: look at its certificate, at its instance in ZIA, at its clock, and at its way out'
    return [{ path: 'authentication', from: facts.state, to: READY, note }]
  },

  hint: () =>
    '`runbook deploy --tags certificate,ntp,activate` puts right what it can of these; --tags firewall-test tests the way out, on the console of a node that does not run',
})
