import { unzipSync, zipSync } from 'fflate'
import type { Client } from 'ssh2'
import { afterEach, expect, test } from 'vitest'

import type { Guest } from '../../../src/lab/guest.ts'
import {
  answers,
  configure,
  connect,
  createBench,
  createMachine,
  makeBundle,
  NODE_A,
  NODE_B,
  run,
  sitAt,
  sudo,
  upload,
  type Bench,
  type BenchMachine,
} from './bench.ts'

interface Node {
  readonly machine: BenchMachine
  readonly guest: Guest
  readonly serial: string
  client: Client
}

const HOST = '10.84.0.110'
const IFCONFIG = '/sc/smlb/bin/smmgr -ys smnet="ifconfig :type any"'
const CLUSTERS = '/sc/smlb/bin/smmgr -ys show=smlbclusters'
const CONNECTION = 'vzen troubleshoot connection'

let bench: Bench
afterEach(async () => bench.close())

/** A machine on the network, with its certificate, active in the cloud. */
async function deploy(
  name: string,
  {
    index,
    address = HOST,
    node = NODE_A,
    build = true,
    ...network
  }: {
    index: number
    address?: string
    node?: typeof NODE_A
    build?: boolean
    dns?: string
    gateway?: string
  },
): Promise<Node> {
  const machine = createMachine(name, index)
  const guest = await bench.yard.createGuest(machine)
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name, address, ...network })
  const client = await connect(bench, address)
  const { zip, serial } = makeBundle(name)
  bench.cloud.nodes.set(serial, node)
  await upload(client, '/tmp/cert.zip', zip)
  expect((await sudo(client, 'vzen install-cert /tmp/cert.zip')).out).toBe(
    'Certificates successfully installed\n',
  )
  if (build) {
    expect(await sudo(client, 'vzen download-build')).toMatchObject({ code: 0 })
    await settle()
  }
  return { machine, guest, serial, client }
}

/** Until a service that has just started has its connections up. */
const settle = (): Promise<void> => bench.clock.sleep(20_000)

const out = async ({ client }: Pick<Node, 'client'>, command: string): Promise<string> =>
  (await sudo(client, command)).out

test('from the certificate to the connection: each command says what it did and status, config and connection agree', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1, build: false })
  expect(await out(node, 'vzen status')).toBe(
    'SME service stopped\nCDSC service stopped\nLB service stopped\n',
  )
  expect(await out(node, 'vzen dump-config')).not.toContain('Service IP')
  expect((await sudo(node.client, 'vzen start')).out).toContain('not installed')
  const { out: log, code } = await sudo(node.client, 'vzen download-build')
  expect(code).toBe(0)
  expect(log).toMatch(/^Connecting to server\.\.\.\nDownloading latest version\n {2}5% of 1024 MB\n/)
  expect(log).toMatch(/Installing build .*\nFinished installation!\nSME service running with pid \d+\n/)
  await settle()
  expect(await out(node, 'vzen status')).toMatch(
    /^SME service running with pid \d+\nCDSC .* \d+\nLB .* \d+\n$/,
  )
  expect(await out(node, 'vzen dump-config')).toBe(
    'Configured Values:\n\tCloudName:zscalerlab.net\n\tnameserver:10.84.0.100\n\tMgmt IP:10.84.0.110/24\n' +
      '\tDefault gateway for Mgmt IP:10.84.0.200\n\tService IP:10.84.0.111/24\n\tDefault gateway for Service IP:10.84.0.200\n',
  )
  const connection = await out(node, `${CONNECTION} | grep 9422`)
  expect(connection).toMatch(/10\.84\.0\.111\.\d+ +\S+\.9422 +ESTABLISHED/)
  expect(connection).toMatch(/10\.84\.0\.112\.\d+ +\S+\.9422 +ESTABLISHED/)
  expect(await out(node, CONNECTION)).toContain('LB Status = Stable')
  expect(await out(node, 'ZSINSTANCE=/sc/sme/ /sc/sme/bin/smmgr -ys show=auth')).toContain(
    'SMAUTHENG_READY_STATE',
  )
  expect((await run(node.client, 'sockstat | grep -i smcdsc')).out.split('\n')).toHaveLength(3)
  expect(await out(node, '/sc/sme/bin/sme -V')).toMatch(/\d+\.\d+/)
  expect(await out(node, 'vzen checkversion')).toMatch(
    /Installed build version: (\S+)\nLatest available build version: \1\n/,
  )
})

test.each([
  ['the instance is not activated', (node: Node) => bench.cloud.nodes.delete(node.serial)],
  [
    'the instance is disabled',
    (node: Node) => bench.cloud.nodes.set(node.serial, { ...NODE_A, enabled: false }),
  ],
  [
    'the proxy address is in another subnet',
    (node: Node) => bench.cloud.nodes.set(node.serial, { ...NODE_A, ipAddress: '10.99.0.5' }),
  ],
  [
    'the balancer address is in another subnet',
    (node: Node) => bench.cloud.nodes.set(node.serial, { ...NODE_A, loadBalancerIpAddress: '10.99.0.5' }),
  ],
  [
    'the service gateway does not route',
    (node: Node) => bench.cloud.nodes.set(node.serial, { ...NODE_A, defaultGateway: '10.84.0.1' }),
  ],
  ['the service is stopped', (node: Node) => sudo(node.client, 'vzen stop')],
] as const)('there is no established connection while %s', async (_, spoil) => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1 })
  expect(await out(node, CONNECTION)).toContain('ESTABLISHED')
  await spoil(node)
  const text = await out(node, CONNECTION)
  expect(text).not.toContain('ESTABLISHED')
  expect(text).toContain('cloud-config : Not present')
})

test.each([
  ['a name server that answers nobody', { dns: '10.84.0.99' }, /Failed to resolve update1/],
  ['a gateway that routes nowhere', { gateway: '10.84.0.1' }, /Connection timed out to update1/],
] as const)('download-build fails with %s, and checkversion says the same', async (_, network, message) => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1, build: false, ...network })
  expect(await sudo(node.client, 'vzen download-build')).toMatchObject({
    code: 97,
    out: expect.stringMatching(message),
  })
  expect(await out(node, 'vzen checkversion')).toMatch(message)
  expect(await out(node, 'vzen status')).toContain('SME service stopped')
})

test('download-build needs a certificate first', async () => {
  bench = createBench()
  const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name: 'lab-1-a', address: HOST })
  const client = await connect(bench, HOST)
  expect(await sudo(client, 'vzen download-build')).toMatchObject({
    code: 96,
    out: 'Failed to read SSL Certificate\n',
  })
  expect((await sudo(client, 'vzen dump-config')).out).toContain(
    '\tCloudName:Failed to read SSL Certificate\n',
  )
})

test.each([
  ['a relative path', 'tmp/cert.zip', undefined, /absolute path/],
  ['a file that is not there', '/tmp/none.zip', undefined, /No such file or directory/],
  ['what is no ZIP', '/tmp/bad.zip', Buffer.from('PK not really'), /Failed to extract/],
  ['an empty file', '/tmp/bad.zip', Buffer.alloc(0), /Failed to extract/],
] as const)('install-cert refuses %s', async (...[, path, content, message]) => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1, build: false })
  if (content !== undefined) await upload(node.client, path, content)
  const before = bench.yard.status()
  expect(await sudo(node.client, `vzen install-cert ${path}`)).toMatchObject({
    code: 1,
    err: expect.stringMatching(message),
  })
  expect(bench.yard.status()).toEqual(before)
})

test('two machines with one certificate flap, and both say so', async () => {
  bench = createBench()
  const a = await deploy('lab-1-a', { index: 1 })
  const b = await deploy('lab-1-b', { index: 2, address: '10.84.0.120', node: NODE_B })
  const { zip, serial } = makeBundle('shared')
  bench.cloud.nodes.set(serial, NODE_A)
  for (const { client } of [a, b]) {
    await upload(client, '/tmp/shared.zip', zip)
    await sudo(client, 'vzen install-cert /tmp/shared.zip')
    await sudo(client, 'vzen restart')
  }
  await settle()
  expect(await out(a, CONNECTION)).toContain('LB Status = Suspicious')
  expect(await out(b, CONNECTION)).toContain('cloud-config : Suspicious')
  await sudo(b.client, 'vzen stop')
  expect(await out(a, CONNECTION)).toContain('LB Status = Stable')
})

test('one member is master of the virtual address; it moves when that member’s balancer stops, and comes back', async () => {
  bench = createBench()
  const nodes = [
    await deploy('lab-1-a', { index: 1 }),
    await deploy('lab-1-b', { index: 2, address: '10.84.0.120', node: NODE_B }),
  ]
  const roles = async (): Promise<string[]> =>
    Promise.all(
      nodes.map(async (node) => /\((MASTER|BACKUP) /.exec(await out(node, IFCONFIG))?.[1] ?? 'none'),
    )
  const first = await roles()
  expect(first.toSorted()).toEqual(['BACKUP', 'MASTER'])
  const master = first.indexOf('MASTER')
  expect(await out(nodes[master] as Node, IFCONFIG)).toMatch(
    /CARP-71: .*\(MASTER vhid=71 .*vmac=00:00:5e:00:01:47/,
  )
  await sudo((nodes[master] as Node).client, 'vzen stop smlb')
  expect((await roles())[1 - master]).toBe('MASTER')
  await sudo((nodes[master] as Node).client, 'vzen start smlb')
  expect(await roles()).toEqual(first)
  await nodes[master]?.guest.powerOff()
  expect(/\((MASTER|BACKUP) /.exec(await out(nodes[1 - master] as Node, IFCONFIG))?.[1]).toBe('MASTER')
})

test.each(['promiscuous', 'macChanges', 'forgedTransmits', 'loops'] as const)(
  'with the wrong %s on the port group every member is master, until it is mended, without a restart',
  async (key) => {
    bench = createBench()
    const nodes = [
      await deploy('lab-1-a', { index: 1 }),
      await deploy('lab-1-b', { index: 2, address: '10.84.0.120', node: NODE_B }),
    ]
    const masters = async (): Promise<number> => {
      const texts = await Promise.all(nodes.map((node) => out(node, IFCONFIG)))
      return texts.filter((text) => text.includes('(MASTER ')).length
    }
    for (const { machine } of nodes) machine.hardware.policy[key] = key === 'loops'
    expect(await masters()).toBe(2)
    expect((await out(nodes[0] as Node, 'dmesg')).includes('link states coalesced')).toBe(key === 'loops')
    for (const { machine } of nodes) machine.hardware.policy[key] = key !== 'loops'
    expect(await masters()).toBe(1)
    // They hear each other in one VLAN, by whatever names of port groups.
    const [{ machine }] = nodes as [Node]
    machine.hardware.networks[2] = 'VSE-NEW'
    expect(await masters()).toBe(1)
    machine.hardware.policy.vlan = 85
    expect(await masters()).toBe(2)
  },
)

test('members are healthy only while they run and the cloud’s firewall lets the probes through', async () => {
  bench = createBench()
  const a = await deploy('lab-1-a', { index: 1 })
  const b = await deploy('lab-1-b', { index: 2, address: '10.84.0.120', node: NODE_B })
  expect(await out(a, CLUSTERS)).toMatch(/servers=2 up=2[\s\S]*name=lab-1-b health=UP/)
  bench.cloud.allowed = false
  expect(await out(a, CLUSTERS)).toMatch(/up=0[\s\S]*probes denied/)
  bench.cloud.allowed = true
  await sudo(b.client, 'vzen stop sme')
  expect(await out(a, CLUSTERS)).toMatch(/up=1[\s\S]*name=lab-1-b health=DOWN/)
})

test('a standalone instance has no balancer', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', {
    index: 1,
    node: { ...NODE_A, deploymentMode: 'STANDALONE', loadBalancerIpAddress: undefined },
  })
  expect(await out(node, 'vzen status')).toMatch(
    /SME service running.*\nCDSC service running.*\nLB not installed\n/,
  )
  expect(await out(node, CONNECTION)).toMatch(/cloud-config : Stable[\s\S]*LB Status = Not present/)
})

test('after a reboot the service is back only with autostart', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1 })
  await node.guest.powerOff()
  await node.guest.powerOn({ resumed: false })
  await answers(bench, HOST)
  node.client = await connect(bench, HOST)
  expect(await out(node, 'vzen status')).toContain('SME service stopped')
  expect(await out(node, 'vzen enable-autostart')).toBe('Auto-start of VSE enabled\n')
  expect((await run(node.client, 'sysrc -n vzen_enable')).out).toBe('YES\n')
  expect(await sudo(node.client, 'reboot')).toBeDefined()
  await bench.clock.sleep(70_000)
  await answers(bench, HOST)
  node.client = await connect(bench, HOST)
  expect(await out(node, 'vzen status')).toContain('SME service running')
})

test('channels move to port 443 after the restart, not before, and back', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1 })
  expect(await out(node, 'vzen enable-stdport ca')).toContain('enabled for ca')
  expect(await out(node, `${CONNECTION} | grep -c 9422`)).toBe('2\n')
  await sudo(node.client, 'vzen restart')
  await settle()
  expect((await sudo(node.client, CONNECTION)).out).toMatch(/\.443 +ESTABLISHED[\s\S]*\.9431 +ESTABLISHED/)
  expect(await out(node, `sh -c '${CONNECTION} | grep -c 9422'`)).toBe('0\n')
  expect((await sudo(node.client, 'vzen enable-stdport', 'nonsense\nall\n')).out).toMatch(
    /Please re-enter one of.*\n.*enabled for ca, cds, smsm/,
  )
  expect((await run(node.client, 'cat /sc/conf/stdport.conf')).out).toBe('stdport="ca cds smsm"\n')
  expect((await run(node.client, 'vzen disable-stdport all')).code).toBe(0)
  await sudo(node.client, 'vzen restart')
  await settle()
  expect((await run(node.client, CONNECTION)).out).not.toContain('.443')
})

test('snmp users are asked for, kept without their secrets, and snmpd starts only when rc.conf says so', async () => {
  bench = createBench()
  const { client } = await deploy('lab-1-a', { index: 1, build: false })
  expect(await sudo(client, 'service snmpd start')).toMatchObject({
    code: 1,
    out: expect.stringContaining('Set snmpd_enable to YES'),
  })
  await sudo(client, 'sysrc snmpd_enable=YES')
  expect((await sudo(client, 'service snmpd start')).out).toBe('Starting snmpd.\n')
  expect((await run(client, 'service snmpd status')).code).toBe(0)
  const { out: asked } = await sudo(
    client,
    'vzen snmp-admin-configure',
    'bad user!\nmonitor\nshort\nlong-enough-secret\nsha256\nSHA1\nAES\n',
  )
  expect(asked).toMatch(
    /Please re-enter a username[\s\S]*at least 8 characters[\s\S]*Please re-enter one of: MD5, SHA1/,
  )
  await sudo(client, 'vzen snmp-trap-configure', 'v3\n10.84.0.5\ntrapper\nanother-secret\nmd5\ndes\n')
  const { out: conf } = await sudo(client, 'cat /usr/local/etc/snmpd.conf')
  expect(conf).toBe(
    'rouser monitor priv\n# monitor SHA1 AES\ntrapsess -v 3 -u trapper -l authPriv -a MD5 -x DES 10.84.0.5\n',
  )
})

test('timeout waits for what a command leaves running and ends it, unless it is in the foreground', async () => {
  bench = createBench()
  const { client } = await deploy('lab-1-a', { index: 1, build: false })
  expect((await sudo(client, 'timeout --foreground -s KILL 60 service snmpd onestart')).code).toBe(0)
  expect((await run(client, 'service snmpd status')).code).toBe(0)
  expect((await sudo(client, 'timeout -s KILL 0.2 service snmpd onerestart')).code).toBe(124)
  expect((await run(client, 'service snmpd status')).code).toBe(1)
})

test('delay-upgrade takes a time of day and nothing else', async () => {
  bench = createBench()
  const { client } = await deploy('lab-1-a', { index: 1, build: false })
  expect((await sudo(client, 'vzen delay-upgrade 13:00')).out).toBe('Upgrade will start at 13:00 UTC\n')
  for (const time of ['24:00', '7:00', '13:60', ''])
    expect((await sudo(client, `vzen delay-upgrade ${time}`)).code).toBe(1)
})

test('enable-ntpd takes the operator’s servers and brings the clock back', async () => {
  bench = createBench()
  const { client } = await deploy('lab-1-a', { index: 1, build: false })
  await bench.yard.faults.inject('clock-drift', { machine: 'lab-1-a' })
  const drift = async (): Promise<number> =>
    Number((await run(client, 'date -u +%s')).out) - bench.clock.now() / 1000
  expect(await drift()).toBeGreaterThan(250)
  const { out: asked } = await sudo(client, 'vzen enable-ntpd', 'd\nd\ny\n10.84.0.7\nn\ny\n')
  expect(asked).toContain('ntpserver:0.freebsd.pool.ntp.org (Options <c:change, d:delete, n:no change>) [n]')
  expect((await run(client, 'cat /etc/ntp.conf')).out).toBe('server 10.84.0.7 iburst\n')
  expect(await drift()).toBeLessThan(50)
})

test('install-nitrox needs the card', async () => {
  bench = createBench()
  const { client, machine } = await deploy('lab-1-a', { index: 1, build: false })
  expect((await sudo(client, 'vzen install-nitrox')).code).toBe(1)
  machine.hardware.pci.push(0x177d)
  expect(await sudo(client, 'vzen install-nitrox')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Driver installed'),
  })
  expect((await run(client, 'grep nitrox /boot/loader.conf')).out).toBe('nitrox_load="YES"\n')
})

test('test-firewall cuts the session it is run over, and reports on the console', async () => {
  bench = createBench()
  const { client, guest } = await deploy('lab-1-a', { index: 1, build: false })
  expect((await sudo(client, 'vzen test-firewall')).code).toBeNull()
  const seat = sitAt(bench, guest, 'lab-1-a')
  seat.type('clear; sudo -k; sudo vzen test-firewall\n')
  await seat.answer([/^Password:/, 'zsroot'])
  await seat.sees(/Connected to smcacluster\.zscalerlab\.net:9422/)
})

test('only root may change things with vzen; help and looking are free', async () => {
  bench = createBench()
  const { client } = await deploy('lab-1-a', { index: 1, build: false })
  expect(await run(client, 'vzen restart')).toMatchObject({ code: 1, err: expect.stringContaining('sudo') })
  expect((await run(client, 'vzen help')).out).toContain('download-build')
  expect((await run(client, 'vzen status')).code).toBe(0)
  expect((await run(client, 'vzen constructor')).code).toBe(1)
})

test('a balancer that hears nobody makes two masters of two members, whatever the port group allows', async () => {
  bench = createBench()
  const nodes = [
    await deploy('lab-1-a', { index: 1 }),
    await deploy('lab-1-b', { index: 2, address: '10.84.0.120', node: NODE_B }),
  ]
  const masters = async (): Promise<number> =>
    (await Promise.all(nodes.map((node) => out(node, IFCONFIG)))).filter((text) => text.includes('(MASTER '))
      .length
  for (const name of ['lab-1-a', 'lab-1-b']) {
    await bench.yard.faults.inject('split-brain', { machine: name })
    expect(await masters()).toBe(2)
    await bench.yard.faults.clear('split-brain')
    expect(await masters()).toBe(1)
  }
})

test('cleanup removes the build of a stopped service after asking', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1 })
  expect((await sudo(node.client, 'vzen cleanup', 'y\n')).out).toContain('stop the service first')
  await sudo(node.client, 'vzen stop')
  expect((await sudo(node.client, 'vzen cleanup', 'n\n')).code).toBe(1)
  expect(await out(node, 'vzen checkversion')).not.toContain('version: none')
  expect((await sudo(node.client, 'vzen cleanup', 'y\n')).code).toBe(0)
  expect(await out(node, 'vzen checkversion')).toContain('Installed build version: none')
  expect((await sudo(node.client, IFCONFIG)).code).toBe(127)
})

test('collect-diagnostics leaves an archive and says where', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1, build: false })
  const path = /\/sc\/sme\/log\/\S+\.tgz/.exec(await out(node, 'vzen collect-diagnostics'))?.[0] ?? ''
  expect((await run(node.client, `ls ${path}`)).out).toBe(`${path}\n`)
})

test('a certificate whose key is another one’s is refused', async () => {
  bench = createBench()
  const node = await deploy('lab-1-a', { index: 1, build: false })
  const [own, other] = [unzipSync(makeBundle('one').zip), unzipSync(makeBundle('two').zip)]
  const mixed = zipSync({
    'certificate.pem': own['certificate.pem'] ?? new Uint8Array(),
    'key.pem': other['key.pem'] ?? new Uint8Array(),
  })
  await upload(node.client, '/tmp/mixed.zip', Buffer.from(mixed))
  expect(await sudo(node.client, 'vzen install-cert /tmp/mixed.zip')).toMatchObject({
    code: 1,
    err: 'Certificate and private key do not match\n',
  })
})
