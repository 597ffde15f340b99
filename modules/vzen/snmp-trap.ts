import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { planConversation } from './conversation.ts'
import { explainWeakness, readSnmpLines, snmpUser, UNREADABLE, type SnmpFacts } from './snmp-user.ts'

/** Configures the SNMPv3 traps and who receives them. */
export const snmpTrap = defineModule({
  name: 'vzen/snmp-trap',
  summary: 'The receiver of the appliance’s SNMPv3 traps is configured',
  connection: 'appliance',
  params: z.strictObject({
    receiver: z.ipv4().meta({ description: 'IP address of the trap management system' }),
    ...snmpUser,
  }),
  absent: { fingerprint: '', lines: '' },
  readBack: {
    kind: 'none',
    why: UNREADABLE,
    identity: ({ fingerprint, lines }: SnmpFacts) => `${fingerprint} ${lines}`,
  },

  read: ({ connection, signal }): Promise<SnmpFacts> =>
    readSnmpLines(connection, { word: 'trapsess', signal }),

  diff({ lines }, { username, receiver }): readonly Change[] {
    const [, user = '', host = ''] = /^trapsess\b.*\s-u (\S+)\b.*\s(\S+)$/m.exec(lines) ?? []
    const from = user === '' ? undefined : `${user} at ${host}`
    const note = 'its password cannot be compared'
    return [{ path: 'SNMP traps', from, to: `${username} at ${receiver}`, note }]
  },

  async apply({ connection, params, signal, warn }) {
    const weakness = explainWeakness(params)
    if (weakness !== undefined) warn(weakness)
    const ssh = await connection.ssh({ signal })
    const { wording, ...values } = params
    const dialogue = planConversation({ command: 'snmp-trap-configure', wording, values })
    await ssh.converse(sh`vzen snmp-trap-configure`, { signal, sudo: true, dialogue })
  },
})
