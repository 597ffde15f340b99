import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'

import ssh2, { type Client, type ClientChannel, type SFTPWrapper } from 'ssh2'
import { afterEach, expect, test } from 'vitest'

import {
  answers,
  configure,
  connect,
  createBench,
  createMachine,
  PASSWORD,
  run,
  sitAt,
  sudo,
  typeNetwork,
  until,
  upload,
  type Bench,
} from './bench.ts'

const HOST = '10.84.0.110'

let bench: Bench
afterEach(async () => bench.close())

async function open(options: Parameters<typeof createBench>[0] = {}) {
  bench = createBench(options)
  const machine = createMachine('lab-1-a', 1)
  const guest = await bench.yard.createGuest(machine)
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name: 'lab-1-a', address: HOST })
  return { machine, guest, seat: sitAt(bench, guest, 'lab-1-a') }
}

const sftpOf = (client: Client): Promise<SFTPWrapper> =>
  new Promise((resolve, reject) => {
    client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)))
  })

/** Calls an SFTP method and gives its result, or the server's words. */
function call<T>(
  act: (done: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    act((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)))
  })
}

async function shell(client: Client) {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({ term: 'vt100' }, (error, stream) =>
      error === undefined ? resolve(stream) : reject(error),
    )
  })
  let text = ''
  channel.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return {
    channel,
    text: () => text,
    sees: (pattern: RegExp) => until(() => pattern.test(text), `${pattern} in ${text}`),
    async answer(...steps: readonly (readonly [RegExp, string])[]) {
      for (const [pattern, answer] of steps) {
        await until(() => pattern.test(text), `${pattern} in ${text}`)
        text = ''
        channel.write(`${answer}\n`)
      }
    },
  }
}

test('there is no SSH before the network is configured', async () => {
  bench = createBench()
  const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
  await guest.powerOn({ resumed: false })
  await sitAt(bench, guest, 'lab-1-a').sees(/login:/)
  await expect(connect(bench, HOST)).rejects.toThrow(/no route/)
})

test('an address that no subnet of the lab leads to is configured but never reached', async () => {
  bench = createBench()
  const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
  await guest.powerOn({ resumed: false })
  await typeNetwork(bench, guest, { name: 'lab-1-a', address: '10.9.9.9', gateway: '10.9.9.1' })
  const client = connect(bench, '10.9.9.9')
  await expect(client).rejects.toThrow(/no route/)
})

test.each([
  ['keyboard-interactive', { authHandler: ['none', 'keyboard-interactive'] }],
  ['password', { authHandler: ['none', 'password'] }],
] as const)('lets the account in by %s', async (_, { authHandler }) => {
  await open()
  const client = await connect(bench, HOST, { authHandler: [...authHandler] })
  expect(await run(client, 'whoami')).toEqual({ code: 0, out: 'zsroot\n', err: '' })
  client.end()
})

test('shows a banner and the ident of the platform', async () => {
  await open()
  const sock = await bench.network.dial({ host: HOST, port: 22 }, { signal: AbortSignal.timeout(5000) })
  const client = new ssh2.Client()
  client.on('error', () => undefined)
  const banner = once(client, 'banner')
  client.connect({ sock, username: 'zsroot', password: 'zsroot' })
  expect(String((await banner)[0])).toContain('Zscaler')
  await once(client, 'ready')
  client.end()
})

test('refuses wrong passwords and root, and records who tried', async () => {
  await open()
  await expect(connect(bench, HOST, { password: 'wrong' })).rejects.toThrow(/methods failed/)
  await expect(connect(bench, HOST, { username: 'root' })).rejects.toThrow(/methods failed/)
  const client = await connect(bench, HOST)
  const { out } = await sudo(client, 'cat /var/log/auth.log')
  expect(out).toMatch(/sshd\[640\]: Failed keyboard-interactive\/pam for zsroot/)
  expect(out).toMatch(/Failed password for root/)
  expect(out).toMatch(/Accepted \S+ for zsroot/)
  expect((await run(client, 'cat /var/log/auth.log')).err).toMatch(/Permission denied/)
  client.end()
})

test('gives exit statuses, both streams and 127 for what is not there', async () => {
  await open()
  const client = await connect(bench, HOST)
  expect(await run(client, 'echo out; echo err >&2; exit 7')).toEqual({ code: 7, out: 'out\n', err: 'err\n' })
  expect(await run(client, 'nosuch')).toEqual({ code: 127, out: '', err: 'nosuch: not found\n' })
  expect((await run(client, 'sh -c \'exit 3\'; echo "@@RC=$?"')).out).toBe('@@RC=3\n')
  client.end()
})

test('sudo reads its password from standard input with -S, and without a terminal refuses otherwise', async () => {
  await open()
  const client = await connect(bench, HOST)
  expect(await sudo(client, 'whoami')).toMatchObject({ code: 0, out: 'root\n', err: '' })
  expect(await run(client, 'sudo whoami')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no tty present'),
  })
  expect(await run(client, 'sudo -S whoami', 'wrong\n')).toMatchObject({ code: 1, out: '' })
  expect((await sudo(client, 'cat', 'what follows\n')).out).toBe('what follows\n')
  expect((await sudo(client, "sh -c 'id -u; cat'", 'x\n')).out).toBe('0\nx\n')
  client.end()
})

test('a shell with a terminal echoes, prompts, asks sudo’s password without echo and remembers it', async () => {
  await open({ scale: 200 })
  const client = await connect(bench, HOST)
  const seat = await shell(client)
  await seat.answer([/\[zsroot@lab-1-a ~\]\$ $/, 'sudo id -u'], [/Password:$/, 'zsroot'])
  await seat.sees(/0\r\n\[zsroot@lab-1-a ~\]\$ $/)
  expect(seat.text()).not.toContain('zsroot\r\n')
  await seat.answer([/\$ $/, 'sudo -n echo again'])
  await seat.sees(/again\r\n\[/)
  seat.channel.write('exit\n')
  const [code] = (await once(seat.channel, 'close')) as [number]
  expect(code).toBe(0)
  client.end()
})

test('control-C over a terminal ends a command with 130', async () => {
  await open()
  const client = await connect(bench, HOST)
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec('echo go; sleep 100000000', { pty: true }, (error, stream) =>
      error === undefined ? resolve(stream) : reject(error),
    )
  })
  await once(channel, 'data')
  channel.write('\x03')
  channel.resume()
  const [code] = (await once(channel, 'close')) as [number]
  expect(code).toBe(130)
  client.end()
})

test('ten sessions fit into a connection, the eleventh is refused, and a closed one makes room', async () => {
  await open()
  const client = await connect(bench, HOST)
  const seats = []
  for (let index = 0; index < 10; index += 1) seats.push(await shell(client))
  await expect(shell(client)).rejects.toThrow(/open/i)
  const [first] = seats
  first?.channel.end('exit\n')
  await once(first?.channel ?? client, 'close')
  const again = await shell(client)
  await again.sees(/\$ $/)
  client.end()
})

test('SFTP writes, reads, lists, renames and removes, and what it wrote is what the shell sees', async () => {
  await open()
  const client = await connect(bench, HOST)
  const content = randomBytes(300_000)
  await upload(client, '/tmp/bundle.zip.part', content)
  const sftp = await sftpOf(client)
  expect(await call<string>((done) => sftp.realpath('.', done))).toBe('/usr/home/zsroot')
  await call((done) => sftp.rename('/tmp/bundle.zip.part', '/tmp/bundle.zip', done))
  expect((await call<ssh2.Stats>((done) => sftp.stat('/tmp/bundle.zip', done)))?.size).toBe(content.length)
  expect((await call<Buffer>((done) => sftp.readFile('/tmp/bundle.zip', done)))?.equals(content)).toBe(true)
  const digest = createHash('sha256').update(content).digest('hex')
  expect((await run(client, 'sha256 -q /tmp/bundle.zip')).out).toBe(`${digest}\n`)
  await call((done) => sftp.mkdir('/tmp/folder', done))
  const names = await call<readonly ssh2.FileEntry[]>((done) => sftp.readdir('/tmp', done))
  expect(names?.map(({ filename }) => filename).sort()).toEqual(['bundle.zip', 'folder'])
  await call((done) => sftp.chmod('/tmp/bundle.zip', 0o600, done))
  expect((await run(client, 'stat -f %Lp /tmp/bundle.zip')).out).toBe('600\n')
  await call((done) => sftp.unlink('/tmp/bundle.zip', done))
  await call((done) => sftp.rmdir('/tmp/folder', done))
  expect((await run(client, 'ls /tmp')).out).toBe('')
  sftp.end()
  client.end()
})

test.each([
  [
    'a file that is not there',
    (sftp: SFTPWrapper) => call((done) => sftp.stat('/tmp/none', done)),
    /No such file/,
  ],
  [
    'a place only root may write',
    (sftp: SFTPWrapper) => call((done) => sftp.writeFile('/etc/rc.conf', 'x', done)),
    /Permission denied/,
  ],
  ['a folder as a file', (sftp: SFTPWrapper) => call((done) => sftp.readFile('/tmp', done)), /directory/],
  [
    'a rename over something',
    (sftp: SFTPWrapper) => call((done) => sftp.rename('/tmp/a', '/tmp/b', done)),
    /exists/,
  ],
  [
    'a file in a folder that is none',
    (sftp: SFTPWrapper) => call((done) => sftp.writeFile('/tmp/a/b', 'x', done)),
    /directory/,
  ],
  [
    'more than the disk holds',
    (sftp: SFTPWrapper) => call((done) => sftp.writeFile('/tmp/big', Buffer.alloc(5 * 2 ** 20), done)),
    /No space left/,
  ],
] as const)('SFTP refuses %s', async (_, act, message) => {
  await open()
  const client = await connect(bench, HOST)
  const sftp = await sftpOf(client)
  await call((done) => sftp.writeFile('/tmp/a', 'a', done))
  await call((done) => sftp.writeFile('/tmp/b', 'b', done))
  await expect(act(sftp)).rejects.toThrow(message)
  sftp.end()
  client.end()
})

test('a password that expired opens neither a command nor SFTP, only a terminal to change it', async () => {
  await open()
  const first = await connect(bench, HOST)
  await run(first, 'vzen enforce-password-complexity')
  first.end()
  const client = await connect(bench, HOST)
  expect(await run(client, 'true')).toEqual({
    code: 1,
    out: '',
    err: 'Password change required but no TTY available.\n',
  })
  await expect(sftpOf(client)).rejects.toThrow(/./)
  const seat = await shell(client)
  await seat.answer(
    [/New Password:$/, 'short'],
    [/Weak password[\s\S]*New Password:$/, PASSWORD],
    [/Retype New Password:$/, PASSWORD],
  )
  await once(seat.channel, 'close')
  client.end()
  const renewed = await connect(bench, HOST, { password: PASSWORD })
  expect((await run(renewed, 'true')).code).toBe(0)
  renewed.end()
})

test('the host key is announced on the machine and stays the same over reboots', async () => {
  const { guest, seat } = await open()
  const keys: string[] = []
  const hostVerifier = (key: Buffer): boolean =>
    keys.push(createHash('sha256').update(key).digest('base64').replace(/=+$/, '')) > 0
  const client = await connect(bench, HOST, { hostVerifier })
  const { out } = await run(client, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
  expect(out).toBe(`256 SHA256:${keys[0] ?? ''} root@localhost (ED25519)\n`)
  client.end()
  await guest.powerOff()
  await guest.powerOn({ resumed: false })
  await seat.sees(/login:$/)
  const again = await connect(bench, HOST, { hostVerifier })
  expect(keys[1]).toBe(keys[0])
  again.end()
})

test('a new address drops the sessions over the old one', async () => {
  await open()
  const client = await connect(bench, HOST)
  const closed = once(client, 'close')
  const replies = ['', '', '10.84.0.115/24', '', ''].map((line) => `${line}\n`).join('')
  const ran = sudo(client, 'vzen configure-network', replies)
  await closed
  expect((await ran).out).toContain('Successfully Applied Changes')
  await answers(bench, '10.84.0.115')
  const moved = await connect(bench, '10.84.0.115')
  expect((await run(moved, 'ifconfig em0')).out).toContain('inet 10.84.0.115 netmask 0xffffff00')
  moved.end()
})

test('an unplugged management adapter carries nothing', async () => {
  const { machine } = await open()
  machine.hardware.connected[0] = false
  await expect(connect(bench, HOST)).rejects.toThrow(/./)
  machine.hardware.connected[0] = true
  const client = await connect(bench, HOST)
  client.end()
})

test('a client that vanishes in the middle takes its command with it', async () => {
  await open()
  const client = await connect(bench, HOST)
  const ran = run(client, 'sleep 100000000').catch(() => undefined)
  client.destroy()
  await ran
  const again = await connect(bench, HOST)
  expect((await run(again, 'echo alive')).out).toBe('alive\n')
  again.end()
})

test('a command that talks for ever to a client that does not listen is ended', async () => {
  await open()
  const client = await connect(bench, HOST)
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec(
      'x=0123456789; for i in 1 2 3 4 5 6 7 8 9 10; do x=$x$x; done; while true; do echo $x; done',
      (error, stream) => (error === undefined ? resolve(stream) : reject(error)),
    )
  })
  // The status needs no room in the window that the client has left to fill up.
  const [code] = (await once(channel, 'exit')) as [number]
  expect(code).toBe(130)
  client.destroy()
})
