import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

const READY = 'SMAUTHENG_READY_STATE'

/** Checks that the appliance has authenticated itself to the cloud. */
export const authentication = defineModule({
  name: 'vzen/authentication',
  summary: 'The appliance is authenticated to the cloud',
  connection: 'appliance',
  params: z.strictObject({}),

  async read({ connection, signal }): Promise<{ readonly state: string }> {
    const ssh = await connection.ssh({ signal })
    const { shown } = await ssh.query(
      { shown: sh`ZSINSTANCE=/sc/sme/ /sc/sme/bin/smmgr -ys show=auth` },
      { signal, sudo: true },
    )
    return { state: /\bSMAUTHENG_\w+/.exec(shown.output)?.[0] ?? 'unknown' }
  },

  diff({ state }): readonly Change[] {
    if (state === READY) return []
    const note =
      'the cloud does not accept it: look at its certificate, at its instance in ZIA, at its clock, and at its way out'
    return [{ path: 'authentication', from: state, to: READY, note }]
  },
})
