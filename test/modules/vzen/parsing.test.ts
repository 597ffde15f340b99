import { describe, expect, test } from 'vitest'

import { diffWiring, listUntold, parseMacs } from '../../../modules/vzen/adapters.ts'
import { carp, parseRole } from '../../../modules/vzen/carp.ts'
import { isAddressed, isSameCloud, parseDumpConfig } from '../../../modules/vzen/dump-config.ts'
import { parseLinks, planPorts } from '../../../modules/vzen/links.ts'
import { parseStatus } from '../../../modules/vzen/services.ts'
import { standardPort } from '../../../modules/vzen/standard-port.ts'

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

  test.each([
    ['\tMgmt IP:10.84.0.110/24\n\tService IP:10.84.0.111/24\n', true],
    ['\tCloudName:zscalertwo.net\n\tMgmt IP:10.84.0.110/24\n', false],
    ['\tMgmt IP:10.84.0.110/24\n\tService IP:\n', false],
    ['\tMgmt IP:10.84.0.110/24\n\tService interface IP:10.84.0.111/24\n', undefined],
    ['\tMgmt IP:10.84.0.110/24\n\tsmnet_dev=em1 10.84.0.111/24\n', undefined],
    ['\tManagement address:10.84.0.110/24\n', undefined],
    ['', undefined],
  ])('tells whether the cloud has told an address, or that it cannot be told: %j', (text, addressed) => {
    expect(isAddressed(text)).toBe(addressed)
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

describe('the part in a cluster address', () => {
  const shown = (role: string, vhid: number) => ({
    code: 0,
    output:
      'zs0: flags=28943<UP> metric 0 mtu 1500\n\tinet 10.66.105.68 netmask 255.255.255.0\n' +
      `CARP-${vhid}: flags=41<UP> metric 0 mtu 1500 (carp127)(${role} vhid=${vhid} advbase=1 advskew=132)\n` +
      '\tinet 10.66.105.71 netmask 0xffffffff\n',
  })
  const address = '10.66.105.71'
  const noteOf = (...vhids: readonly number[]) =>
    carp.uses.diff(
      vhids.map((vhid, index) => parseRole('ab'[index] ?? '', shown('MASTER', vhid), address)),
      { address, portGroup: 'VSE', among: 'all' },
    )[0]?.note

  test('is read with its group', () => {
    expect(parseRole('a', shown('BACKUP', 71), address)).toEqual({ node: 'a', role: 'BACKUP', vhid: 71 })
  })

  test('that two nodes claim is put down to their groups where these differ, to the port group where not', () => {
    expect(noteOf(71, 71)).toMatch(/a and b each claim 10\.66\.105\.71.*port group VSE/)
    expect(noteOf(71, 72)).toMatch(/different CARP groups \(a in 71, b in 72\)/)
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
  })

  const link = (remotePort: number) => ({ remotePort, established: true })
  const own = { service: [link(9422), link(9431)], cds: [link(9442)] }
  const standard = { service: [link(443)], cds: [link(443)] }
  const all = ['ca', 'smsm', 'cds'] as const
  test.each([
    ['on their own ports', { ...own, stable: all }, { ca: 'own', smsm: 'own', cds: 'own' }, [0, 3]],
    ['nowhere', { service: [], cds: [], stable: [] }, {}, [0, 3]],
    [
      'not on their own ports for a moment, while something is on port 443',
      { service: [link(443)], cds: [link(9442)], stable: [] },
      { ca: 'either', smsm: 'either', cds: 'own' },
      [0, 1],
    ],
    [
      'not on their own ports for a moment, and were left there',
      { ...standard, stable: all, set: ['cds'] },
      { ca: 'unset', smsm: 'unset', cds: 'standard' },
      [1, 2],
    ],
    ['on port 443, as it was set', { ...standard, stable: [], set: all }, undefined, [3, 0]],
    ['on port 443, since they are connected nowhere else', { ...standard, stable: all }, undefined, [3, 0]],
  ])('of channels that are %s restart nothing that is not certain', (...[, signs, expected, moves]) => {
    const [back = 0, there = 0] = moves
    const everywhere = { ca: 'standard', smsm: 'standard', cds: 'standard' } as const
    const ports = planPorts({ set: undefined, ...signs })
    expect(ports).toEqual({ ca: undefined, smsm: undefined, cds: undefined, ...(expected ?? everywhere) })
    const facts = { fingerprint: '', ports }
    expect(standardPort.uses.diff(facts, { channels: [], wording: undefined })).toHaveLength(back)
    expect(standardPort.uses.diff(facts, { channels: [...all], wording: undefined })).toHaveLength(there)
  })
})

describe('the adapters of a machine', () => {
  const shown = (...macs: readonly string[]): string =>
    macs
      .map(
        (mac, index) =>
          `em${index}: flags=8843<UP> metric 0 mtu 1500\n\toptions=9b<RXCSUM>\n\tether ${mac}\n`,
      )
      .join('')
  const [a, b, c] = ['00:50:56:00:00:0a', '00:50:56:00:00:0b', '00:50:56:00:00:0c'] as const
  const wiring = (networks: readonly string[], text: string) => ({
    node: 'n1',
    macs: parseMacs(text),
    adapters: [a, b, c].map((mac, index) => ({ mac: mac.toUpperCase(), network: networks[index] ?? '' })),
  })

  test('are told by their MAC addresses, whatever order the guest finds them in', () => {
    expect(diffWiring(wiring(['Mgmt', 'VSE', 'VSE'], shown(a, b, c)))).toEqual([])
    const changes = diffWiring(wiring(['Mgmt', 'VSE', 'VSE'], shown(b, a, c)))
    expect(changes).toMatchObject([
      {
        path: 'n1.em0',
        from: 'VSE',
        to: 'Mgmt',
        note: expect.stringMatching(/management .* of adapter 2: plug/),
      },
      { path: 'n1.em1', from: 'Mgmt', to: 'VSE' },
    ])
    // In one network it makes no difference, and neither do two that are in the same.
    expect(diffWiring(wiring(['VSE', 'VSE', 'VSE'], shown(c, b, a)))).toEqual([])
    expect(diffWiring(wiring(['Mgmt', 'VSE', 'VSE'], shown(a, c, b)))).toEqual([])
  })

  test('are told by the addresses that they were made with, where the guest uses others', () => {
    const moved = `${shown('02:00:00:00:00:01')}\thwaddr ${b}\n${shown(a, a, c).split(/(?=em1)/)[1] ?? ''}`
    expect(parseMacs(moved)).toEqual([b, a, c])
    expect(diffWiring(wiring(['Mgmt', 'VSE', 'VSE'], moved))).toHaveLength(2)
  })

  test('are not told where the guest uses addresses that none of them has, unless that is so of all', () => {
    const [one, all] = [shown(a, '02:00:00:00:00:01', c), shown(a, b, c).replaceAll('00:50:56', '02:00:00')]
    const strange = wiring(['Mgmt', 'VSE', 'VSE'], one)
    expect(diffWiring(strange)).toEqual([])
    expect(listUntold(strange)).toEqual([
      expect.stringMatching(
        /^em1, .* of n1, has the MAC address 02:00:00:00:00:01, which no adapter .*by hand/,
      ),
    ])
    // Then another machine has answered.
    const other = wiring(['Mgmt', 'VSE', 'VSE'], all)
    expect(diffWiring(other)).toHaveLength(3)
    expect(listUntold(other)).toEqual([])
  })

  test('are not guessed where the guest does not show them', () => {
    const first = wiring(['Mgmt', 'VSE', 'VSE'], shown(a))
    expect(parseMacs(`lo0: flags=8049<UP>\n${shown(a)}`)).toEqual([a, undefined, undefined])
    expect(diffWiring(first)).toEqual([])
    expect(listUntold(first)).toEqual([expect.stringMatching(/^n1 does not show em1, em2, /)])
  })
})
