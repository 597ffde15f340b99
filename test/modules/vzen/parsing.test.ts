import { describe, expect, test } from 'vitest'

import { answerList } from '../../../modules/vzen/answer-list.ts'
import { isSameCloud, parseDumpConfig } from '../../../modules/vzen/dump-config.ts'
import { parseLinks, planPorts } from '../../../modules/vzen/links.ts'
import { NETWORK, NTP, SNMP } from '../../../modules/vzen/prompts.ts'
import { parseStatus } from '../../../modules/vzen/services.ts'

describe('dump-config', () => {
  test('gives what it printed', () => {
    const text =
      'Configured Values:\n\tCloudName:zscalertwo.net\n\tnameserver:10.84.0.100\n\tnameserver:10.84.0.101\n' +
      '\tMgmt IP:10.84.0.110/24\n\tDefault gateway for Mgmt IP:10.84.0.200\n' +
      '\tService IP:10.84.0.111/24\n\tDefault gateway for Service IP:10.84.0.200\n'
    expect(parseDumpConfig(text)).toEqual({
      cloud: 'zscalertwo.net',
      dns: ['10.84.0.100', '10.84.0.101'],
      management: '10.84.0.110/24',
      managementGateway: '10.84.0.200',
      service: '10.84.0.111/24',
      serviceGateway: '10.84.0.200',
    })
  })

  test.each([
    '',
    'Configured Values:\n\tCloudName:Failed to read SSL Certificate\n',
    'garbage : : :\n\t:x\n',
  ])('of an appliance without a certificate names no cloud: %j', (text) => {
    expect(parseDumpConfig(text)).toMatchObject({ cloud: undefined, service: undefined })
  })

  test('takes a cloud with and without .net for the same', () => {
    expect(isSameCloud('zscalertwo.net', 'ZscalerTwo')).toBe(true)
    expect(isSameCloud('zscalertwo', 'zscaler')).toBe(false)
  })
})

describe('vzen status', () => {
  test.each([
    [
      'SME service running with pid 1606\nCDSC service running with pid 1610\nLB service running with pid 1614\n',
      'running',
      'running',
      'running',
    ],
    ['SME running (pid 1)\nsmcdsc is not running\nLB is stopped\n', 'running', 'stopped', 'stopped'],
    ['SME service stopped\nCDSC service stopped\nLB not installed\n', 'stopped', 'stopped', 'not installed'],
    ['something else entirely\n', 'unknown', 'unknown', 'unknown'],
    ['SME service wobbling\n', 'unknown', 'unknown', 'unknown'],
    ['', 'unknown', 'unknown', 'unknown'],
  ])('%j', (text, ...states) => {
    expect(Object.values(parseStatus(text))).toEqual(states)
  })
})

describe('connections', () => {
  test('are read from netstat and from sockstat', () => {
    const netstat =
      '//+SHARED MEMORY KEY 17 (/sc/sme/)\n' +
      'tcp 0( 0%) 0( 0%) 10.84.0.111.20017      104.129.195.85.9422    ESTABLISHED\n' +
      'tcp 0( 0%) 0( 0%) 10.84.0.111.20018      104.129.195.86.443     SYN_SENT\n' +
      'tcp 0( 0%) 0( 0%) 10.84.0.111.80 *.* LISTEN\n'
    const sockstat =
      'root     smcdsc     1610   5  tcp4   10.84.0.110:50001     104.129.195.87:9442\n' +
      'root     sshd       640    5  tcp4   10.84.0.110:22        *:*\n'
    expect(parseLinks(netstat)).toEqual([
      { remotePort: 9422, established: true },
      { remotePort: 443, established: false },
    ])
    expect(parseLinks(sockstat)).toEqual([{ remotePort: 9442, established: true }])
    expect(planPorts(parseLinks(netstat), parseLinks(sockstat))).toEqual({
      ca: 'own',
      smsm: 'standard',
      cds: 'own',
    })
    expect(planPorts([], [])).toEqual({ ca: undefined, smsm: undefined, cds: undefined })
  })
})

/** What a rule for a list says to a line. */
function say(rules: ReturnType<typeof answerList>, line: string): unknown {
  const rule = rules.find(({ prompt }) => prompt.test(line))
  const match = rule?.prompt.exec(line)
  return typeof rule?.answer === 'function' && match !== null && match !== undefined
    ? rule.answer(match, 0)
    : rule?.answer
}

describe('a list', () => {
  const listed = (value: string): string =>
    `nameserver:${value} (Options <c:change, d:delete, n:no change>) [n] `
  const another = 'Do you wish to add a new nameserver? <n:no y:yes> [n]: '
  const value = 'nameserver (IP address of the nameserver) []: '

  test('keeps what is wanted, deletes what is not, and adds what is missing', () => {
    const rules = answerList('DNS server', { prompts: NETWORK.dns, wanted: ['10.0.0.1', '10.0.0.2'] })
    const lines = [listed('10.0.0.1'), listed('9.9.9.9'), another, value, another]
    expect(lines.map((line) => say(rules, line))).toEqual(['n', 'd', 'y', '10.0.0.2', 'n'])
  })

  test('deletes an entry that stands there twice', () => {
    const rules = answerList('DNS server', { prompts: NETWORK.dns, wanted: ['10.0.0.1'] })
    expect([listed('10.0.0.1'), listed('10.0.0.1'), another].map((line) => say(rules, line))).toEqual([
      'n',
      'd',
      'n',
    ])
  })
})

describe('a prompt', () => {
  const all = { ...NETWORK, ...SNMP, dns: NETWORK.dns.value, ntp: NTP.servers.value, startNtpd: NTP.start }
  test.each([
    ['ifconfig_em0 (Management interface IP address with netmask) []: ', 'management'],
    ['Mgmt IP address with CIDR netmask: ', 'management'],
    ['defaultrouter (Default gateway IP address) [10.84.0.1]: ', 'gateway'],
    ['smnet_dflt_gw (Management default gateway IP address) []: ', 'gateway'],
    ['hostname (Hostname of the Virtual Service Edge) [zscaler]: ', 'hostname'],
    ['Host name: ', 'hostname'],
    ['nameserver (IP address of the nameserver) []: ', 'dns'],
    ['snmp_user (SNMPv3 username) []: ', 'username'],
    ['SNMPv3 password: ', 'password'],
    ['snmp_auth (Authentication protocol: MD5/SHA1) [SHA1]: ', 'authentication'],
    ['snmp_priv (Encryption method: DES/AES) [AES]: ', 'privacy'],
    ['snmp_trap (Which traps do you want to configure: v3) [v3]: ', 'kind'],
    ['trap_receiver (IP address of the SNMP trap receiver) []: ', 'receiver'],
    ['ntpserver (Address of the NTP server) []: ', 'ntp'],
    ['Do you wish to start ntpd now? <n:no y:yes> [y]: ', 'startNtpd'],
    ['smnet_dev (Service interface IP address with netmask) []: ', undefined],
    ['Password:', undefined],
    ['Select the traffic profile of this edge <1-4>: ', undefined],
  ])('“%s” is %s', (line, expected) => {
    const found = Object.entries(all).find(([, pattern]) => pattern instanceof RegExp && pattern.test(line))
    expect(found?.[0]).toBe(expected)
  })
})
