import { setMaxListeners } from 'node:events'
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runLocal } from '../../src/connect/local.ts'
import type { LocalCommand } from '../../src/connect/local.ts'
import { ConnectError, TimeoutError } from '../../src/model/error.ts'
import { documentedSecret } from '../../src/model/secret.ts'

const { signal } = new AbortController()
// As many commands as a test likes may listen to it.
setMaxListeners(0, signal)
const node = process.execPath
const script = (text: string, ...args: readonly string[]): LocalCommand => ({
  program: 'sh',
  args: ['-c', text, 'sh', ...args],
})

let folder: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'local-')))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Whether a process is there; one that has ended but was not waited for counts as gone. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') S')
  return !/\) Z/.test(stat)
}

/** Resolves when `check` holds; looks again after other work had its turn. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setImmediate(resolve))
}

describe('runLocal', () => {
  it('gives the exit code and both streams', async () => {
    const result = await runLocal(script('echo out; echo err >&2; exit 3'), { signal })
    expect(result).toEqual({ kind: 'exited', code: 3, stdout: 'out\n', stderr: 'err\n', truncated: false })
  })

  it('hands arguments over exactly as they are', async () => {
    const echo = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
    const word = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '!', '$', '`', ';', ' ', '\n', '*', '~', 'a', 'b', '-'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 20 }), async (args) => {
        const result = await runLocal({ program: node, args: ['-e', echo, '--', ...args] }, { signal })
        expect(JSON.parse(result.stdout)).toEqual(args)
      }),
      { numRuns: 8 },
    )
  })

  it('says which signal ended a command', async () => {
    expect(await runLocal(script('echo x; kill -9 $$'), { signal })).toEqual({
      kind: 'signalled',
      signal: 'SIGKILL',
      stdout: 'x\n',
      stderr: '',
      truncated: false,
    })
  })

  it('feeds the standard input, text or bytes or secret', async () => {
    for (const stdin of ['a b', Buffer.from('a b'), documentedSecret('a b')]) {
      expect(await runLocal({ program: 'cat', args: [], stdin }, { signal })).toMatchObject({
        code: 0,
        stdout: 'a b',
      })
    }
  })

  it('gives a command without input an input at its end', async () => {
    expect(await runLocal({ program: 'cat', args: [] }, { signal })).toMatchObject({ code: 0, stdout: '' })
    expect(await runLocal({ program: 'cat', args: [], stdin: '' }, { signal })).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  it('survives a command that does not read its input', async () => {
    const stdin = Buffer.alloc(4 * 1024 * 1024, 'x')
    expect(await runLocal({ ...script('exec <&-; exit 4'), stdin }, { signal })).toMatchObject({ code: 4 })
  })

  it('adds variables and takes variables away', async () => {
    const env = { ADDED: 'a $b', SECRET: documentedSecret('s'), HOME: undefined }
    const result = await runLocal(
      { ...script('printf "%s|%s|%s" "$ADDED" "$SECRET" "${HOME-none}"'), env },
      { signal },
    )
    expect(result.stdout).toBe('a $b|s|none')
  })

  it('starts in the directory that it is given, and looks for relative programs there', async () => {
    await symlink('/bin/pwd', join(folder, 'where'))
    expect(await runLocal({ program: './where', args: ['-P'], cwd: folder }, { signal })).toMatchObject({
      stdout: `${folder}\n`,
    })
  })

  it('looks for programs on the path that the command gets', async () => {
    await writeFile(join(folder, 'my tool'), '#!/bin/sh\necho "mine: $1"\n', { mode: 0o755 })
    const env = { PATH: `${folder}:/bin:/usr/bin` }
    expect(await runLocal({ program: 'my tool', args: ["it's"], env }, { signal })).toMatchObject({
      stdout: "mine: it's\n",
    })
  })

  it('keeps the end of output without end, of each stream', async () => {
    const text =
      'process.stdout.write("x".repeat(5e6) + "last"); process.stderr.write("y".repeat(5e6) + "LAST")'
    const result = await runLocal({ program: node, args: ['-e', text] }, { signal, keep: 1000 })
    expect(result).toMatchObject({ kind: 'exited', code: 0, truncated: true })
    expect(result.stdout).toHaveLength(1000)
    expect(result.stdout.endsWith('xlast')).toBe(true)
    expect(result.stderr.endsWith('yLAST')).toBe(true)
  })

  it('refuses a program that does not exist, in whatever way it is named', async () => {
    for (const program of ['no-such-program', './no-such', '/no/such', folder]) {
      const failure = runLocal({ program, args: [] }, { signal })
      await expect(failure).rejects.toThrow(ConnectError)
      await expect(failure).rejects.toMatchObject({
        kind: 'absent',
        message: expect.stringContaining(program) as string,
      })
    }
  })

  it('refuses a directory that does not exist', async () => {
    const failure = runLocal({ program: 'true', args: [], cwd: '/no/such/place' }, { signal })
    await expect(failure).rejects.toMatchObject({
      kind: 'absent',
      message: expect.stringMatching(/\/no\/such\/place/) as string,
    })
  })

  it('does not start once the signal is aborted', async () => {
    const reason = new Error('stop')
    const file = join(folder, 'started')
    await expect(runLocal(script('touch "$1"', file), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    await expect(readFile(file)).rejects.toThrow(/ENOENT/)
  })

  it('ends the command and what it started when the signal is aborted, with the signal’s reason', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const file = join(folder, 'pids')
    const running = runLocal(script('sleep 1000 & echo "$$ $!" > "$1"; wait', file), { signal: stop.signal })
    const read = async (): Promise<string> => readFile(file, 'utf8').catch(() => '')
    await until(async () => (await read()).endsWith('\n'))
    const pids = (await read()).split(' ').map(Number)
    stop.abort(reason)
    await expect(running).rejects.toBe(reason)
    for (const pid of pids) await until(async () => !(await isAlive(pid)))
  })

  it('ends a command that takes too long', async () => {
    const failure = runLocal(script('exec sleep 1000'), { signal, timeout: 20 })
    await expect(failure).rejects.toThrow(TimeoutError)
    await expect(failure).rejects.toThrow(/sh did not end within 20 ms/)
  })

  it('ends by force what does not want to end', async () => {
    const stubborn = "process.on('SIGTERM', () => {}); process.stdout.write('x'); setInterval(() => {}, 1000)"
    await expect(
      runLocal({ program: node, args: ['-e', stubborn] }, { signal, timeout: 200, grace: 50 }),
    ).rejects.toThrow(TimeoutError)
  })

  it('does not wait for ever for something that left its group and holds the output open', async () => {
    const file = join(folder, 'escaped')
    const leave = `const child = require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'inherit' })
      require('fs').writeFileSync(${JSON.stringify(file)}, String(child.pid)); setInterval(() => {}, 1000)`
    const stop = new AbortController()
    const running = runLocal({ program: node, args: ['-e', leave] }, { signal: stop.signal, grace: 50 })
    const read = async (): Promise<string> => readFile(file, 'utf8').catch(() => '')
    await until(async () => (await read()) !== '')
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    process.kill(Number(await read()), 'SIGKILL')
  })

  it('runs many at once without mixing them up', async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        runLocal(script('echo "$1"; exit "$1"', String(index)), { signal }),
      ),
    )
    expect(results.map((result) => [result.kind, result.stdout])).toEqual(
      results.map((_, index) => ['exited', `${index}\n`]),
    )
  })
})
