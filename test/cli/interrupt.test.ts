import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { transform } from 'esbuild'
import { describe, expect, it } from 'vitest'

type Child = ChildProcessByStdio<Writable, Readable, null>

/** A process that listens, says what it hears, and ends what it does when a line comes in. */
async function listen({ isTTY }: { readonly isTTY: boolean }): Promise<{
  readonly child: Child
  readonly next: () => Promise<string>
}> {
  const typed = await readFile(new URL('../../src/cli/interrupt.ts', import.meta.url), 'utf8')
  const { code } = await transform(typed, { loader: 'ts' })
  const script = `${code}
    const interrupt = listenForInterrupt([{ isTTY: ${isTTY} }])
    interrupt.draining.addEventListener('abort', () => console.log('draining ' + interrupt.draining.reason))
    process.on('SIGHUP', () => console.log('heard'))
    process.stdin.once('data', () => {
      process.removeAllListeners('SIGHUP')
      interrupt.close()
      console.log('closed')
      process.stdin.destroy()
    })
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  expect(await next()).toBe('ready')
  return { child, next }
}

describe('a run that is to end', () => {
  it('drains when its terminal hangs up, which may say so again, and ends by that signal', async () => {
    const { child, next } = await listen({ isTTY: true })
    child.kill('SIGHUP')
    expect([await next(), await next()]).toEqual(['draining SIGHUP', 'heard'])
    child.kill('SIGHUP')
    expect(await next()).toBe('heard')
    child.stdin.write('\n')
    expect(await next()).toBe('closed')
    expect(await once(child, 'exit')).toEqual([null, 'SIGHUP'])
  })

  it('goes on where somebody hangs up who is not its terminal, as with nohup', async () => {
    const { child, next } = await listen({ isTTY: false })
    child.kill('SIGHUP')
    expect(await next()).toBe('heard')
    child.kill('SIGTERM')
    expect(await next()).toBe('draining SIGTERM')
    child.stdin.write('\n')
    expect(await next()).toBe('closed')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('leaves at once at the second signal', async () => {
    const { child, next } = await listen({ isTTY: true })
    child.kill('SIGINT')
    expect(await next()).toBe('draining SIGINT')
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
  })
})
