import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { openVSphere } from '../../../src/connect/open-vsphere.ts'
import type { VSphereSession, VSphereWriter } from '../../../src/connect/vsphere.ts'
import { wallClock } from '../../../src/connect/wall-clock.ts'
import { writeImage } from '../../../src/lab/portal/image.ts'
import type { Network } from '../../../src/model/network.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { findProgram } from '../../support/find-program.ts'
import { describeWith } from '../../support/require-server.ts'

const vcsim = {
  find: () => findProgram('vcsim', [join(homedir(), 'go', 'bin'), process.env['GOBIN'] ?? '']),
  howToGet: 'go -C test/support/vcsim install .',
}

const ACCEPT = { promiscuous: true, macChanges: true, forgedTransmits: true } as const

const network: Network = {
  trusted: [],
  async dial({ host, port }, { signal }) {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect', { signal })
    return socket
  },
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describeWith('vcsim', vcsim, (program) => {
  const stop = new AbortController()
  const { signal } = stop
  let child: ChildProcess
  let session: VSphereSession
  let writer: VSphereWriter
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vcsim-'))
    const port = await freePort()
    child = spawn(program, ['-l', `127.0.0.1:${port}`, '-username', 'root', '-password', 'secret'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (child.stdout === null) throw new Error('no output')
    await once(createInterface(child.stdout), 'line')
    const endpoint = { host: '127.0.0.1', port, username: 'root', password: documentedSecret('secret') }
    const options = { network, clock: wallClock, signal }
    const refused = await openVSphere(endpoint, options).then(
      () => '',
      (error: { hint?: string }) => error.hint ?? '',
    )
    const thumbprint = refused.replace(/^.* /, '')
    session = await openVSphere({ ...endpoint, thumbprint }, options)
    writer = session.writer({ signal })
  })

  afterAll(async () => {
    await session.close()
    child.kill()
    await rm(folder, { recursive: true, force: true })
  })

  it('reads hosts with their switches and memory', async () => {
    const hosts = await writer.hosts({ datacenter: 'DC0', computeCluster: 'DC0_C0' })
    expect(hosts.map(({ name }) => name)).toEqual(['DC0_C0_H0', 'DC0_C0_H1', 'DC0_C0_H2'])
    expect(hosts[0]).toMatchObject({ ready: true, switches: [{ name: 'vSwitch0', uplinks: ['vmnic0'] }] })
    expect(Math.round(hosts[0]?.memoryGB ?? 0)).toBe(4)
  })

  it('adds a distributed port group with its policy and VLAN', async () => {
    await writer.putDistributedPortGroup('DC0', { name: 'vse', switch: 'DVS0', vlan: 7, security: ACCEPT })
    expect(await writer.distributedPortGroup({ datacenter: 'DC0', name: 'vse' })).toMatchObject({
      switch: 'DVS0',
      vlan: 7,
      policies: { security: ACCEPT },
    })
  })

  it('imports an OVA, changes its hardware and networks, and runs it', async () => {
    const image = join(folder, 'vse.ova')
    await writeImage(image)
    const ref = await writer.importOva({
      image,
      name: 'edge',
      placement: { datacenter: 'DC0', computeCluster: 'DC0_C0', datastore: 'LocalDS_0' },
      networks: ['VM Network', 'DC0_DVPG0', 'VM Network'],
      thin: true,
      annotation: 'ours',
      settings: { 'runbook.import': 'importing' },
      onProgress: () => {},
      onWarning: () => {},
    })
    const imported = await writer.machine('/DC0/vm/edge')
    expect(imported).toMatchObject({ annotation: 'ours', settings: { 'runbook.import': 'importing' } })
    expect(imported?.nics.map((nic) => nic.network)).toEqual(['VM Network', 'DC0_DVPG0', 'VM Network'])
    if (imported === undefined) return
    await writer.runTask('ReconfigVM_Task', {
      self: ref,
      args: {
        spec: { numCPUs: 2, memoryMB: 2048n, extraConfig: [{ key: 'runbook.import', value: 'done' }] },
      },
      what: 'changing the hardware',
    })
    await writer.plugNics(imported, ['DC0_DVPG0', 'DC0_DVPG0', 'DC0_DVPG0'])
    await writer.runTask('PowerOnVM_Task', { self: ref, args: {}, what: 'switching on' })
    const running = await writer.machine('/DC0/vm/edge')
    expect(running).toMatchObject({
      power: 'poweredOn',
      cpus: 2,
      memoryMB: 2048,
      settings: { 'runbook.import': 'done' },
    })
    expect(running?.nics.map((nic) => nic.network)).toEqual(['DC0_DVPG0', 'DC0_DVPG0', 'DC0_DVPG0'])
    const again = writer.runTask('PowerOnVM_Task', { self: ref, args: {}, what: 'switching on' })
    await expect(again).rejects.toMatchObject({
      code: 'COMMAND',
      message: expect.stringContaining('InvalidPowerState'),
    })
  })

  it('names what is there instead of what is not', async () => {
    await expect(writer.require('VirtualMachine', '/DC0/vm/DC0_H0_VM9')).rejects.toMatchObject({
      hint: expect.stringContaining('DC0_H0_VM'),
    })
  })
})
