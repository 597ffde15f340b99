import { describe, expect, test } from 'vitest'

import { isSameCloud, parseDumpConfig } from '../../../modules/vzen/dump-config.ts'
import { parseLinks, planPorts } from '../../../modules/vzen/links.ts'
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
