import { afterEach, expect, test } from 'vitest'

import {
  answers,
  configure,
  connect,
  createBench,
  createMachine,
  logIn,
  makeBundle,
  NODE_A,
  PASSWORD,
  run,
  sitAt,
  sudo,
  upload,
  type Bench,
} from './bench.ts'

const HOST = '10.84.0.110'

let bench: Bench
afterEach(async () => bench.close())

test('a machine that ran when the process ended runs on in the next one, without a boot', async () => {
  bench = createBench()
  const machine = createMachine('lab-1-a', 1)
  const guest = await bench.yard.createGuest(machine)
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name: 'lab-1-a', address: HOST })
  const client = await connect(bench, HOST)
  const { zip, serial } = makeBundle('lab-1-a')
  bench.cloud.nodes.set(serial, NODE_A)
  await upload(client, '/tmp/cert.zip', zip)
  await sudo(client, 'vzen install-cert /tmp/cert.zip')
  await sudo(client, 'vzen download-build')
  await sudo(client, 'vzen delay-upgrade 04:00')
  const [pid] = /pid \d+/.exec((await sudo(client, 'vzen status')).out) ?? ['']
  client.end()

  bench = await bench.reopen()
  const same = await bench.yard.createGuest(machine)
  await same.powerOn({ resumed: true })
  const again = await connect(bench, HOST)
  expect((await sudo(again, 'vzen status')).out).toContain(pid)
  expect((await sudo(again, 'vzen troubleshoot connection')).out).toContain('LB Status = Stable')
  expect((await run(again, 'sha256 -q /tmp/cert.zip')).code).toBe(0)
  expect(bench.yard.status()['lab-1-a']).toMatchObject({
    delayUpgrade: '04:00',
    connection: 'stable',
    power: 'on',
  })
  await sitAt(bench, same, 'lab-1-a').sees(/login:$/)
  again.end()
})

test('a changed password outlives the process as a hash, and the documented one stays refused', async () => {
  bench = createBench({ personality: 'forced' })
  const machine = createMachine('lab-1-a', 1)
  const guest = await bench.yard.createGuest(machine)
  await guest.powerOn({ resumed: false })
  await sitAt(bench, guest, 'lab-1-a').answer(
    [/login:/, 'zsroot'],
    [/^Password:/, 'zsroot'],
    [/^New Password:/, PASSWORD],
    [/^Retype New Password:/, PASSWORD],
  )
  await sitAt(bench, guest, 'lab-1-a').sees(/\$$/)
  bench = await bench.reopen()
  const same = await bench.yard.createGuest(machine)
  await same.powerOn({ resumed: true })
  const seat = sitAt(bench, same, 'lab-1-a')
  await seat.answer([/login:/, 'zsroot'], [/^Password:/, 'zsroot'])
  await seat.sees(/Login incorrect/)
  await logIn(seat, PASSWORD)
  expect(JSON.stringify(bench.yard.status())).not.toContain(PASSWORD)
})

test('what a command reported as done is on the disk when it says so', async () => {
  bench = createBench()
  const machine = createMachine('lab-1-a', 1)
  const guest = await bench.yard.createGuest(machine)
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name: 'lab-1-a', address: HOST })
  const client = await connect(bench, HOST)
  await run(client, 'mkdir /tmp/x && echo kept > /tmp/x/file')
  // A second yard over the same folder sees what a killed process would have left.
  const other = createBench({ folder: bench.folder })
  const twin = await other.yard.createGuest(machine)
  await twin.powerOn({ resumed: true })
  const second = await connect(other, HOST)
  expect((await run(second, 'cat /tmp/x/file')).out).toBe('kept\n')
  second.end()
  client.end()
  await other.yard.close()
  await other.network.close()
})

test('eighty machines live in one process', async () => {
  bench = createBench({ scale: 20_000 })
  const guests = await Promise.all(
    Array.from({ length: 80 }, (_, index) => bench.yard.createGuest(createMachine(`vse-${index}`, index))),
  )
  await Promise.all(guests.map((guest) => guest.powerOn({ resumed: false })))
  await Promise.all(
    guests.map((guest, index) =>
      configure(bench, guest, { name: `vse-${index}`, address: `10.84.0.${index + 1}` }),
    ),
  )
  const clients = await Promise.all(guests.map((_, index) => connect(bench, `10.84.0.${index + 1}`)))
  const names = await Promise.all(clients.map(async (client) => (await run(client, 'hostname')).out.trim()))
  expect(names).toEqual(guests.map((_, index) => `vse-${index}`))
  for (const client of clients) client.end()
  await answers(bench, '10.84.0.1')
})
