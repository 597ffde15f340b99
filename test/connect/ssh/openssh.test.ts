import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { openSsh, type SshConnection } from '../../../src/connect/ssh/connection.ts'
import { createSshGround } from '../../../src/connect/ssh/ground.ts'
import { createSshSession } from '../../../src/connect/ssh/session.ts'
import { wallClock } from '../../../src/connect/wall-clock.ts'
import { worldNetwork } from '../../../src/connect/world-network.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { sh } from '../../../src/shell/sh.ts'
import { describeWith } from '../../support/require-server.ts'
import { IS_THOROUGH } from '../../support/thorough.ts'
import { holdContract, hurried } from './contract.ts'
import { addAccount, sshd, startSshd, type Account, type Sshd, type SshdOptions } from './openssh.ts'
import { clock, forever, memoryKeys, secretOf } from './server.ts'

/** Opens a connection as somebody; the host key is announced, unless the test says otherwise. */
function open(
  server: Sshd,
  { username, password }: Account,
  given: { readonly password?: string; readonly fingerprint?: string; readonly clock?: Clock } = {},
): Promise<SshConnection> {
  const { fingerprint = server.fingerprint } = given
  return openSsh(
    { host: '127.0.0.1', port: server.port, username, password: secretOf(given.password ?? password) },
    {
      ground: createSshGround({
        network: worldNetwork,
        hostKeys: memoryKeys({ fingerprint, source: 'console' }),
        clock: given.clock ?? wallClock,
        knownHosts: [],
      }),
      policy: 'announced',
      signal: forever,
    },
  )
}

/** How often the server refused a password, told when the client is gone. */
async function refusals(server: Sshd): Promise<number> {
  const log = await server.logged('authenticating user')
  return log.filter((line) => line.startsWith('Failed ')).length
}

describeWith('sshd', sshd, (program) => {
  const shells = ['/bin/sh', '/bin/tcsh', ...(IS_THOROUGH ? ['/bin/bash'] : [])]
  describe.each(shells)('and the login shell %s', (shell) => {
    let server: Sshd
    let account: Account
    let connection: SshConnection
    let folder: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'openssh-'))
      server = await startSshd(program)
      account = await addAccount({ shell })
      connection = await open(server, account, { clock: hurried })
    })

    afterAll(async () => {
      await connection.close()
      await server.stop()
      await account.remove()
      await rm(folder, { recursive: true })
    })

    const session = (given: { readonly password?: string } = {}) =>
      createSshSession(connection, {
        name: 'lab-1-a',
        password: secretOf(given.password ?? account.password),
        trace: () => undefined,
      })

    holdContract(() => {
      const pid = join(account.home, 'service.pid')
      return {
        connection,
        session: session(),
        username: account.username,
        folder: account.home,
        service: {
          start: sh`setsid sleep 60 >/dev/null 2>&1 & echo $! >${pid}`,
          runs: sh`kill -0 $(cat ${pid})`,
          stop: sh`kill $(cat ${pid})`,
        },
      }
    })

    it.each([0, 1, 100_000, 3_000_000])('gives a command %i bytes of input and their end', async (length) => {
      const input = 'x'.repeat(length)
      const { stdout } = await connection.exec('wc -c', { signal: forever, input })
      expect(Number(stdout)).toBe(length)
    })

    it('keeps the end of endless output', async () => {
      const result = await connection.exec(`sh -c 'yes | head -c 5000000; echo the end'`, {
        signal: forever,
        limit: 1000,
      })
      expect(result).toMatchObject({ kind: 'exited', code: 0, truncated: true })
      expect(result.stdout).toHaveLength(1000)
      expect(result.stdout.endsWith('the end\n')).toBe(true)
    })

    it('tells a signal from an exit', async () => {
      expect(await connection.exec('kill -KILL $$', { signal: forever })).toMatchObject({
        kind: 'signalled',
        signal: 'SIGKILL',
      })
    })

    it('stops waiting when the call is cancelled, and stays usable', async () => {
      const control = new AbortController()
      const running = connection.exec(`sh -c 'echo begun; exec sleep 5'`, {
        signal: control.signal,
        onOutput: () => control.abort(new Error('cancelled')),
      })
      await expect(running).rejects.toThrow('cancelled')
      expect(await connection.exec('echo here', { signal: forever })).toMatchObject({ stdout: 'here\n' })
    })

    it('runs more commands at once than the server has sessions for one connection', async () => {
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, index) => connection.exec(`echo ${index}`, { signal: forever })),
      )
      expect(results.map(({ stdout }) => Number(stdout))).toEqual(results.map((_, index) => index))
    })

    it('becomes root on a terminal', async () => {
      const dialogue = { rules: [], failures: [], successes: [/^uid 0$/m] }
      const command = sh`sh -c ${'echo uid $(id -u)'}`
      const { transcript } = await session().converse(command, { signal: forever, sudo: true, dialogue })
      expect(transcript).not.toContain(account.password)
    })

    it('starts no process there with a secret', async () => {
      await connection.exec('sudo -K', { signal: forever })
      const secret = randomBytes(12).toString('hex')
      const list = `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $f 2> /dev/null; echo; done > list`
      // What asks, and is told, sees what everybody sees: it, its shells, sudo and the server's children among them.
      const script = `stty -echo; printf 'SNMPv3 password: '; read word; stty echo; echo; ${list}; echo "[$word]" > told; echo done`
      await writeFile(join(account.home, 'vzen'), script)
      const prompt = /password: ?$/
      const dialogue = {
        rules: [{ name: 'password', prompt, answer: secretOf(secret) }],
        failures: [],
        successes: [/^done/m],
      }
      const command = sh`sh -c ${`cd ${account.home} && exec sh ./vzen snmp-admin-configure`}`
      await session().converse(command, { signal: forever, sudo: true, dialogue })
      expect(await readFile(join(account.home, 'told'), 'utf8')).toBe(`[${secret}]\n`)
      await connection.exec('sudo -K', { signal: forever })
      const before = await readFile(join(account.home, 'list'), 'utf8')
      await session().run(sh`sh -c ${`cd ${account.home}; ${list}`}`, { signal: forever, sudo: true })
      for (const text of [before, await readFile(join(account.home, 'list'), 'utf8')]) {
        expect(text).toContain('sudo')
        for (const hidden of [secret, account.password]) expect(text).not.toContain(hidden)
      }
      expect(before).toContain('snmp-admin-configure')
    })

    it('calls a password that sudo refuses an AuthError', async () => {
      await connection.exec('sudo -K', { signal: forever })
      await expect(
        session({ password: 'wrong' }).run(sh`id`, { signal: forever, sudo: true }),
      ).rejects.toMatchObject({ code: 'AUTH' })
    })

    it.each([0, 1, 32_768, 5_000_001])('uploads %i bytes and verifies them there', async (length) => {
      const [file, to] = [join(folder, 'bundle.zip'), join(account.home, `it's a "$name"`)]
      const content = randomBytes(length)
      await writeFile(file, content)
      const seen: number[] = []
      await connection.upload(file, { to, signal: forever, progress: ({ done }) => seen.push(done) })
      expect((await readFile(to)).equals(content)).toBe(true)
      expect((await stat(to)).mode & 0o777).toBe(0o600)
      expect(seen.at(-1) ?? 0).toBe(length)
      expect((await readdir(account.home)).filter((name) => name.endsWith('.part'))).toEqual([])
    })

    it('uploads many files at once', async () => {
      const file = join(folder, 'many')
      await writeFile(file, randomBytes(100_000))
      const names = Array.from({ length: 20 }, (_, index) => join(account.home, `many-${index}`))
      await Promise.all(names.map((to) => connection.upload(file, { to, signal: forever })))
      const there = await readdir(account.home)
      expect(there.filter((name) => name.startsWith('many-'))).toHaveLength(names.length)
    })

    it('says why an upload is refused', async () => {
      const file = join(folder, 'refused')
      await writeFile(file, 'x')
      await expect(connection.upload(file, { to: '/etc/refused', signal: forever })).rejects.toMatchObject({
        code: 'COMMAND',
        message: expect.stringMatching(/permission denied/i),
      })
      const to = join(account.home, 'nowhere', 'file')
      await expect(connection.upload(file, { to, signal: forever })).rejects.toMatchObject({
        code: 'COMMAND',
        message: expect.stringMatching(/no such file/i),
      })
      await mkdir(join(account.home, 'folder'))
      await expect(
        connection.upload(file, { to: join(account.home, 'folder'), signal: forever }),
      ).rejects.toMatchObject({ code: 'COMMAND' })
    })
  })

  describe('and somebody who logs in', () => {
    const servers: Sshd[] = []
    let account: Account

    beforeAll(async () => {
      account = await addAccount({ shell: '/bin/bash' })
    })

    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop()
    })

    afterAll(() => account.remove())

    async function start(options?: SshdOptions): Promise<Sshd> {
      const server = await startSshd(program, options)
      servers.push(server)
      return server
    }

    /** Ends the server's process for this connection, as a machine that goes down does. */
    function kill(connection: SshConnection): void {
      connection.exec('kill -KILL $PPID', { signal: forever }).catch(() => undefined)
    }

    const PLAIN = ['UsePAM no', 'KbdInteractiveAuthentication no', 'PasswordAuthentication yes']

    it.each([
      ['by password', PLAIN],
      ['by keyboard-interactive though password is offered, too', ['PasswordAuthentication yes']],
      ['where keys are asked for first', ['PubkeyAuthentication yes', 'PasswordAuthentication yes']],
      ['after a greeting', ['Banner /etc/os-release']],
    ])('is let in %s', async (_how, settings) => {
      const connection = await open(await start({ settings }), account)
      expect(await connection.exec('id -un', { signal: forever })).toMatchObject({
        stdout: `${account.username}\n`,
      })
      await connection.close()
      expect(connection.isOpen()).toBe(false)
    })

    it.each(['ed25519', 'ecdsa', 'rsa'] as const)('verifies a host key of type %s', async (keyType) => {
      const server = await start({ keyType })
      const connection = await open(server, account)
      expect(connection.fingerprint).toBe(server.fingerprint)
      await connection.close()
    })

    it.each([
      ['keyboard-interactive', []],
      ['password', PLAIN],
      ['either', ['PasswordAuthentication yes']],
    ])('gives a wrong password once, by %s, and gets an AuthError', async (_how, settings) => {
      const server = await start({ settings })
      await expect(open(server, account, { password: 'wrong' })).rejects.toMatchObject({ code: 'AUTH' })
      expect(await refusals(server)).toBe(1)
    })

    it('gets an AuthError where only keys are taken', async () => {
      const server = await start({
        settings: ['PubkeyAuthentication yes', 'KbdInteractiveAuthentication no'],
      })
      await expect(open(server, account)).rejects.toMatchObject({ code: 'AUTH' })
    })

    it('gives no password to a server with another host key', async () => {
      const server = await start()
      const fingerprint = `SHA256:${'A'.repeat(43)}`
      await expect(open(server, account, { fingerprint })).rejects.toMatchObject({
        code: 'CONNECT',
        kind: 'host-key',
        message: expect.stringContaining(server.fingerprint),
      })
      expect((await server.logged('[preauth]')).join('\n')).not.toContain(account.username)
    })

    it.each([
      ['ciphers', 'Ciphers aes128-cbc'],
      ['key exchange', 'KexAlgorithms diffie-hellman-group14-sha1'],
    ])('refuses a server with nothing better than old %s', async (_what, setting) => {
      const server = await start({ settings: [setting] })
      await expect(open(server, account)).rejects.toMatchObject({ code: 'CONNECT', kind: 'protocol' })
    })

    it('waits for its turn where the server allows two sessions for a connection', async () => {
      const connection = await open(await start({ settings: ['MaxSessions 2'] }), account)
      const running = Array.from({ length: 10 }, () => connection.exec('echo x', { signal: forever }))
      const to = join(account.home, 'uploaded')
      await connection.upload(import.meta.filename, { to, signal: forever })
      for (const { stdout } of await Promise.all(running)) expect(stdout).toBe('x\n')
      await connection.close()
    })

    it('goes on while commands that were cancelled still run there', async () => {
      const connection = await open(await start(), account)
      const cancelled = Array.from({ length: 6 }, async () => {
        const control = new AbortController()
        const onOutput = (): void => control.abort(new Error('cancelled'))
        const running = connection.exec('echo begun; exec sleep 2', { signal: control.signal, onOutput })
        await expect(running).rejects.toThrow('cancelled')
      })
      await Promise.all(cancelled)
      const results = await Promise.all(
        Array.from({ length: 12 }, () => connection.exec('echo x', { signal: forever })),
      )
      expect(results.map(({ stdout }) => stdout)).toEqual(results.map(() => 'x\n'))
      await connection.close()
    })

    it('is told where the server opens no session at all', async () => {
      const server = await start({ settings: ['MaxSessions 0'] })
      const connection = await open(server, account, { clock })
      await expect(connection.exec('echo x', { signal: forever })).rejects.toMatchObject({
        code: 'CONNECT',
        hint: expect.stringContaining('MaxSessions'),
      })
      const to = join(account.home, 'x')
      await expect(connection.upload(import.meta.filename, { to, signal: forever })).rejects.toMatchObject({
        code: 'CONNECT',
        hint: expect.stringContaining('MaxSessions'),
      })
      await connection.close()
    })

    it('can be stopped while it waits for its turn', async () => {
      const connection = await open(await start({ settings: ['MaxSessions 0'] }), account)
      const control = new AbortController()
      const running = connection.exec('echo x', { signal: control.signal })
      control.abort(new Error('enough'))
      await expect(running).rejects.toThrow('enough')
      await connection.close()
    })

    it('gets an AuthError where the password has to be changed first', async () => {
      const expired = await addAccount({ shell: '/bin/sh' })
      try {
        await expired.expire()
        await expect(open(await start(), expired)).rejects.toMatchObject({
          code: 'AUTH',
          message: expect.stringMatching(/asks for more than the password: “.*password:”/i),
        })
      } finally {
        await expired.remove()
      }
    })

    it('gets a ConnectError where no server is left', async () => {
      const server = await start()
      for (const gone of servers.splice(0)) await gone.stop()
      await expect(open(server, account)).rejects.toMatchObject({ code: 'CONNECT', kind: 'refused' })
    })

    it('loses the command when the connection dies, and every later call is a ConnectError', async () => {
      const connection = await open(await start(), account)
      const result = await connection.exec('echo half; exec sleep 5', {
        signal: forever,
        onOutput: () => kill(connection),
      })
      expect(result).toMatchObject({ kind: 'lost', failure: 'closed', stdout: 'half\n' })
      expect(connection.isOpen()).toBe(false)
      await expect(connection.exec('id', { signal: forever })).rejects.toMatchObject({ code: 'CONNECT' })
      await expect(
        connection.upload(import.meta.filename, { to: join(account.home, 'x'), signal: forever }),
      ).rejects.toMatchObject({ code: 'CONNECT' })
    })

    it('leaves no file behind under its name when the connection dies in an upload', async () => {
      const connection = await open(await start(), account)
      const folder = await mkdtemp(join(tmpdir(), 'openssh-'))
      const [file, to] = [join(folder, 'big'), join(account.home, 'big')]
      await writeFile(file, Buffer.alloc(64_000_000))
      const uploading = connection.upload(file, { to, signal: forever, progress: () => kill(connection) })
      await expect(uploading).rejects.toMatchObject({ code: 'CONNECT' })
      expect(await readdir(account.home)).not.toContain('big')
      await rm(folder, { recursive: true })
    })
  })
})
