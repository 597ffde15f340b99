import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'

/** Whether the service starts with the machine, where the appliance shows it. */
interface AutostartFacts {
  readonly fingerprint: string
  readonly enabled: 'YES' | 'NO' | undefined
}

/** Lets the service start with the appliance; after a reboot it would be gone otherwise. */
export const autostart = defineModule({
  name: 'vzen/autostart',
  summary: 'The Virtual Service Edge starts with the appliance',
  connection: 'appliance',
  params: z.strictObject({}),
  absent: { fingerprint: '', enabled: undefined },
  readBack: {
    kind: 'none',
    why: 'no documented command shows it; the start-up configuration does on some builds only',
    identity: ({ fingerprint, enabled }: AutostartFacts) => `${fingerprint} ${enabled ?? ''}`,
  },

  async read({ connection, signal }): Promise<AutostartFacts> {
    const ssh = await connection.ssh({ signal })
    const { setting } = await ssh.query({ setting: sh`grep ^vzen_enable= /etc/rc.conf` }, { signal })
    const value = /^vzen_enable="?(YES|NO)"?\s*$/im.exec(setting.output)?.[1]?.toUpperCase()
    return { fingerprint: ssh.fingerprint, enabled: value === 'YES' || value === 'NO' ? value : undefined }
  },

  diff({ enabled }): readonly Change[] {
    return enabled === 'YES' ? [] : [{ path: 'autostart', from: enabled, to: 'YES' }]
  },

  async apply({ connection, signal }) {
    const ssh = await connection.ssh({ signal })
    outputOfResult(await ssh.run(sh`vzen enable-autostart`, { signal, sudo: true }), 'vzen enable-autostart')
  },
})
