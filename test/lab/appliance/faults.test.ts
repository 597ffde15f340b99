import { createHash } from 'node:crypto'

import type { Client } from 'ssh2'
import { afterEach, expect, test } from 'vitest'

import {
  answers,
  configure,
  connect,
  createBench,
  createMachine,
  makeBundle,
  NODE_A,
  run,
  sitAt,
  sudo,
  upload,
  type Bench,
} from './bench.ts'

const HOST = '10.84.0.110'

let bench: Bench
afterEach(async () => bench.close())

async function open() {
  bench = createBench()
  const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name: 'lab-1-a', address: HOST })
  return { guest, client: await connect(bench, HOST) }
}

async function deploy(client: Client): Promise<void> {
  const { zip, serial } = makeBundle('lab-1-a')
  bench.cloud.nodes.set(serial, NODE_A)
  await upload(client, '/tmp/cert.zip', zip)
  await sudo(client, 'vzen install-cert /tmp/cert.zip')
  await sudo(client, 'vzen download-build')
  await bench.clock.sleep(20_000)
}

test('drop-in-command loses the connection once, after the command has begun', async () => {
  const { client } = await open()
  await bench.yard.faults.inject('drop-in-command', { machine: 'lab-1-a' })
  expect((await run(client, 'echo said > /tmp/effect; echo done')).code).toBeNull()
  const again = await connect(bench, HOST)
  expect((await run(again, 'cat /tmp/effect')).out).toBe('said\n')
})

test('unknown-prompt asks what no document knows', async () => {
  const { guest } = await open()
  await bench.yard.faults.inject('unknown-prompt')
  const seat = sitAt(bench, guest, 'lab-1-a')
  seat.type('clear; sudo -k; sudo vzen configure-network\n')
  await seat.answer([/^Password:/, 'zsroot'], [/\[n\]/, ''])
  await seat.answer([/new nameserver\?.*/, ''])
  await seat.sees(/Select the traffic profile of this edge <1-4>:$/)
  seat.type('\x03')
  await bench.yard.faults.clear('unknown-prompt')
  seat.type('clear; sudo -k; sudo vzen configure-network\n')
  await seat.answer([/^Password:/, 'zsroot'], [/\[n\]/, ''])
  await seat.answer([/new nameserver\?.*/, ''])
  await expect(seat.sees(/netmask\)/)).resolves.toBeTypeOf('string')
})

test('console-messages come behind every other prompt', async () => {
  const { guest } = await open()
  await bench.yard.faults.inject('console-messages')
  const seat = sitAt(bench, guest, 'lab-1-a')
  const message = String.raw`\w{3} [ \d]\d [\d:]{8} lab-1-a sm-mta\[652\]: My\s+unqualified`
  seat.type('clear\n\n')
  const text = await seat.sees(new RegExp(`\\$ ${message}`))
  expect(text.match(/sm-mta/g)).toHaveLength(1)
  await bench.yard.faults.clear('console-messages')
})

test('build-stalls stops in the middle of the download; nothing is installed when it is given up', async () => {
  const { client } = await open()
  const { zip } = makeBundle('lab-1-a')
  await upload(client, '/tmp/cert.zip', zip)
  await sudo(client, 'vzen install-cert /tmp/cert.zip')
  await bench.yard.faults.inject('build-stalls')
  const stalled = sudo(client, 'vzen download-build').catch(() => undefined)
  await bench.clock.sleep(15 * 60_000)
  client.destroy()
  await stalled
  const again = await connect(bench, HOST)
  expect((await sudo(again, 'vzen checkversion')).out).toContain('Installed build version: none')
})

test('wrong-certificate makes the connection flap until it is cleared', async () => {
  const { client } = await open()
  await deploy(client)
  await bench.yard.faults.inject('wrong-certificate')
  expect((await sudo(client, 'vzen troubleshoot connection')).out).toContain('LB Status = Suspicious')
  await bench.yard.faults.clear()
  expect((await sudo(client, 'vzen troubleshoot connection')).out).toContain('LB Status = Stable')
})

test('clock-drift is seen in the date and spoils the authentication', async () => {
  const { client } = await open()
  await deploy(client)
  await bench.yard.faults.inject('clock-drift')
  expect((await sudo(client, '/sc/sme/bin/smmgr -ys show=auth')).out).not.toContain('READY')
  await bench.yard.faults.clear('clock-drift')
  expect((await sudo(client, '/sc/sme/bin/smmgr -ys show=auth')).out).toContain('SMAUTHENG_READY_STATE')
})

test('disk-full refuses every write by its name and spares what is there', async () => {
  const { client } = await open()
  await run(client, 'echo kept > /tmp/kept')
  await bench.yard.faults.inject('disk-full')
  expect((await run(client, 'echo x > /tmp/new')).err).toContain('No space left on device')
  await expect(upload(client, '/tmp/cert.zip', Buffer.from('x'))).rejects.toThrow(/No space left on device/)
  expect((await run(client, 'df')).out).toContain('100%')
  expect((await run(client, 'cat /tmp/kept')).out).toBe('kept\n')
})

test('host-key-changed shows another key from then on', async () => {
  const { client } = await open()
  client.end()
  const seen: string[] = []
  const hostVerifier = (key: Buffer): boolean => seen.push(createHash('sha256').update(key).digest('hex')) > 0
  for (const change of [false, true, false]) {
    if (change) await bench.yard.faults.inject('host-key-changed')
    const one = await connect(bench, HOST, { hostVerifier })
    one.end()
  }
  expect(seen[1]).not.toBe(seen[0])
  expect(seen[2]).toBe(seen[1])
})

test('no-autostart reboots the machine and leaves the service stopped', async () => {
  const { client } = await open()
  await deploy(client)
  await sudo(client, 'vzen enable-autostart')
  await bench.yard.faults.inject('no-autostart', { machine: 'lab-1-a' })
  await bench.clock.sleep(70_000)
  await answers(bench, HOST)
  const again = await connect(bench, HOST)
  expect((await sudo(again, 'vzen status')).out).toContain('SME service stopped')
})

test('a fault against a machine that is not there says so', async () => {
  await open()
  await expect(bench.yard.faults.inject('disk-full', { machine: 'nobody' })).rejects.toThrow(
    /no appliance “nobody”/,
  )
})
