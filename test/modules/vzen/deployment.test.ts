import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { unzipSync, zipSync } from 'fflate'
import { afterEach, describe, expect, test } from 'vitest'

import { adapters } from '../../../modules/vzen/adapters.ts'
import { authentication } from '../../../modules/vzen/authentication.ts'
import { autostart } from '../../../modules/vzen/autostart.ts'
import { build } from '../../../modules/vzen/build.ts'
import { carp } from '../../../modules/vzen/carp.ts'
import { certificate } from '../../../modules/vzen/certificate.ts'
import { clock } from '../../../modules/vzen/clock.ts'
import { connection } from '../../../modules/vzen/connection.ts'
import { defaultPassword } from '../../../modules/vzen/default-password.ts'
import { delayUpgrade } from '../../../modules/vzen/delay-upgrade.ts'
import { halt } from '../../../modules/vzen/halt.ts'
import { health } from '../../../modules/vzen/health.ts'
import { hostKey, readHostKey } from '../../../modules/vzen/host-key.ts'
import { lendFile } from '../../../modules/vzen/lend-file.ts'
import { membersHealthy } from '../../../modules/vzen/members-healthy.ts'
import { network } from '../../../modules/vzen/network.ts'
import { nitrox } from '../../../modules/vzen/nitrox.ts'
import { ntp } from '../../../modules/vzen/ntp.ts'
import { password } from '../../../modules/vzen/password.ts'
import { restart } from '../../../modules/vzen/restart.ts'
import { serviceAddress } from '../../../modules/vzen/service-address.ts'
import { snmpAdmin } from '../../../modules/vzen/snmp-admin.ts'
import { snmpAgent } from '../../../modules/vzen/snmp-agent.ts'
import { snmpTrap } from '../../../modules/vzen/snmp-trap.ts'
import { standardPort } from '../../../modules/vzen/standard-port.ts'
import { status } from '../../../modules/vzen/status.ts'
import { hasRestarted, readUptime } from '../../../modules/vzen/uptime.ts'
import { version } from '../../../modules/vzen/version.ts'
import type { SshWriter } from '../../../src/connect/appliance.ts'
import type { Member } from '../../../src/connect/kinds.ts'
import { AbortError } from '../../../src/model/error.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { sh, type CommandLine } from '../../../src/shell/sh.ts'
import { makeBundle } from '../../lab/appliance/bench.ts'
import {
  act,
  converge,
  createSite,
  initial,
  look,
  lookUntilFine,
  signal,
  wanted,
  type Edge,
  type Site,
} from './edge.ts'

let site: Site
afterEach(() => site.close())

/** An appliance as the checks of its cluster see it: vSphere says that its machine is on, and which adapters it has. */
const memberOf = ({ name, appliance, machine }: Edge): Member => ({
  name,
  appliance: appliance.reader,
  power: () => Promise.resolve('on'),
  adapters: () => Promise.resolve(machine.nics()),
})

const NETWORK = {
  address: '10.84.0.110/24',
  gateway: '10.84.0.200',
  dns: ['10.84.0.100', '10.84.0.101'],
  hostname: 'lab-1-a',
}
const plan = (edge: Edge) =>
  edge.name === 'lab-1-a'
    ? { network: NETWORK, proxy: '10.84.0.111' }
    : { network: { ...NETWORK, address: '10.84.0.120/24', hostname: 'lab-1-b' }, proxy: '10.84.0.121' }

async function deploy(edge: Edge): Promise<void> {
  const on = { site, edge }
  const { network: planned, proxy } = plan(edge)
  await converge(password, { wanted }, on)
  await converge(network, planned, on)
  await converge(certificate, { bundle: edge.bundle, node: edge.name, proxy, cloud: 'zscalerlab' }, on)
  await converge(autostart, {}, on)
  await converge(build, {}, on)
}

describe.each(['optional', 'forced'] as const)('an appliance whose first log-in is %s', (personality) => {
  test('is deployed from nothing, and a second run finds nothing to change', async () => {
    site = createSite({ personality })
    const edge = await site.addEdge('lab-1-a')
    const on = { site, edge }
    await deploy(edge)
    const cost = { ...site.counts }
    await lookUntilFine(connection, {}, { site, connection: edge.appliance.reader })
    expect(site.bench.yard.status()['lab-1-a']).toMatchObject({
      address: '10.84.0.110',
      connection: 'stable',
      autostart: true,
    })
    // What the first appliance of a run costs, its font included: eighty of them share one computer.
    expect(cost.screens).toBeLessThan(400)
    expect(cost.types).toBeLessThan(110)
    expect(edge.progress.at(-1)).toMatch(/^100 /)

    const { network: planned, proxy } = plan(edge)
    expect(await converge(password, { wanted }, on)).toEqual([])
    expect(await converge(network, planned, on)).toEqual([])
    expect(
      await converge(certificate, { bundle: edge.bundle, node: 'lab-1-a', proxy, cloud: 'zscalerlab' }, on),
    ).toEqual([])
    expect(await converge(build, {}, on)).toEqual([])

    const { reader } = edge.appliance
    for (const check of [status, connection, authentication, version, clock]) {
      const found = await look(check as typeof status, {}, { site, connection: reader, edge })
      expect(found.changes).toEqual([])
    }
    const address = { proxy, gateway: '10.84.0.200', cloud: 'zscalerlab.net' }
    expect((await look(serviceAddress, address, { site, connection: reader })).changes).toEqual([])
    expect(edge.trace.join('\n')).not.toContain(wanted.reveal())
  })
})

describe('a deployed appliance', () => {
  test('is tuned, and the tuning is found again', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    const on = { site, edge }
    await deploy(edge)
    const secret = documentedSecret('snmp secret 1')
    const servers = ['10.84.0.100', 'time.example']
    expect(await converge(ntp, { servers }, on)).toHaveLength(2)
    expect(await converge(ntp, { servers }, on)).toEqual([])
    // The documented way to switch it on ends with a restart, of a service that runs.
    const agent = await look(snmpAgent, {}, { site, connection: edge.appliance.reader })
    expect(snmpAgent.uses.disruptive?.(agent.changes, {}, agent.facts)).toMatch(/restarts$/)
    expect(snmpAgent.uses.disruptive?.(agent.changes, {}, { ...agent.facts, serving: false })).toBeUndefined()
    expect(snmpAgent.uses.disruptive?.([{ path: 'snmpd' }], {}, agent.facts)).toBeUndefined()
    // A run that ends behind the settings owes the restart to the next one.
    const killing = async (options: { signal: AbortSignal }) => {
      const opened = await edge.appliance.writer.ssh(options)
      const run: typeof opened.run = (command, given) => {
        if (command.text === 'vzen restart') throw new AbortError('the run was killed')
        return opened.run(command, given)
      }
      return { ...opened, run }
    }
    const dying = { ...edge.appliance, writer: { ...edge.appliance.writer, ssh: killing } }
    await expect(converge(snmpAgent, {}, { site, edge: { ...edge, appliance: dying } })).rejects.toThrow(
      'killed',
    )
    const owing = await look(snmpAgent, {}, { site, connection: edge.appliance.reader, edge })
    expect(snmpAgent.uses.disruptive?.(owing.changes, {}, owing.facts)).toMatch(/restarts$/)
    expect(await converge(snmpAgent, {}, on)).toMatchObject([
      { path: 'Virtual Service Edge', to: 'restarted' },
    ])
    expect(edge.trace.filter((line) => line.includes('vzen restart'))).toHaveLength(1)
    expect(await converge(snmpAgent, {}, on)).toEqual([])
    await converge(snmpAdmin, { username: 'monitor', password: secret }, on)
    await converge(
      snmpTrap,
      { username: 'traps', password: secret, receiver: '10.84.0.50', authentication: 'MD5', privacy: 'DES' },
      on,
    )
    expect(edge.warnings).toEqual([expect.stringContaining('MD5 and DES')])
    await converge(delayUpgrade, { at: '13:00' }, on)
    expect(site.bench.yard.status()['lab-1-a']).toMatchObject({ delayUpgrade: '13:00' })
    const seen = { site, connection: edge.appliance.reader, edge }
    expect(await look(defaultPassword, {}, seen)).toEqual({ facts: { accepted: false }, changes: [] })
    const ssh = await edge.appliance.reader.ssh({ signal })
    expect(edge.trace.join('\n')).not.toContain('snmp secret 1')
    expect(ssh.fingerprint).toMatch(/^SHA256:/)
    await act(restart, {}, on)
    await act(halt, {}, on)
    await expect(edge.appliance.reader.accepts(wanted, { signal })).rejects.toMatchObject({
      kind: 'no-route',
    })
  })

  test('moves channels to port 443 and back, and reads that from its connections', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    const on = { site, edge }
    await deploy(edge)
    expect(await converge(standardPort, { channels: [] }, on)).toEqual([])
    const all = { channels: ['ca', 'cds', 'smsm'] as ('ca' | 'cds' | 'smsm')[] }
    expect(await converge(standardPort, all, on)).toHaveLength(3)
    expect(await converge(standardPort, all, on)).toEqual([])
    const seen = { site, connection: edge.appliance.reader }
    expect((await lookUntilFine(connection, { standardPort: all.channels }, seen)).changes).toEqual([])
    expect((await look(connection, {}, seen)).changes).toMatchObject([{ path: 'connection' }])
    expect(await converge(standardPort, { channels: ['cds'] }, on)).toHaveLength(2)
    expect(await converge(standardPort, { channels: ['cds'] }, on)).toEqual([])
  })

  test('sets up a card where there is one and fails where there is none', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    await deploy(edge)
    await expect(converge(nitrox, {}, { site, edge })).rejects.toThrow(/No Cavium NITROX card/)
    edge.machine.hardware.pci.push(0x177d)
    expect(await converge(nitrox, {}, { site, edge })).toHaveLength(1)
    expect(site.bench.yard.status()['lab-1-a']).toMatchObject({ running: ['sme', 'cdsc', 'smlb'] })
  })

  test('that restarts for its card is waited for until it serves again, and set up once; one that was only lost is not', async () => {
    site = createSite({ dialect: { restartsForCard: true } })
    const edge = await site.addEdge('lab-1-a')
    await deploy(edge)
    edge.machine.hardware.pci.push(0x177d)
    const { reader } = edge.appliance
    const { facts } = await look(nitrox, {}, { site, connection: reader, edge })
    expect(nitrox.uses.disruptive?.([], {}, facts)).toMatch(/may restart/)
    expect(nitrox.uses.disruptive?.([], {}, { ...facts, serving: false })).toBeUndefined()
    const way = { connection: reader, clock: site.bench.clock, signal }
    const before = await readUptime(way)
    expect(await converge(nitrox, {}, { site, edge })).toHaveLength(1)
    expect(hasRestarted(before, await readUptime(way))).toBe(true)
    expect((await look(status, {}, { site, connection: reader })).changes).toEqual([])

    // A link that breaks in the command says nothing of the card; this moment is the only one that matters.
    const { writer } = edge.appliance
    const ssh: typeof writer.ssh = async (use) => {
      const opened = await writer.ssh(use)
      return {
        ...opened,
        async run(line, options) {
          await site.bench.yard.faults.inject('drop-in-command', { machine: 'lab-1-a' })
          return opened.run(line, options)
        },
      }
    }
    edge.machine.hardware.pci.length = 0
    const appliance = { ...edge.appliance, writer: { ...writer, ssh } }
    await expect(converge(nitrox, {}, { site, edge: { ...edge, appliance } })).rejects.toMatchObject({
      code: 'CONNECT',
      message: expect.stringMatching(/^vzen install-nitrox: /),
    })
  })

  test('is seen with the certificate of another node', async () => {
    site = createSite()
    const a = await site.addEdge('lab-1-a')
    const b = await site.addEdge('lab-1-b')
    await deploy({ ...a, bundle: b.bundle }).catch(() => undefined)
    const found = await look(
      serviceAddress,
      { proxy: '10.84.0.111', gateway: '10.84.0.200', cloud: 'zscalerlab' },
      { site, connection: a.appliance.reader },
    )
    expect(found.changes).toMatchObject([{ path: 'Service IP', from: '10.84.0.121', to: '10.84.0.111' }])
    const mended = await converge(
      certificate,
      { bundle: a.bundle, node: 'lab-1-a', proxy: '10.84.0.111', cloud: 'zscalerlab' },
      { site, edge: a },
    )
    expect(mended).toMatchObject([{ path: 'Service IP' }])

    // A renewed one, of the same node, is told from the one that is installed by its hash.
    const own = { bundle: a.bundle, node: 'lab-1-a', proxy: '10.84.0.111', cloud: 'zscalerlab' }
    expect(await converge(certificate, own, { site, edge: a })).toEqual([])
    const content = unzipSync(readFileSync(a.bundle))
    writeFileSync(a.bundle, zipSync({ ...content, 'renewed.txt': Buffer.from('2027') }))
    // A run that was killed has left half of it there; one that is cancelled leaves nothing.
    const writer = await a.appliance.writer.ssh({ signal })
    const to = '/tmp/lab-1-a-certificate.zip'
    await writer.run(sh`touch ${to}.0123456789ab.part`, { signal })
    const control = new AbortController()
    const loan = {
      file: a.bundle,
      to: `${to}2`,
      signal: control.signal,
      warn: (text: string) => a.warnings.push(text),
    }
    const lent = lendFile(writer, loan, async () => {
      expect((await writer.run(sh`ls ${loan.to}`, { signal })).stdout).toContain(loan.to)
      control.abort(new Error('cancelled'))
      control.signal.throwIfAborted()
    })
    await expect(lent).rejects.toThrow('cancelled')
    expect(a.warnings).toEqual([])
    expect(await converge(certificate, own, { site, edge: a })).toMatchObject([{ path: 'certificate' }])
    expect(await converge(certificate, own, { site, edge: a })).toEqual([])
    // Both interrupt a node that serves; the first certificate of all interrupts nobody.
    await lookUntilFine(authentication, {}, { site, connection: a.appliance.reader })
    const serves = await look(certificate, own, { site, connection: a.appliance.reader, edge: a })
    expect(certificate.uses.disruptive?.([{ path: 'certificate' }], own, serves.facts)).toMatch(
      /authenticates .* anew$/,
    )
    expect(certificate.uses.disruptive?.(mended, own, serves.facts)).toMatch(
      /authenticates .* as another one$/,
    )
    expect(certificate.uses.disruptive?.(mended, own, { ...serves.facts, serving: false })).toBeUndefined()

    // One that the cloud does not know fails here, and not in the node's neighbours.
    expect(serves.facts).toMatchObject({ serving: true, authenticated: true })
    writeFileSync(a.bundle, makeBundle('renewed').zip)
    // Nor where a run was killed as soon as it was installed: it is not known yet whether the cloud knows it.
    const ssh = async (given: { readonly signal: AbortSignal }): Promise<SshWriter> => {
      const real = await a.appliance.writer.ssh(given)
      const run: SshWriter['run'] = async (command, options) => {
        const result = await real.run(command, options)
        if (command.text.startsWith('vzen install-cert')) throw new AbortError('the run was killed')
        return result
      }
      return { ...real, run }
    }
    const appliance = { ...a.appliance, writer: { ...a.appliance.writer, ssh } }
    const killed = converge(certificate, own, { site, edge: { ...a, appliance } })
    await expect(killed).rejects.toThrow('the run was killed')
    await expect(converge(certificate, own, { site, edge: a })).rejects.toThrow(
      /does not let lab-1-a in with it: .* SMAUTHENG_INIT_STATE/,
    )
    // Nor does the next run take it for installed.
    const refused = await look(certificate, own, { site, connection: a.appliance.reader, edge: a })
    expect(refused.changes).toMatchObject([
      { path: 'certificate', from: 'one that the cloud has not let in' },
    ])
    await expect(converge(certificate, own, { site, edge: a })).rejects.toThrow(/does not let lab-1-a in/)
    writeFileSync(a.bundle, makeBundle('lab-1-a').zip)
    expect(await converge(certificate, own, { site, edge: a })).toHaveLength(1)
    expect(await converge(certificate, own, { site, edge: a })).toEqual([])
    const reader = await a.appliance.reader.ssh({ signal })
    const { left } = await reader.query({ left: sh`ls -a /tmp /home/zsroot | grep -i cert` }, { signal })
    expect(left).toMatchObject({ output: '', code: 1 })
  })

  test('whose clock drifts is seen', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    await deploy(edge)
    await site.bench.yard.faults.inject('clock-drift', { machine: 'lab-1-a' })
    const { changes } = await look(clock, {}, { site, connection: edge.appliance.reader, edge })
    expect(changes).toMatchObject([{ path: 'clock', from: expect.stringMatching(/ahead/) }])
    const servers = ['0.freebsd.pool.ntp.org', '1.freebsd.pool.ntp.org']
    expect(await converge(ntp, { servers }, { site, edge })).toContainEqual(
      expect.objectContaining({ path: 'clock' }),
    )
    expect((await look(clock, {}, { site, connection: edge.appliance.reader, edge })).changes).toEqual([])
  })

  test.each(['optional', 'forced'] as const)(
    'is configured though syslogd writes behind its prompts; its first log-in is %s',
    async (personality) => {
      site = createSite({ personality })
      const on = { site, edge: await site.addEdge('lab-1-a') }
      await site.bench.yard.faults.inject('console-messages', { machine: 'lab-1-a' })
      await converge(password, { wanted }, on)
      expect(await converge(network, NETWORK, on)).not.toEqual([])
      expect(await converge(network, NETWORK, on)).toEqual([])
    },
  )

  test('stops at a prompt nobody knows and finishes in the next run', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    await converge(password, { wanted }, { site, edge })
    await site.bench.yard.faults.inject('unknown-prompt', { machine: 'lab-1-a', times: 1 })
    await expect(converge(network, NETWORK, { site, edge })).rejects.toThrow(/traffic profile/)
    await site.bench.yard.faults.clear('unknown-prompt')
    expect(await converge(network, NETWORK, { site, edge })).not.toEqual([])
  })

  test('whose host key nobody here knows is learned on its console, and one that changed is not talked to', async () => {
    site = createSite()
    const fresh = await site.addEdge('lab-1-a')
    const silent = await look(hostKey, {}, { site, connection: fresh.appliance.reader })
    expect(silent).toEqual({ facts: { state: 'silent' }, changes: [] })
    await deploy(fresh)

    // Another workstation, or one that has lost what it knew.
    await fresh.appliance.close()
    await rm(join(site.bench.folder, 'host-keys.json'))
    const checked = await site.addEdge('lab-1-a', { check: true })
    // Check mode may not type, so that it predicts; what would then be done says what is missing.
    const predicted = await look(hostKey, {}, { site, connection: checked.appliance.reader })
    expect(predicted.changes).toMatchObject([{ path: 'SSH host key', to: 'read on the console' }])
    await expect(converge(hostKey, {}, { site, edge: checked })).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringMatching(/is not known .* nothing may be typed on the console of lab-1-a/),
      hint: expect.stringContaining('`runbook deploy --tags host-key` without --check'),
    })
    // Whoever asks for all members of a cluster is told what makes the key known, also where a run is limited to another one.
    const unknown = memberOf(checked)
    const asked = { portGroup: 'VSE', proxies: { 'lab-1-a': '10.84.0.111' } }
    const { facts: standings } = await look(health, asked, { site, connection: [unknown] })
    expect(standings).toMatchObject([
      {
        state: 'unhealthy',
        why: [
          expect.stringMatching(/is not known .*`runbook deploy --tags host-key --limit lab-1-a` reads it/),
        ],
      },
    ])
    const edge = await site.addEdge('lab-1-a')
    const learned = await converge(hostKey, {}, { site, edge })
    expect(learned).toMatchObject([{ path: 'SSH host key', to: edge.appliance.reader.expectedHostKey() }])
    expect(await converge(hostKey, {}, { site, edge })).toEqual([])
    expect(await converge(network, NETWORK, { site, edge })).toEqual([])

    await site.bench.yard.faults.inject('host-key-changed', { machine: 'lab-1-a' })
    await edge.appliance.close()
    const again = await site.addEdge('lab-1-a')
    await expect(
      look(status, {}, { site, connection: again.appliance.reader, edge: again }),
    ).rejects.toMatchObject({ kind: 'host-key' })
    await expect(look(hostKey, {}, { site, connection: again.appliance.reader })).rejects.toMatchObject({
      kind: 'host-key',
      hint: expect.stringContaining(join(site.bench.folder, 'host-keys.json')),
    })
  })
})

describe('an appliance that makes its host keys just now', () => {
  test('is expected with the one that SSH will show, not with the first that its console shows', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    await converge(password, { wanted }, { site, edge })
    await converge(network, NETWORK, { site, edge })
    const { reader, writer } = edge.appliance
    const ssh = await writer.ssh({ signal })
    const last = '/etc/ssh/ssh_host_ed25519_key.pub'
    const become = (command: CommandLine) => ssh.run(command, { signal, sudo: true })
    await become(sh`mv ${last} /etc/ssh/later`)
    const earlier = 'ssh-rsa AAAAB3NzaC1yc2E= root@vse'
    await become(sh`printf ${earlier} | tee /etc/ssh/ssh_host_rsa_key.pub`)

    const console = await writer.console({ signal })
    const shown: string[] = []
    const query: typeof console.query = async (commands, given) => {
      const answers = await console.query(commands, given)
      shown.push(JSON.stringify(answers))
      if (shown.length === 1) await become(sh`mv /etc/ssh/later ${last}`)
      return answers
    }
    const waiting = { clock: site.bench.clock, signal }
    expect(await readHostKey({ query }, waiting)).toBe(reader.expectedHostKey())
    expect(shown).toEqual([expect.stringContaining('(RSA)'), expect.stringContaining('(ED25519)')])
  })
})

describe('an appliance without an Ed25519 host key', () => {
  test('is reached by the key that it has, and left alone where its console shows none', async () => {
    site = createSite({ dialect: { hostKey: 'ecdsa' } })
    const edge = await site.addEdge('lab-1-a')
    await converge(password, { wanted }, { site, edge })
    await converge(network, NETWORK, { site, edge })
    expect(edge.appliance.reader.expectedHostKey()).toMatch(/^SHA256:/)

    // To somebody else it is unknown, and the console does not tell its key any more.
    const ssh = await edge.appliance.writer.ssh({ signal })
    await ssh.run(sh`rm /etc/ssh/ssh_host_ecdsa_key.pub`, { signal, sudo: true })
    await edge.appliance.close()
    await rm(join(site.bench.folder, 'host-keys.json'))
    const other = await site.addEdge('lab-1-a')
    await expect(converge(network, NETWORK, { site, edge: other })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the console of lab-1-a shows no SSH host key: .*SHA256:.* is not known/,
      ),
      hint: expect.stringContaining('/etc/ssh/ssh_host_rsa_key.pub'),
    })
    expect(other.trace.join()).not.toContain('configure-network')
  })
})

describe('an appliance that is made anew by a run', () => {
  test('is reached again, also where the run ended before its new host key was read', async () => {
    site = createSite()
    const first = await site.addEdge('lab-1-a')
    await converge(password, { wanted }, { site, edge: first })
    await converge(network, NETWORK, { site, edge: first })
    const old = first.appliance.reader.expectedHostKey()
    await first.appliance.close()
    await first.guest.destroy()

    const again = await site.addEdge('lab-1-a')
    expect(again.appliance.reader.expectedHostKey()).toBe(old)
    // What a run does before it makes a machine.
    await again.hostKeys.forget(again.appliance.reader.address)
    await converge(password, { wanted }, { site, edge: again })
    const { writer } = again.appliance
    const killed = async () => {
      throw new AbortError('the run was killed')
    }
    const appliance = { ...again.appliance, writer: { ...writer, announce: killed } }
    const configuring = converge(network, NETWORK, { site, edge: { ...again, appliance } })
    await expect(configuring).rejects.toThrow('killed')
    expect(again.appliance.reader.isNew()).toBe(true)
    // It shows a key, so that it may serve for all that is known.
    const member = memberOf(again)
    const group = { portGroup: 'VSE', proxies: { 'lab-1-a': '10.84.0.111' } }
    const judged = await look(health, group, { site, connection: [member] })
    expect(judged.facts).toMatchObject([{ state: 'unhealthy' }])

    expect(await converge(hostKey, {}, { site, edge: again })).toHaveLength(1)
    expect(again.appliance.reader.isNew()).toBe(false)
    expect(again.appliance.reader.expectedHostKey()).not.toBe(old)
    await converge(network, NETWORK, { site, edge: again })
    expect(await converge(network, NETWORK, { site, edge: again })).toEqual([])
  })
})

describe('a cluster', () => {
  test('has one master, and names the port group when it has two', async () => {
    site = createSite()
    const a = await site.addEdge('lab-1-a')
    const b = await site.addEdge('lab-1-b')
    await Promise.all([deploy(a), deploy(b)])
    const members = [a, b].map(memberOf)
    const on = { site, connection: members }
    const input = { address: '10.84.0.71', portGroup: 'VSE' }
    const fine = await look(carp, input, on)
    expect(fine.changes).toEqual([])
    expect(fine.facts.map(({ role }) => role).sort()).toEqual(['BACKUP', 'MASTER'])
    const proxies = { 'lab-1-a': '10.84.0.111', 'lab-1-b': '10.84.0.121' }
    expect((await lookUntilFine(membersHealthy, { proxies }, on)).changes).toEqual([])

    // One that hangs says nothing, and hides nothing of the others.
    const { reader } = b.appliance
    const ssh: typeof reader.ssh = async (given) => {
      const real = await reader.ssh(given)
      const query: typeof real.query = (commands, options) =>
        real.query({ ...commands, hung: sh`sleep 1000000` }, { ...options, timeout: 0.2 })
      return { ...real, query }
    }
    const hanging = { site, connection: [memberOf(a), { ...memberOf(b), appliance: { ...reader, ssh } }] }
    const { facts: standings } = await look(health, { ...input, proxies }, hanging)
    expect(standings).toMatchObject([
      { node: 'lab-1-a' },
      {
        node: 'lab-1-b',
        state: 'unhealthy',
        why: [
          expect.stringMatching(/^vzen troubleshoot connection; .* on lab-1-b did not end within 0\.2 s/),
        ],
      },
    ])
    expect((await look(carp, input, hanging)).facts).toMatchObject([{}, { role: 'absent' }])
    expect((await look(membersHealthy, { proxies }, hanging)).facts).toMatchObject([
      {},
      { members: undefined },
    ])
    expect((await look(adapters, {}, hanging)).facts).toMatchObject([{ node: 'lab-1-a' }])

    const { facts: wirings, changes: unplugged } = await look(adapters, {}, on)
    expect([wirings.map(({ macs }) => macs.length), unplugged]).toEqual([[3, 3], []])
    // Another machine that has taken the address.
    const other = { ...memberOf(a), adapters: memberOf(b).adapters }
    const taken = await look(adapters, {}, { site, connection: [other] })
    expect(taken.changes[0]).toMatchObject({
      path: 'lab-1-a.em0',
      note: expect.stringMatching(/which no adapter of its machine has/),
      nodes: ['lab-1-a'],
    })

    a.machine.hardware.policy.promiscuous = false
    b.machine.hardware.policy.promiscuous = false
    const { changes } = await look(carp, input, on)
    expect(changes).toHaveLength(1)
    expect(changes[0]?.note).toMatch(/split brain: lab-1-a and lab-1-b .* port group VSE /)
    // What the kernel prints where several uplinks bring a machine’s own multicast back to it.
    Object.assign(a.machine.hardware.policy, { promiscuous: true, loops: true })
    const looped = await look(carp, input, on)
    expect(looped.changes[0]?.note).toMatch(/kernel of lab-1-a has said .*Net\.ReversePathFwdCheckPromisc/)

    site.bench.cloud.allowed = false
    const denied = await look(membersHealthy, { proxies, firewallRule: 'VSE lab-1' }, on)
    expect(denied.changes).toHaveLength(2)
    expect(denied.changes[0]?.note).toContain('VSE lab-1')
  })
})

describe('a cluster that only gets out on port 443', () => {
  test('serves nobody until step 9, so that both nodes may be restarted, and is healthy from then on', async () => {
    site = createSite()
    const edges = [await site.addEdge('lab-1-a'), await site.addEdge('lab-1-b')]
    for (const { name } of edges) await site.bench.yard.faults.inject('ports-closed', { machine: name })
    const members = edges.map(memberOf)
    const on = { site, connection: members }
    const proxies = { 'lab-1-a': '10.84.0.111', 'lab-1-b': '10.84.0.121' }
    const shared = { portGroup: 'VSE', proxies, among: 'serving' as const }
    // One that a run has made and nobody has reached yet is told from one that does not answer any more.
    await edges[0]?.hostKeys.forget({ host: '10.84.0.110', port: 22 })
    expect((await look(health, shared, on)).facts).toMatchObject([{ state: 'idle' }, { state: 'unhealthy' }])
    await Promise.all(edges.map(deploy))
    for (const way of [{ address: '10.84.0.71' }, {}, { mode: 'standalone' as const }]) {
      const fresh = await look(health, { ...shared, ...way }, on)
      expect(fresh.facts).toMatchObject([{ state: 'idle' }, { state: 'idle' }])
      expect(fresh.changes).toEqual([])
    }
    // A newer certificate must not be waited for before step 9 lets the cloud be reached, in this run or the next one.
    const [renewed] = edges
    if (renewed === undefined) throw new TypeError('there is no node')
    const content = unzipSync(readFileSync(renewed.bundle))
    writeFileSync(renewed.bundle, zipSync({ ...content, 'renewed.txt': Buffer.from('2027') }))
    const own = { bundle: renewed.bundle, node: 'lab-1-a', proxy: '10.84.0.111', cloud: 'zscalerlab' }
    expect(await converge(certificate, own, { site, edge: renewed })).toHaveLength(1)
    expect(await converge(certificate, own, { site, edge: renewed })).toEqual([])
    const all = { channels: ['ca', 'cds', 'smsm'] as ('ca' | 'cds' | 'smsm')[] }
    for (const edge of edges) await converge(standardPort, all, { site, edge })
    const { facts } = await lookUntilFine(health, { ...shared, address: '10.84.0.71', among: 'all' }, on)
    expect(facts).toMatchObject([{ state: 'healthy' }, { state: 'healthy' }])

    // What was told once is kept: whoever is cut off later goes on with it.
    site.bench.cloud.nodes.clear()
    const { facts: cut } = await look(health, shared, on)
    expect(cut).toMatchObject([{ state: 'unhealthy' }, { state: 'unhealthy' }])
  })
})

describe('check mode', () => {
  test('presses no key and says that the console cannot be asked', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a', { check: true })
    const seen = { site, connection: edge.appliance.reader, edge }
    await expect(look(password, { wanted }, seen)).rejects.toMatchObject({ code: 'CONNECT', kind: 'absent' })
    await expect(look(network, NETWORK, seen)).rejects.toMatchObject({ kind: 'absent' })
    expect(site.counts.types).toBe(0)
  })

  test('gets readers that have no function that writes', async () => {
    site = createSite()
    const edge = await site.addEdge('lab-1-a')
    await deploy(edge)
    const ssh = await edge.appliance.reader.ssh({ signal })
    const console = await edge.appliance.reader.console({ signal })
    expect(Object.keys(ssh).sort()).toEqual(['byPassword', 'fingerprint', 'query'])
    expect(Object.keys(console).sort()).toEqual(['accepts', 'query'])
    expect(Object.keys(edge.appliance.reader)).not.toContain('announce')
    expect(initial.isOpen).toBe(true)
  })
})
