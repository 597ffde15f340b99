import { describe, expect, test } from 'vitest'

import { answerList } from '../../../modules/vzen/answer-list.ts'
import { chooseOption } from '../../../modules/vzen/choose-option.ts'
import { planConversation } from '../../../modules/vzen/conversation.ts'
import { wordingSchema } from '../../../src/connect/dialogue/wording.ts'

type Plan = Parameters<typeof planConversation>[0]
type Rules = ReturnType<typeof planConversation>['rules']

/** The rule that a line is for, and what it says to it. */
function reply(rules: Rules, line: string): readonly [string, unknown] | undefined {
  for (const { name, prompt, answer } of rules) {
    const match = [prompt]
      .flat()
      .map((pattern) => pattern.exec(line))
      .find((found) => found !== null)
    if (match === undefined || match === null) continue
    return [name, typeof answer === 'function' ? answer(match, 0) : answer]
  }
  return undefined
}

const network = (over: Partial<Plan> = {}): Rules =>
  planConversation({
    command: 'configure-network',
    wording: undefined,
    values: {
      cidr: '10.84.0.110/24',
      address: '10.84.0.110',
      prefix: '24',
      netmask: '255.255.255.0',
      gateway: '10.84.0.200',
      hostname: 'fra-1-a',
    },
    answers: answerList('DNS server', ['10.0.0.1', '10.0.0.2']),
    ...over,
  }).rules

describe('a list', () => {
  const styles = [
    {
      listed: (value: string) => `nameserver:${value} (Options <c:change, d:delete, n:no change>) [n] `,
      another: 'Do you wish to add a new nameserver? <n:no y:yes> [n]: ',
      value: 'nameserver (IP address of the nameserver) []: ',
      said: ['n', 'd', 'y', '10.0.0.2', 'n'],
    },
    {
      listed: (value: string) => `DNS server ${value}: (k)eep, (c)hange or (d)elete? `,
      another: 'Add another DNS server? (yes/no) ',
      value: 'DNS server: ',
      said: ['k', 'd', 'yes', '10.0.0.2', 'no'],
    },
  ]
  test.each(styles)('keeps what is wanted, deletes what is not, adds what is missing: $said', (style) => {
    const rules = network()
    const lines = [
      style.listed('10.0.0.1'),
      style.listed('9.9.9.9'),
      style.another,
      style.value,
      style.another,
    ]
    expect(lines.map((line) => reply(rules, line)?.[1])).toEqual(style.said)
  })

  test('deletes an entry that stands there twice', () => {
    const rules = network({ answers: answerList('DNS server', ['10.0.0.1']) })
    const line = 'nameserver:10.0.0.1 (Options <c:change, d:delete, n:no change>) [n] '
    const another = 'Do you wish to add a new nameserver? <n:no y:yes> [n]: '
    expect([line, line, another].map((text) => reply(rules, text)?.[1])).toEqual(['n', 'd', 'n'])
  })
})

describe('an option', () => {
  test.each([
    ['Do you wish to continue? <n:no y:yes> [n]: ', 'yes', 'y'],
    ['Continue? (yes/no) ', 'no', 'no'],
    ['Continue? [y/N] ', 'yes', 'y'],
    ['(Options <c:change, d:delete, n:no change>) [n]', 'keep', 'n'],
    ['(Options <1:keep, 2:change, 3:delete>) [1]', 'delete', '3'],
    ['(k)eep, (c)hange or (d)elete?', 'keep', 'k'],
  ] as const)('in “%s” that means %s is %s', (line, meaning, expected) => {
    expect(chooseOption(line, meaning)).toBe(expected)
  })
})

const snmp = planConversation({
  command: 'snmp-trap-configure',
  wording: undefined,
  values: {
    username: 'monitor',
    password: 'a secret stands here',
    authentication: 'SHA1',
    privacy: 'AES',
    receiver: '10.84.0.50',
  },
}).rules
const ntp = planConversation({
  command: 'enable-ntpd',
  wording: undefined,
  answers: answerList('NTP server', ['10.84.0.100']),
}).rules

describe('a prompt', () => {
  test.each([
    ['ifconfig_em0 (Management interface IP address with netmask) []: ', '10.84.0.110/24'],
    ['Mgmt IP address with CIDR netmask: ', '10.84.0.110/24'],
    ['Management IP address [none]: ', '10.84.0.110'],
    ['Netmask of the management interface (dotted) [255.255.255.0]: ', '255.255.255.0'],
    ['defaultrouter (Default gateway IP address) [10.84.0.1]: ', '10.84.0.200'],
    ['smnet_dflt_gw (Management default gateway IP address) []: ', '10.84.0.200'],
    ['hostname (Hostname of the Virtual Service Edge) [zscaler]: ', 'fra-1-a'],
    ['Host name: ', 'fra-1-a'],
    ['nameserver (IP address of the nameserver) []: ', '10.0.0.1'],
    ['Do you require a proxy server configuration? <n:no y:yes> [n]: ', 'n'],
    ['Use DHCP for the management interface? (yes/no) ', 'no'],
    ['Apply these changes? <y/n> : [y]: ', 'y'],
    ['smnet_dev (Service interface IP address with netmask) []: ', undefined],
    ['Select the traffic profile of this edge <1-4>: ', undefined],
  ])('of configure-network, “%s”, is answered with %s', (line, expected) => {
    expect(reply(network(), line)?.[1]).toBe(expected)
  })

  test.each([
    ['snmp_user (SNMPv3 username) []: ', 'username'],
    ['SNMPv3 password: ', 'password'],
    ['Re-enter SNMPv3 password: ', 'password once more'],
    ['snmp_auth (Authentication protocol: MD5/SHA1) [SHA1]: ', 'authentication protocol'],
    ['snmp_priv (Encryption method: DES/AES) [AES]: ', 'encryption method'],
    ['snmp_trap (Which traps do you want to configure: v3) [v3]: ', 'kind of traps'],
    ['trap_receiver (IP address of the SNMP trap receiver) []: ', 'trap receiver'],
    ['Password:', undefined],
  ])('of snmp-trap-configure, “%s”, is %s', (line, expected) => {
    expect(reply(snmp, line)?.[0]).toBe(expected)
  })

  test.each([
    ['ntpserver (Address of the NTP server) []: ', 'NTP server'],
    ['Do you wish to start ntpd now? <n:no y:yes> [y]: ', 'whether to start ntpd'],
  ])('of enable-ntpd, “%s”, is %s', (line, expected) => {
    expect(reply(ntp, line)?.[0]).toBe(expected)
  })
})

describe('the wording of an inventory', () => {
  test('adds a prompt, with an answer of its own or a value of the step', () => {
    const wording = wordingSchema.parse({
      build: 'ZscalerOS 42',
      commands: {
        'configure-network': {
          prompts: {
            'traffic profile': { patterns: ['traffic profile of this edge'], answer: '2' },
            'name again': { patterns: ['^label of the console'], answer: 'con-{hostname}' },
          },
        },
      },
    })
    const rules = network({ wording })
    expect(reply(rules, 'Select the traffic profile of this edge <1-4>: ')?.[1]).toBe('2')
    expect(reply(rules, 'Label of the console: ')?.[1]).toBe('con-fra-1-a')
    expect(reply(rules, 'Host name: ')?.[1]).toBe('fra-1-a')
  })

  test('that asks for values nobody has is refused, all problems at once', () => {
    const prompts = {
      one: { patterns: ['one'], answer: '{colour}' },
      two: { patterns: ['two'] },
    }
    const wording = wordingSchema.parse({ build: 'x', commands: { 'configure-network': { prompts } } })
    expect(() => network({ wording })).toThrow(
      expect.objectContaining({ code: 'CONFIG', issues: [expect.anything(), expect.anything()] }),
    )
  })
})
