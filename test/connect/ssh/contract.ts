import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import type { SshWriter } from '../../../src/connect/appliance.ts'
import type { SshConnection } from '../../../src/connect/ssh/connection.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { sh, type CommandLine } from '../../../src/shell/sh.ts'
import { forever } from './server.ts'

/** A server that somebody is logged in to, whatever it is. */
export interface Contracted {
  readonly connection: SshConnection
  readonly session: SshWriter
  readonly username: string
  /** A folder there that may be written. */
  readonly folder: string
  /** A service of the server’s: what starts it, what succeeds while it runs, and what stops it. All want root. */
  readonly service: Readonly<Record<'start' | 'runs' | 'stop', CommandLine>>
}

const signal = forever

/** A prompt that nobody knows is waited for a little less long. */
export const hurried = createLabClock(5)

/** What every server does for us: real ones in every shell, and the lab’s in every dialect. Where they differ, the lab is wrong. */
export function holdContract(take: () => Contracted): void {
  let local: string

  beforeAll(async () => {
    local = await mkdtemp(join(tmpdir(), 'contract-'))
  })

  afterAll(() => rm(local, { recursive: true }))

  it('gives both streams and the exit code', async () => {
    const { session } = take()
    const result = await session.run(sh`echo out; echo err >&2; exit 3`, { signal })
    expect(result).toEqual({ kind: 'exited', code: 3, stdout: 'out\n', stderr: 'err\n', truncated: false })
  })

  it('leaves every word as it is', async () => {
    const words = [`it's`, '"$HOME" `id`', '!! !x ^a^b', '~ * ? [a] {a,b}', 'a\\nb\\', '', ';&|<>()#', 'ü€']
    for (const word of words) {
      const { stdout } = await take().session.run(sh`echo ${`<${word}>`} | cat`, { signal })
      // Whether \n is two characters or one is the business of each echo.
      expect(stdout.replace('a\nb\\', 'a\\nb\\')).toBe(`<${word}>\n`)
    }
  })

  it('asks several things in one round trip', async () => {
    const { session, username } = take()
    const commands = { who: sh`whoami`, no: sh`false`, missing: sh`no-such-program`, quiet: sh`true` }
    expect(await session.query(commands, { signal })).toEqual({
      who: { code: 0, output: `${username}\n` },
      no: { code: 1, output: '' },
      missing: { code: 127, output: expect.stringContaining('not found') },
      quiet: { code: 0, output: '' },
    })
  })

  it('runs many commands at once, none of which sees another', async () => {
    const { session } = take()
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) => session.run(sh`cd /; X=${index}; echo $X`, { signal })),
    )
    expect(results.map(({ stdout }) => Number(stdout))).toEqual(results.map((_, index) => index))
    expect((await session.run(sh`echo "[$X]"`, { signal })).stdout).toBe('[]\n')
  })

  it('becomes root with the password on its input, which the command does not read', async () => {
    const { session } = take()
    const result = await session.run(sh`whoami; cat`, { signal, sudo: true })
    expect(result).toMatchObject({ kind: 'exited', code: 0, stdout: 'root\n' })
  })

  it('ends no service that a command has started', async () => {
    const { session, service } = take()
    const options = { signal, sudo: true }
    expect(await session.run(service.start, options)).toMatchObject({ kind: 'exited', code: 0 })
    expect(await session.run(service.runs, options)).toMatchObject({ kind: 'exited', code: 0 })
    await session.run(service.stop, options)
  })

  it('answers a command on a terminal', async () => {
    const { transcript } = await take().session.converse(
      sh`echo -n 'Gateway: '; read gateway; echo; echo "[$gateway]"`,
      {
        signal,
        dialogue: {
          rules: [{ name: 'gateway', prompt: /Gateway: ?$/, answer: '10.84.0.1' }],
          failures: [],
          successes: [/\[10\.84\.0\.1\]/],
        },
      },
    )
    expect(transcript).toContain('[10.84.0.1]')
  })

  it('ends a command on the terminal that asks what nobody knows', async () => {
    const dialogue = { rules: [], failures: [], successes: [] }
    const asking = take().session.converse(sh`echo -n 'Favourite colour: '; read colour`, {
      signal,
      dialogue,
    })
    await expect(asking).rejects.toThrow(/Favourite colour:/)
  })

  it.each([0, 1, 70_001])('takes a file of %i bytes, and the same one not again', async (length) => {
    const { connection, session, folder } = take()
    const [file, to] = [join(local, 'bundle.zip'), `${folder}/it's a bundle-${length}`]
    await writeFile(file, randomBytes(length))
    const seen: number[] = []
    const progress = ({ done }: { readonly done: number }): number => seen.push(done)
    await connection.upload(file, { to, signal, progress })
    expect(seen.at(-1) ?? 0).toBe(length)
    const { stdout } = await session.run(sh`wc -c <${to}; ls ${folder}`, { signal })
    expect(Number(stdout.split('\n')[0])).toBe(length)
    expect(stdout).not.toContain('.part')
    seen.length = 0
    await connection.upload(file, { to, signal, progress })
    expect(seen).toEqual([length])
  })

  it('says why it takes no file', async () => {
    const { connection, folder } = take()
    const file = join(local, 'refused')
    await writeFile(file, 'x')
    await expect(connection.upload(file, { to: '/etc/refused', signal })).rejects.toMatchObject({
      code: 'COMMAND',
      message: expect.stringMatching(/permission denied/i),
    })
    await expect(connection.upload(file, { to: `${folder}/nowhere/file`, signal })).rejects.toMatchObject({
      code: 'COMMAND',
      message: expect.stringMatching(/no such file/i),
    })
  })
}
