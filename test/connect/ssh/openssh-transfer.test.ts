import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { openSsh, type SshConnection } from '../../../src/connect/ssh/connection.ts'
import { createSshGround } from '../../../src/connect/ssh/ground.ts'
import { createSshSession } from '../../../src/connect/ssh/session.ts'
import type { SshTimeouts } from '../../../src/connect/ssh/timeouts.ts'
import { wallClock } from '../../../src/connect/wall-clock.ts'
import { worldNetwork } from '../../../src/connect/world-network.ts'
import type { CommandResult } from '../../../src/model/command-result.ts'
import { sh } from '../../../src/shell/sh.ts'
import { describeWith } from '../../support/require-server.ts'
import { IS_THOROUGH } from '../../support/thorough.ts'
import { addAccount, linkPrograms, sshd, startSshd, type Account, type SshdOptions } from './openssh.ts'
import { forever, memoryKeys, secretOf } from './server.ts'

const run = promisify(execFile)

const FREEBSD_TIMEOUT = join(import.meta.dirname, 'freebsd-timeout.pl')

/** What a shell needs to receive a file by, beside its builtins. */
const FEW = ['sh', 'cat', 'wc', 'mv', 'rm', 'true', 'sha256sum', 'grep', 'sleep', 'dd', 'df']

const endOf = (result: CommandResult): string | undefined =>
  result.kind === 'signalled' ? result.signal : undefined

/** Waits until a process has ended; whose child it was may take its time to notice. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX')
    if (/^State:\t[XZ]/m.test(status)) return true
    await setTimeout(50)
  }
  return false
}

describeWith('sshd and what it can', sshd, (program) => {
  const closers: (() => unknown)[] = []
  let account: Account
  let restricted: Account
  let folder: string
  let path: string

  beforeAll(async () => {
    account = await addAccount({ shell: '/bin/bash' })
    restricted = await addAccount({ shell: '/bin/rbash' })
    folder = await mkdtemp(join(tmpdir(), 'transfer-'))
    path = await linkPrograms(FEW)
  })

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
    for (const name of await readdir(account.home)) await rm(join(account.home, name), { recursive: true })
  })

  afterAll(async () => {
    await account.remove()
    await restricted.remove()
    await rm(folder, { recursive: true })
    await rm(path, { recursive: true })
  })

  async function open(
    options: SshdOptions = {},
    as = account,
    timeouts?: Partial<SshTimeouts>,
  ): Promise<SshConnection> {
    const server = await startSshd(program, options)
    closers.push(() => server.stop())
    const { fingerprint } = server
    const ground = createSshGround({
      network: worldNetwork,
      hostKeys: memoryKeys({ fingerprint, source: 'console' }),
      clock: wallClock,
      knownHosts: [],
    })
    const connection = await openSsh(
      { host: '127.0.0.1', port: server.port, username: as.username, password: secretOf(as.password) },
      { ground, policy: 'announced', signal: forever, timeouts },
    )
    closers.push(() => connection.close())
    return connection
  }

  async function fileOf(content: Buffer): Promise<string> {
    const file = join(folder, `file-${randomBytes(4).toString('hex')}`)
    await writeFile(file, content)
    return file
  }

  /** Uploads, checks what arrived, and gives what progress told. */
  async function deliver(
    connection: SshConnection,
    content: Buffer,
    as = account,
  ): Promise<readonly number[]> {
    const to = join(as.home, 'bundle.zip')
    const seen: number[] = []
    const file = await fileOf(content)
    await connection.upload(file, { to, signal: forever, progress: ({ done }) => seen.push(done) })
    expect((await readFile(to)).equals(content)).toBe(true)
    expect((await readdir(as.home)).filter((name) => name.endsWith('.part'))).toEqual([])
    return seen
  }

  const ways: readonly (readonly [string, SshdOptions])[] = [
    ['SFTP', {}],
    ['SFTP on a server that runs nothing else', { settings: ['ForceCommand internal-sftp'] }],
    ['scp where there is no SFTP', { sftp: false }],
    ['SFTP and commands that take turns in one session', { settings: ['MaxSessions 1'] }],
  ]

  describe('a file is uploaded', () => {
    it.each(ways)('by %s', async (_how, options) => {
      const connection = await open(options)
      for (const length of [0, 1, 300_001]) {
        const seen = await deliver(connection, randomBytes(length))
        expect(seen.at(-1) ?? 0).toBe(length)
      }
      expect((await stat(join(account.home, 'bundle.zip'))).mode & 0o777).toBe(0o600)
    })

    it('by cat where there is neither SFTP nor scp, nor anything that ends commands', async () => {
      const connection = await open({ sftp: false, settings: [`SetEnv PATH=${path}`] })
      expect(await connection.speech({ signal: forever })).toEqual({ kind: 'sh', watchdog: 'shell' })
      for (const length of [0, 1, 300_001]) await deliver(connection, randomBytes(length))
    })

    it('never to its final name where nothing there can tell its hash', async () => {
      const links = await linkPrograms(FEW.filter((name) => name !== 'sha256sum'))
      closers.push(() => rm(links, { recursive: true }))
      const connection = await open({ settings: [`SetEnv PATH=${links}`] })
      const to = join(account.home, 'bundle.zip')
      const uploading = connection.upload(await fileOf(randomBytes(1000)), { to, signal: forever })
      await expect(uploading).rejects.toMatchObject({
        code: 'COMMAND',
        message: expect.stringContaining('SHA-256 unknown'),
        hint: expect.stringContaining('sha256sum'),
      })
      expect(await readdir(account.home)).toEqual([])
    })

    it('only once: what is there already is not sent again', async () => {
      const connection = await open()
      const content = randomBytes(3_000_000)
      expect((await deliver(connection, content)).length).toBeGreaterThan(1)
      expect(await deliver(connection, content)).toEqual([content.length])
    })

    it.each(ways.filter(([how]) => !how.startsWith('scp')))(
      'from where it was cut off, by %s',
      async (_how, options) => {
        const connection = await open(options)
        const content = randomBytes(12_000_000)
        const hash = createHash('sha256').update(content).digest('hex')
        const part = join(account.home, `bundle.zip.${hash.slice(0, 12)}.part`)
        await writeFile(part, content.subarray(0, 8_000_000))
        await chmod(part, 0o666)
        const [first = 0] = await deliver(connection, content)
        // Not far before the end of what was there.
        expect(first).toBeGreaterThan(3_500_000)
      },
    )

    it('from its beginning where what came earlier is not the same', async () => {
      const connection = await open()
      const content = randomBytes(12_000_000)
      const hash = createHash('sha256').update(content).digest('hex')
      const part = join(account.home, `bundle.zip.${hash.slice(0, 12)}.part`)
      await writeFile(part, randomBytes(8_000_000))
      await chmod(part, 0o666)
      const seen = await deliver(connection, content)
      expect(seen.at(-1)).toBe(content.length)
    })

    it.each([
      ['SFTP', {}],
      ['SFTP alone', { settings: ['ForceCommand internal-sftp'] }],
      ['scp', { sftp: false }],
      ['cat', { sftp: false, few: true }],
    ])(
      'by %s onto a full disk: says so, and leaves nothing behind',
      async (_how, { few = false, ...options }: SshdOptions & { few?: boolean }) => {
        const disk = join(account.home, 'disk')
        await mkdir(disk)
        await run('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=777', 'tmpfs', disk])
        closers.unshift(() => run('umount', [disk]))
        const connection = await open({ ...options, ...(few ? { settings: [`SetEnv PATH=${path}`] } : {}) })
        const uploading = connection.upload(await fileOf(randomBytes(2_000_000)), {
          to: join(disk, 'bundle.zip'),
          signal: forever,
        })
        await expect(uploading).rejects.toMatchObject({
          code: 'COMMAND',
          message: expect.stringMatching(/no space left/i),
          hint: expect.stringContaining('make room'),
        })
        expect(await readdir(disk)).toEqual([])
      },
    )
  })

  describe('a command that does not end', () => {
    const few = (more: readonly string[]): Promise<string> => linkPrograms([...FEW, 'ps', 'bash', ...more])

    it.each([
      ['timeout', [['timeout'], 'timeout-foreground']],
      ['perl', [['perl'], 'perl']],
      ['sh alone', [[], 'shell']],
    ] as const)('is ended there by %s, though nobody asks any more', async (_how, [more, watchdog]) => {
      const links = await few(more)
      closers.push(() => rm(links, { recursive: true }))
      const connection = await open({ settings: [`SetEnv PATH=${links}`] })
      expect(await connection.speech({ signal: forever })).toEqual({ kind: 'sh', watchdog })
      const mark = join(account.home, 'alive')
      const text = `echo $$; while true; do echo x >>${mark}; sleep 0.1; done`
      for (const onOutput of [undefined, () => undefined]) {
        // In the shell that stays, then on a channel of its own.
        const result = await connection.run(text, { signal: forever, seconds: 1, onOutput })
        // The watchdog’s own end is what a channel of its own sees.
        expect([137, 'SIGKILL']).toContain(result.kind === 'exited' ? result.code : endOf(result))
        const pid = Number(result.stdout.trim())
        await expect(isGone(pid)).resolves.toBe(true)
      }
      expect(await connection.run('echo still here', { signal: forever, seconds: 5 })).toMatchObject({
        stdout: 'still here\n',
      })
    })

    it('is given up where it says nothing for too long', async () => {
      const connection = await open()
      const quiet = connection.run('sleep 5', { signal: forever, seconds: 5, firstByte: 0.2 })
      await expect(quiet).rejects.toMatchObject({ code: 'TIMEOUT' })
      const stalled = connection.run('echo x; sleep 5', {
        signal: forever,
        seconds: 5,
        firstByte: 5,
        idle: 0.2,
      })
      await expect(stalled).rejects.toMatchObject({ code: 'TIMEOUT' })
      expect(await connection.run('echo here', { signal: forever, seconds: 5 })).toMatchObject({
        stdout: 'here\n',
      })
    })
  })

  describe('a service that a command has started', () => {
    const sessionOf = (connection: SshConnection) =>
      createSshSession(connection, {
        name: 'lab-1-a',
        password: secretOf(account.password),
        trace: () => undefined,
      })

    const FREEBSD = ['FreeBSD’s timeout', ['perl', 'pgrep'], 'timeout-foreground'] as const
    const others = [
      ['timeout', ['timeout'], 'timeout-foreground'],
      ['perl', ['perl'], 'perl'],
      ['sh alone', [], 'shell'],
    ] as const

    it.each([FREEBSD, ...(IS_THOROUGH ? others : [])])(
      'is neither waited for nor ended by %s',
      async (how, more, watchdog) => {
        const links = await linkPrograms([...FEW, 'setsid', 'env', ...more])
        closers.push(() => rm(links, { recursive: true }))
        if (how === FREEBSD[0]) await copyFile(FREEBSD_TIMEOUT, join(links, 'timeout'))
        const connection = await open({ settings: [`SetEnv PATH=${links}`] })
        expect(await connection.speech({ signal: forever })).toEqual({ kind: 'sh', watchdog })
        for (const onOutput of [undefined, () => undefined]) {
          // In the shell that stays, then on a channel of its own.
          const result = await sessionOf(connection).run(sh`setsid sleep 60 >/dev/null 2>&1 & echo $!`, {
            signal: forever,
            ...(onOutput === undefined ? {} : { onOutput }),
          })
          expect(result).toMatchObject({ kind: 'exited', code: 0 })
          // It throws where there is no such process.
          process.kill(Number(result.stdout))
        }
      },
    )

    it('is ended together with a question by FreeBSD’s timeout', async () => {
      const links = await linkPrograms([...FEW, 'setsid', 'perl', 'env', 'pgrep'])
      closers.push(() => rm(links, { recursive: true }))
      await copyFile(FREEBSD_TIMEOUT, join(links, 'timeout'))
      const connection = await open({ settings: [`SetEnv PATH=${links}`] })
      const text = 'setsid sleep 60 >/dev/null 2>&1 & echo $!'
      const result = await connection.run(text, { signal: forever, seconds: 1 })
      expect(result).toMatchObject({ kind: 'exited', code: 124 })
      await expect(isGone(Number(result.stdout))).resolves.toBe(true)
    })

    it('may keep its output', async () => {
      const connection = await open({}, account, { leftovers: 0.3 })
      const result = await sessionOf(connection).run(sh`echo begun; setsid sleep 60 & echo $!`, {
        signal: forever,
        onOutput: () => undefined,
      })
      expect(result).toMatchObject({
        kind: 'exited',
        code: 0,
        stdout: expect.stringMatching(/^begun\n\d+\n$/),
      })
      process.kill(Number(result.stdout.split('\n')[1]))
    })
  })

  describe('a restricted shell', () => {
    it('runs single commands, and one query as several', async () => {
      const links = await linkPrograms(['cat', 'id', 'wc', 'rm', 'mv', 'sha256sum'])
      closers.push(() => rm(links, { recursive: true }))
      // What is in a folder of its own choosing it must not start: not even the usual sftp-server.
      const settings = [`SetEnv PATH=${links}`, 'Subsystem sftp internal-sftp']
      const connection = await open({ settings, sftp: false }, restricted)
      expect(await connection.speech({ signal: forever })).toEqual({ kind: 'bare' })
      const session = createSshSession(connection, {
        name: 'lab-1-a',
        password: secretOf(restricted.password),
        trace: () => undefined,
      })
      const answers = await session.query({ who: sh`id -un`, no: sh`cat /no/such` }, { signal: forever })
      expect(answers).toMatchObject({ who: { code: 0, output: `${restricted.username}\n` }, no: { code: 1 } })
      await deliver(connection, randomBytes(100_000), restricted)
    })
  })

  it('keeps the commands of one target apart in the shell that stays', async () => {
    const connection = await open()
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        connection.run(`cd /; X=${index}; printf %s $X; exit ${index}`, { signal: forever, seconds: 10 }),
      ),
    )
    expect(results).toMatchObject(results.map((_, index) => ({ code: index, stdout: String(index) })))
    const after = await connection.run('pwd; echo "[$X]"', { signal: forever, seconds: 10 })
    expect(after.stdout).toBe(`${account.home}\n[]\n`)
  })

  it('goes on in a new shell where a command ends the one that stays', async () => {
    const connection = await open()
    await appendFile(join(account.home, 'x'), '')
    const killed = await connection.run('kill -KILL $(ps -o ppid= -p $PPID)', {
      signal: forever,
      seconds: 10,
    })
    expect(killed.kind).toBe('lost')
    expect(await connection.run('echo here', { signal: forever, seconds: 5 })).toMatchObject({
      stdout: 'here\n',
    })
  })
})
