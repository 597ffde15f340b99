import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'
import { CONNECTION, parseConnection } from './connection.ts'
import { planConversation, wordingParam } from './conversation.ts'
import { CHANNELS, parseLinks, planPorts, PORTS, STANDARD, type Channel, type Ports } from './links.ts'

const wordsFor = (channel: Channel, use: 'own' | 'standard'): string =>
  `port ${use === 'own' ? PORTS[channel] : STANDARD}`

/** Which port each channel uses, and the appliance that the settings are of. */
interface StandardPortFacts {
  readonly fingerprint: string
  readonly ports: Ports
}

/**
 * Moves channels to the cloud onto port 443, or back, and restarts the service where any moved. Which port a channel uses
 * is read from its connections to the cloud, and from what was set from here, because no command shows the setting: the
 * connections of users, who are on port 443 themselves, say nothing. Where it is not certain, nothing is restarted.
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
  absent: { fingerprint: '', ports: { ca: undefined, cds: undefined, smsm: undefined } },
  settle: { within: 180, every: 5 },

  async read({ connection, signal, recall }): Promise<StandardPortFacts> {
    const ssh = await connection.ssh({ signal })
    const answers = await ssh.query(
      { shown: CONNECTION.shown, sockets: sh`sockstat | grep smcdsc; netstat -an | grep -F .9442` },
      { signal, sudo: true },
    )
    const { cloudConfig, logStream } = parseConnection(answers)
    const cds = parseLinks(answers.sockets.output)
    const stable: Channel[] = cds.some(({ established }) => established) ? ['cds'] : []
    if (cloudConfig === 'Stable') stable.push('ca')
    if (logStream === 'Stable') stable.push('smsm')
    const set = recall(ssh.fingerprint)?.split(' ')
    const ports = planPorts({ service: parseLinks(answers.shown.output), cds, stable, set })
    return { fingerprint: ssh.fingerprint, ports }
  },

  diff({ ports }, { channels }): readonly Change[] {
    return CHANNELS.flatMap((channel): readonly Change[] => {
      const wanted = channels.includes(channel) ? 'standard' : 'own'
      const current = ports[channel]
      if (current === wanted || current === 'either') return []
      if (current === 'own' || current === 'standard')
        return [{ path: channel, from: wordsFor(channel, current), to: wordsFor(channel, wanted) }]
      // A channel without a connection is on its own port for all that is known.
      return wanted === 'own' ? [] : [{ path: channel, to: wordsFor(channel, wanted) }]
    })
  },

  async apply({ connection, params: { channels, wording }, facts, changes, signal, remember }) {
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
    // Before the restart: it is set now, whatever becomes of that.
    await remember(facts.fingerprint, channels.join(' '))
    outputOfResult(await ssh.run(sh`vzen restart`, { signal, sudo: true, timeout: 600 }), 'vzen restart')
  },

  disruptive: () => 'the Virtual Service Edge restarts',
})
