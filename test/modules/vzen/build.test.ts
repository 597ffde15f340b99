import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, describe, expect, test } from 'vitest'

import { build } from '../../../modules/vzen/build.ts'
import { certificate } from '../../../modules/vzen/certificate.ts'
import { diagnostics } from '../../../modules/vzen/diagnostics.ts'
import { firewallTest } from '../../../modules/vzen/firewall-test.ts'
import { parseFirewall } from '../../../modules/vzen/firewall.ts'
import { network } from '../../../modules/vzen/network.ts'
import { password } from '../../../modules/vzen/password.ts'
import { TimeoutError } from '../../../src/model/error.ts'
import { sh, type CommandLine } from '../../../src/shell/sh.ts'
import type { BenchOptions } from '../../lab/appliance/bench.ts'
import { act, converge, createSite, look, signal, wanted, type Edge, type Site } from './edge.ts'

let site: Site
let open: Site | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

/** An appliance with everything but a build. */
async function prepare({
  dns = '10.84.0.100',
  ...options
}: BenchOptions & { readonly dns?: string } = {}): Promise<{ site: Site; edge: Edge }> {
  // What happens here is waiting.
  site = createSite({ scale: 3000, ...options })
  open = site
  const edge = await site.addEdge('lab-1-a')
  const on = { site, edge }
  const planned = { address: '10.84.0.110/24', gateway: '10.84.0.200', dns: [dns], hostname: 'lab-1-a' }
  await converge(password, { wanted }, on)
  await converge(network, planned, on)
  await converge(
    certificate,
    { bundle: edge.bundle, node: edge.name, proxy: '10.84.0.111', cloud: 'zscalerlab' },
    on,
  )
  return on
}

/** What is packed on the appliance, and still there. */
async function archivesOf({ edge }: { readonly edge: Edge }): Promise<readonly string[]> {
  const ssh = await edge.appliance.reader.ssh({ signal })
  const { listed } = await ssh.query({ listed: sh`ls /sc/sme/log/` }, { signal, sudo: true })
  return listed.output.split('\n').filter((name) => name.trim().endsWith('.tgz'))
}

const inject = (name: Parameters<Site['bench']['yard']['faults']['inject']>[0]): Promise<void> =>
  site.bench.yard.faults.inject(name, { machine: 'lab-1-a' })

describe('a download', () => {
  test.each([true, false])(
    'outlives a connection that breaks; it goes on by itself: %s',
    async (downloadsOn) => {
      const on = await prepare({ dialect: { downloadsOn } })
      let cuts = 0
      on.edge.onProgress = (text) => {
        if (!text.startsWith('30 ') || cuts > 0) return
        cuts += 1
        site.cut()
      }
      expect(await converge(build, {}, on)).toMatchObject([{ path: 'build' }])
      expect(cuts).toBe(1)
      expect(on.edge.warnings).toEqual([
        expect.stringMatching(/connection broke while the build was downloaded/),
      ])
      const waited = on.edge.progress.some((text) => text.includes('goes on without the connection'))
      expect(waited).toBe(downloadsOn)
      // Begun again, it tells of its first steps once more.
      expect(on.edge.progress.filter((text) => text.startsWith('10 '))).toHaveLength(downloadsOn ? 1 : 2)
    },
  )

  test.each(['percent', 'nothing'] as const)(
    'that stands still is given up, whether it tells %s',
    async (progress) => {
      const on = await prepare({ dialect: { progress } })
      await inject('build-stalls')
      await expect(converge(build, {}, on)).rejects.toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringMatching(
          progress === 'percent'
            ? /stands still at 40 %.*has not grown/
            : /stands still at 0 %.*has not grown/,
        ),
      })
      await site.bench.yard.faults.clear('build-stalls')
      expect(await converge(build, {}, on)).toMatchObject([{ path: 'build' }])
    },
  )

  test('that says nothing but goes on is waited for', async () => {
    const on = await prepare({ dialect: { progress: 'nothing' } })
    // Shorter than the download takes in all.
    expect(await converge(build, { stall: 240 }, on)).toMatchObject([{ path: 'build' }])
  })

  test('that began in another session is waited for, not begun twice, and anew where it was ended by hand', async () => {
    const on = await prepare({ dialect: { downloadsOn: true } })
    await inject('build-stalls')
    const stalled = await converge(build, { stall: 120 }, on).catch((cause: unknown) => cause)
    expect(stalled).toMatchObject({ code: 'TIMEOUT' })
    await expect(converge(build, { stall: 120 }, on)).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(on.edge.warnings).toEqual([expect.stringContaining('runs on the appliance already')])
    // What the message says ends it, also while the fault stands.
    const [, told = ''] = /“sudo (.*?)”/.exec((stalled as { hint?: string }).hint ?? '') ?? []
    const ssh = await on.edge.appliance.writer.ssh({ signal })
    const ended = await ssh.run({ text: told } as CommandLine, { signal, sudo: true })
    expect(ended).toMatchObject({ kind: 'exited', code: 0 })
    await site.bench.yard.faults.clear('build-stalls')
    expect(await converge(build, {}, on)).toMatchObject([{ path: 'build' }])
    expect(on.edge.warnings).toHaveLength(1)
  })

  test('that nothing lets out says what its console cannot reach', async () => {
    const on = await prepare({ dns: '10.84.0.55' })
    await expect(converge(build, {}, on)).rejects.toMatchObject({
      code: 'COMMAND',
      message: expect.stringContaining('exit code 97: Failed to resolve update1.'),
      hint: expect.stringMatching(
        /DNS servers.*did not reach smcacluster\.zscalerlab\.net \(its name is not resolved\)/,
      ),
    })
    // A console that cannot be asked hides nothing of it.
    const { appliance } = on.edge
    const silent = await appliance.writer.console({ signal })
    const query = () => Promise.reject(new TimeoutError('vzen test-firewall did not end'))
    const writer = { ...appliance.writer, console: () => Promise.resolve({ ...silent, query }) }
    const edge = { ...on.edge, appliance: { ...appliance, writer } }
    await expect(converge(build, {}, { site, edge })).rejects.toThrow('exit code 97: Failed to resolve')
    const seen = await look(firewallTest, {}, { site, connection: on.edge.appliance.reader, edge: on.edge })
    expect(seen.changes).toHaveLength(3)
    expect(seen.changes[0]).toMatchObject({ path: 'smcacluster.zscalerlab.net', to: 'connected' })
  })

  test('onto a full disk is explained, and its diagnostics come home', async () => {
    const on = await prepare()
    await inject('disk-full')
    await expect(converge(build, {}, on)).rejects.toMatchObject({
      message: expect.stringContaining('exit code 99'),
      hint: expect.stringContaining('room on the disk'),
    })
    await site.bench.yard.faults.clear('disk-full')
    const ssh = await on.edge.appliance.writer.ssh({ signal })
    await ssh.run(sh`touch /sc/sme/log/of-somebody.tgz`, { signal, sudo: true })
    const { file } = await act(diagnostics, {}, on)
    // Nothing of it stays where it would fill the disk further; what somebody else has packed is theirs.
    expect(await archivesOf(on)).toEqual(['of-somebody.tgz'])
    const listed = execFileSync('tar', ['-tzf', file]).toString()
    expect(listed).toContain('vzensmesmmgr.log')
    expect(
      readdirSync(join(site.bench.folder, 'run', 'diagnostics')).every((name) => name.endsWith('.tgz')),
    ).toBe(true)
  })
})

describe('the firewall test', () => {
  test('finds every way open, and asks no appliance that serves', async () => {
    const on = await prepare()
    const seen = { site, connection: on.edge.appliance.reader, edge: on.edge }
    const first = await look(firewallTest, {}, seen)
    expect(first).toMatchObject({ changes: [], facts: { kind: 'tested' } })
    expect(first.facts.flows).toHaveLength(3)
    await converge(build, {}, on)
    expect((await look(firewallTest, {}, seen)).facts).toEqual({ kind: 'serving', flows: [] })
  })

  test.each([
    ['Failed to resolve smcacluster.zscaler.net', 'smcacluster.zscaler.net', 'its name is not resolved'],
    [
      'Connection timed out to update1.zscaler.net(104.1.2.3):9442',
      'update1.zscaler.net(104.1.2.3):9442',
      'timed out',
    ],
    ['Connection refused: connect to 104.1.2.3:443', '104.1.2.3:443', 'refused'],
    ['Connected to update1.zscaler.net:9442', 'update1.zscaler.net:9442', ''],
  ])('reads “%s”', (line, to, why) => {
    expect(parseFirewall(`Testing...\n${line}\nDone.\n`)).toEqual([{ to, reached: why === '', why }])
  })
})
