import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'
import { planConversation, wordingParam } from './conversation.ts'
import { CHANNELS, parseLinks, planPorts, PORTS, STANDARD, type Channel, type Ports } from './links.ts'

const WORDS = {
  own: (channel: Channel) => `port ${PORTS[channel]}`,
  standard: () => `port ${STANDARD}`,
} as const

/**
 * Moves channels to the cloud onto port 443, or back, and restarts the service where any moved. Which port a channel uses
 * is read from its connections, because no command shows the setting.
 */
export const standardPort = defineModule({
  name: 'vzen/standard-port',
  summary: 'The channels to the cloud use port 443 as planned',
  connection: 'appliance',
  params: z.strictObject({
    channels: z
      .array(z.enum(['ca', 'cds', 'smsm']))
      .meta({ description: 'Channels on port 443; the others use their own ports' }),
    ...wordingParam,
  }),
  absent: { ca: undefined, cds: undefined, smsm: undefined },
  settle: { within: 180, every: 5 },

  async read({ connection, signal }): Promise<Ports> {
    const ssh = await connection.ssh({ signal })
    const { service, cds } = await ssh.query(
      {
        service: sh`vzen troubleshoot netstat`,
        cds: sh`sockstat | grep smcdsc; netstat -an | grep -F .9442`,
      },
      { signal, sudo: true },
    )
    return planPorts(parseLinks(service.output), parseLinks(cds.output))
  },

  diff(ports, { channels }): readonly Change[] {
    return CHANNELS.flatMap((channel): readonly Change[] => {
      const wanted = channels.includes(channel) ? 'standard' : 'own'
      const current = ports[channel]
      // A channel without a connection is on its own port for all that is known.
      if (current === wanted || (current === undefined && wanted === 'own')) return []
      const from = current === undefined ? undefined : WORDS[current](channel)
      return [{ path: channel, from, to: WORDS[wanted](channel) }]
    })
  },

  async apply({ connection, params: { channels, wording }, changes, signal }) {
    const ssh = await connection.ssh({ signal })
    const moved = CHANNELS.filter((channel) => changes.some(({ path }) => path === channel))
    for (const isOn of [true, false]) {
      const command = isOn ? 'enable-stdport' : 'disable-stdport'
      const those = moved.filter((channel) => channels.includes(channel) === isOn)
      for (const channel of those.length === CHANNELS.length ? ['all'] : those) {
        const dialogue = planConversation({ command, wording, values: { channel } })
        await ssh.converse(sh`vzen ${command} ${channel}`, { signal, sudo: true, dialogue })
      }
    }
    outputOfResult(await ssh.run(sh`vzen restart`, { signal, sudo: true, timeout: 600 }), 'vzen restart')
  },

  disruptive: () => 'the Virtual Service Edge restarts',
})
