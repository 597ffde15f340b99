import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { HostKeys } from '../../../src/connect/host-keys.ts'
import { openSsh, type SshConnection } from '../../../src/connect/ssh/connection.ts'
import { createSshGround, type SshGround } from '../../../src/connect/ssh/ground.ts'
import { wallClock } from '../../../src/connect/wall-clock.ts'
import { worldNetwork } from '../../../src/connect/world-network.ts'
import type { SshEndpoint, SshJump, SshWays } from '../../../src/model/endpoint.ts'
import { describeWith } from '../../support/require-server.ts'
import { addAccount, makeKey, sshd, startSshd, type Account, type Sshd, type SshdOptions } from './openssh.ts'
import { forever, secretOf } from './server.ts'

const run = promisify(execFile)

describeWith('sshd and the ways to it', sshd, (program) => {
  const closers: (() => unknown)[] = []
  let account: Account
  let folder: string
  let key: string
  let authorized: string

  beforeAll(async () => {
    account = await addAccount({ shell: '/bin/bash' })
    folder = await mkdtemp(join(tmpdir(), 'ways-'))
    // Its sshd reads the list of keys as the one who logs in.
    await chmod(folder, 0o755)
    key = join(folder, 'key')
    authorized = join(folder, 'authorized_keys')
    await writeFile(authorized, (await makeKey(key, 'open sesame')).publicKey)
  })

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })

  afterAll(async () => {
    await account.remove()
    await rm(folder, { recursive: true })
  })

  async function start(options?: SshdOptions): Promise<Sshd> {
    const server = await startSshd(program, options)
    closers.push(() => server.stop())
    return server
  }

  const byKey = (): SshdOptions => ({
    settings: [
      'PubkeyAuthentication yes',
      'KbdInteractiveAuthentication no',
      `AuthorizedKeysFile ${authorized}`,
      'StrictModes no',
    ],
  })

  function endpointOf(server: Sshd, ways: SshWays = {}): SshEndpoint {
    const { username, password } = account
    return { host: '127.0.0.1', port: server.port, username, password: secretOf(password), ways }
  }

  function ground(knownHosts: readonly string[] = []): SshGround {
    // Several servers, none of which is remembered.
    const nothing = (): Promise<void> => Promise.resolve()
    const hostKeys: HostKeys = {
      path: 'none',
      find: () => undefined,
      isAwaited: () => false,
      learn: nothing,
      forget: nothing,
    }
    const made = createSshGround({ network: worldNetwork, hostKeys, clock: wallClock, knownHosts })
    closers.push(() => made.close())
    return made
  }

  async function open(
    endpoint: SshEndpoint,
    {
      on = ground(),
      policy = 'first-use',
    }: { readonly on?: SshGround; readonly policy?: 'announced' | 'first-use' } = {},
  ): Promise<SshConnection> {
    const connection = await openSsh(endpoint, { ground: on, policy, signal: forever })
    closers.push(() => connection.close())
    return connection
  }

  async function whoIs(connection: SshConnection): Promise<string> {
    return (await connection.run('id -un', { signal: forever, seconds: 10 })).stdout.trim()
  }

  async function knownHosts(text: string): Promise<string> {
    const path = join(folder, `known-${Math.random()}`)
    await writeFile(path, text)
    return path
  }

  describe('lets somebody in', () => {
    it('by a key with a passphrase', async () => {
      const keys = [{ path: key, passphrase: secretOf('open sesame') }]
      expect(await whoIs(await open(endpointOf(await start(byKey()), { keys })))).toBe(account.username)
    })

    it('by a key of the agent', async () => {
      const socket = join(folder, 'agent')
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
      await once(agent.stdout, 'data')
      const before = process.env['SSH_AUTH_SOCK']
      process.env['SSH_AUTH_SOCK'] = socket
      closers.push(() => {
        agent.kill()
        if (before === undefined) delete process.env['SSH_AUTH_SOCK']
        else process.env['SSH_AUTH_SOCK'] = before
      })
      const bare = join(folder, 'open-key')
      await writeFile(bare, await readFile(key), { mode: 0o600 })
      await run('ssh-keygen', ['-q', '-p', '-P', 'open sesame', '-N', '', '-f', bare])
      await run('ssh-add', ['-q', bare])
      expect(await whoIs(await open(endpointOf(await start(byKey()), { agent: true })))).toBe(
        account.username,
      )
    })

    it('by a key and then the password where it wants both', async () => {
      const settings = [
        'AuthenticationMethods publickey,keyboard-interactive',
        'KbdInteractiveAuthentication yes',
        ...(byKey().settings ?? []),
      ]
      const keys = [{ path: key, passphrase: secretOf('open sesame') }]
      expect(await whoIs(await open(endpointOf(await start({ settings }), { keys })))).toBe(account.username)
    })

    it('who is nobody: says what was refused, and tries nothing twice', async () => {
      const stranger = join(folder, 'stranger')
      await makeKey(stranger)
      const server = await start({
        settings: [
          'KbdInteractiveAuthentication yes',
          ...(byKey().settings ?? []).filter((line) => !/Kbd/.test(line)),
        ],
      })
      const endpoint = { ...endpointOf(server, { keys: [{ path: stranger }] }), password: secretOf('wrong') }
      await expect(open(endpoint)).rejects.toMatchObject({
        code: 'AUTH',
        message: expect.stringMatching(/refused the key .*stranger and the password/),
      })
      await server.logged('Failed keyboard')
      const failed = (await server.logged('[preauth]')).filter((line) => line.startsWith('Failed keyboard'))
      expect(failed).toHaveLength(1)
    })

    it('never by a key that cannot be opened', async () => {
      const server = await start(byKey())
      await expect(open(endpointOf(server, { keys: [{ path: key }] }))).rejects.toMatchObject({
        code: 'CONFIG',
        hint: expect.stringContaining('passphrase'),
      })
    })

    it('with SHA-1 and CBC only where the inventory allows it', async () => {
      const server = await start({
        settings: ['Ciphers aes128-cbc', 'KexAlgorithms diffie-hellman-group14-sha1', 'MACs hmac-sha1'],
      })
      await expect(open(endpointOf(server))).rejects.toMatchObject({ code: 'CONNECT', kind: 'protocol' })
      expect(await whoIs(await open(endpointOf(server, { legacy: true })))).toBe(account.username)
    })
  })

  describe('is known by known_hosts', () => {
    it.each([
      ['plainly', (server: Sshd) => `[127.0.0.1]:${server.port} ${server.publicKey}\n`],
      ['by a pattern', (server: Sshd) => `# ours\n[127.0.0.*]:*,!127.0.0.9 ${server.publicKey} a comment\n`],
    ])('%s', async (_how, write) => {
      const server = await start()
      const path = await knownHosts(write(server))
      const connection = await open(endpointOf(server), { on: ground([path]), policy: 'announced' })
      expect(connection.fingerprint).toBe(server.fingerprint)
    })

    it('under a hashed name, as ssh-keygen -H writes it', async () => {
      const server = await start()
      const path = await knownHosts(`[127.0.0.1]:${server.port} ${server.publicKey}\n`)
      await run('ssh-keygen', ['-q', '-H', '-f', path])
      expect(await readFile(path, 'utf8')).toMatch(/^\|1\|/)
      const connection = await open(endpointOf(server), { on: ground([path]), policy: 'announced' })
      expect(connection.fingerprint).toBe(server.fingerprint)
    })

    it('by the type of key that stands there, though it has others', async () => {
      const rsa = join(folder, `rsa-${Math.random()}`)
      await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa])
      const server = await start({ settings: [`HostKey ${rsa}`] })
      const [type, base64] = (await readFile(`${rsa}.pub`, 'utf8')).split(' ')
      const path = await knownHosts(`[127.0.0.1]:${server.port} ${type} ${base64}\n`)
      const connection = await open(endpointOf(server), { on: ground([path]), policy: 'announced' })
      expect(connection.fingerprint).not.toBe(server.fingerprint)
    })

    it('as changed, with both fingerprints, and as revoked', async () => {
      const [server, other] = [await start(), await start()]
      const changed = await knownHosts(`[127.0.0.1]:${server.port} ${other.publicKey}\n`)
      await expect(open(endpointOf(server), { on: ground([changed]) })).rejects.toMatchObject({
        kind: 'host-key',
        message: expect.stringMatching(
          new RegExp(`${server.fingerprint.slice(7, 17).replaceAll(/[+/]/g, '.')}.*SHA256:`),
        ),
      })
      const revoked = await knownHosts(`@revoked * ${server.publicKey}\n`)
      await expect(open(endpointOf(server), { on: ground([revoked]) })).rejects.toMatchObject({
        kind: 'host-key',
        message: expect.stringContaining('was revoked'),
      })
    })
  })

  describe('behind jump hosts', () => {
    const jumpTo = (server: Sshd): SshJump => ({
      host: '127.0.0.1',
      port: server.port,
      username: account.username,
      password: secretOf(account.password),
      hostKey: 'announced',
      fingerprint: server.fingerprint,
    })

    it('is reached over a chain of two, each verified and connected to once', async () => {
      const [outer, inner, target] = [await start(), await start(), await start()]
      const jumps = [jumpTo(outer), jumpTo(inner)]
      const on = ground()
      const all = await Promise.all(
        Array.from({ length: 6 }, () => open(endpointOf(target, { jumps }), { on })),
      )
      expect(new Set(await Promise.all(all.map(whoIs)))).toEqual(new Set([account.username]))
      const accepted = (await outer.logged('Accepted')).filter((line) => line.startsWith('Accepted'))
      expect(accepted).toHaveLength(1)
    })

    it('is not talked to where a jump host shows another key', async () => {
      const [jump, target] = [await start(), await start()]
      const jumps = [{ ...jumpTo(jump), fingerprint: target.fingerprint }]
      await expect(open(endpointOf(target, { jumps }))).rejects.toMatchObject({
        code: 'CONNECT',
        kind: 'host-key',
        message: expect.stringContaining('cannot be reached over'),
      })
    })

    it('gives a wrong password to a jump host once, however many are behind it', async () => {
      const [jump, target] = [await start(), await start()]
      const jumps = [{ ...jumpTo(jump), password: secretOf('wrong') }]
      const on = ground()
      const opening = Array.from({ length: 4 }, () => open(endpointOf(target, { jumps }), { on }))
      for (const each of await Promise.allSettled(opening))
        expect(each).toMatchObject({ status: 'rejected', reason: { code: 'CONNECT' } })
      await expect(open(endpointOf(target, { jumps }), { on })).rejects.toMatchObject({ code: 'CONNECT' })
      const failed = (await jump.logged('authenticating user')).filter((line) => line.startsWith('Failed '))
      expect(failed).toHaveLength(1)
    })

    it('says where a jump host forwards nothing', async () => {
      const [jump, target] = [await start({ settings: ['AllowTcpForwarding no'] }), await start()]
      await expect(open(endpointOf(target, { jumps: [jumpTo(jump)] }))).rejects.toMatchObject({
        code: 'CONNECT',
        hint: expect.stringContaining('forwarding'),
      })
    })
  })

  it('is reached as an ssh_config says, over its ProxyJump', async () => {
    const [jump, target] = [await start(byKey()), await start()]
    const bare = join(folder, 'config-key')
    await writeFile(bare, await readFile(key), { mode: 0o600 })
    await run('ssh-keygen', ['-q', '-p', '-P', 'open sesame', '-N', '', '-f', bare])
    const known = await knownHosts(
      `[127.0.0.1]:${jump.port} ${jump.publicKey}\n[127.0.0.1]:${target.port} ${target.publicKey}\n`,
    )
    await writeFile(
      join(folder, 'included'),
      `Host bastion\n  HostName 127.0.0.1\n  Port ${jump.port}\n  User ${account.username}\n  IdentityFile ${bare}\n`,
    )
    const config = join(folder, 'ssh_config')
    await writeFile(
      config,
      [
        `Include ${join(folder, 'inclu*')}`,
        `UserKnownHostsFile ${known}`,
        `Match exec "touch ${join(folder, 'executed')}"`,
        '  User somebody-else',
        'Host edge',
        '  HostName 127.0.0.1',
        `  Port ${target.port}`,
        `  User ${account.username}`,
        '  ProxyJump bastion',
      ].join('\n'),
    )
    const endpoint = {
      ...endpointOf(target, { host: 'edge', config }),
      host: '10.84.0.110',
      port: 22,
      username: 'x',
    }
    const connection = await open(endpoint, { policy: 'announced' })
    expect(await whoIs(connection)).toBe(account.username)
    await expect(readFile(join(folder, 'executed'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(userInfo().username).not.toBe(account.username)
  })

  it('lets everybody in at last though it turns most away at first', async () => {
    const server = await start({ settings: ['MaxStartups 3:50:5'] })
    // Grounds of their own, as runs on other machines are.
    const all = await Promise.all(
      Array.from({ length: 12 }, () => open(endpointOf(server), { on: ground() })),
    )
    expect(all.every((connection) => connection.isOpen())).toBe(true)
  })
})
