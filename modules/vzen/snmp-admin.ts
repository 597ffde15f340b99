import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { planConversation } from './conversation.ts'
import { explainWeakness, readSnmpLines, snmpUser, UNREADABLE, type SnmpFacts } from './snmp-user.ts'

/** Configures the SNMPv3 user whose queries the appliance answers; it answers no other. */
export const snmpAdmin = defineModule({
  name: 'vzen/snmp-admin',
  summary: 'The SNMPv3 user that may query the appliance is configured',
  connection: 'appliance',
  params: z.strictObject(snmpUser),
  absent: { fingerprint: '', lines: '' },
  readBack: {
    kind: 'none',
    why: UNREADABLE,
    identity: ({ fingerprint, lines }: SnmpFacts) => `${fingerprint} ${lines}`,
  },

  read: ({ connection, signal }): Promise<SnmpFacts> => readSnmpLines(connection, { word: 'rouser', signal }),

  diff({ lines }, { username }): readonly Change[] {
    const from = /^rouser (\S+)/m.exec(lines)?.[1]
    return [{ path: 'SNMP user', from, to: username, note: 'its password cannot be compared' }]
  },

  async apply({ connection, params, signal, warn }) {
    const weakness = explainWeakness(params)
    if (weakness !== undefined) warn(weakness)
    const ssh = await connection.ssh({ signal })
    const { wording, ...values } = params
    const dialogue = planConversation({ command: 'snmp-admin-configure', wording, values })
    await ssh.converse(sh`vzen snmp-admin-configure`, { signal, sudo: true, dialogue })
  },
})
