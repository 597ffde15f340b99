import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { absentOperator, createTerminalOperator } from '../../src/cli/terminal-operator.ts'
import type { Operator } from '../../src/model/operator.ts'

const { signal } = new AbortController()

/** Lines are edited, and Ctrl-C and Ctrl-D mean something, where the output is a terminal. */
const asTerminal = (output: PassThrough): PassThrough => Object.assign(output, { isTTY: true, columns: 80 })

describe('the person at the terminal', () => {
  let folder: string
  let input: PassThrough
  let output: PassThrough
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'operator-'))
    input = new PassThrough()
    output = new PassThrough()
    output.resume()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('has done a task when Enter is pressed', async () => {
    const done = createTerminalOperator({ input, output }).perform(
      { title: 't', instructions: [] },
      { signal },
    )
    input.write('\n')
    expect(await done).toBe(true)
  })

  it('has done a task when the awaited file appears', async () => {
    const awaits = join(folder, 'certificate.zip')
    const done = createTerminalOperator({ input, output }).perform(
      { title: 't', instructions: [], awaits },
      { signal },
    )
    // The watch starts at some moment after the call: the file keeps coming and going until it is seen.
    const state = { seen: false }
    const finished = done.finally(() => {
      state.seen = true
    })
    while (!state.seen) {
      await rm(awaits, { force: true })
      await writeFile(awaits, 'zip')
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await finished).toBe(true)
  })

  it('is asked again after an answer that is none', async () => {
    const operator = createTerminalOperator({ input, output })
    const first = operator.confirm('Go on?', { signal })
    input.write('maybe\n')
    await new Promise((resolve) => setImmediate(resolve))
    input.write('all\n')
    expect(await first).toBe('all')
  })

  it('has agreed only when exactly the text was typed, and not at all by an empty line', async () => {
    const operator = createTerminalOperator({ input, output })
    const task = { title: 't', instructions: [], types: 'fra-1' }
    const first = operator.perform(task, { signal })
    for (const line of ['yes\n', 'fra-11\n', 'FRA-1\n', 'fra-1\n']) {
      input.write(line)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await first).toBe(true)
    const second = operator.perform(task, { signal })
    input.write('\n')
    expect(await second).toBe(false)
  })

  it.each([
    ['a yes or no', 'no', (operator: Operator) => operator.confirm('Go on?', { signal })],
    ['a task', false, (operator: Operator) => operator.perform({ title: 't', instructions: [] }, { signal })],
    [
      'a name to type',
      false,
      (operator: Operator) => operator.perform({ title: 't', instructions: [], types: 'fra-1' }, { signal }),
    ],
  ] as const)('declines %s by ending the input', async (_, declined, ask) => {
    const answer = ask(createTerminalOperator({ input, output: asTerminal(output) }))
    input.write('\u0004')
    expect(await answer).toBe(declined)
    const other = new PassThrough()
    const lost = ask(createTerminalOperator({ input: other, output }))
    other.end()
    expect(await lost).toBe(declined)
  })

  it('stops the whole run with Ctrl-C at a question', async () => {
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort('SIGINT'))
    const answer = createTerminalOperator({ input, output: asTerminal(output) }).confirm('Go on?', stop)
    input.write('\u0003')
    await expect(answer).rejects.toThrowError()
    expect(stop.signal.reason).toBe('SIGINT')
  })

  it('is not waited for once the run is interrupted', async () => {
    const stop = new AbortController()
    const done = createTerminalOperator({ input, output }).confirm('Go on?', { signal: stop.signal })
    stop.abort()
    await expect(done).rejects.toThrowError()
  })

  it('is nobody off a terminal', async () => {
    expect(await absentOperator.perform({ title: 't', instructions: [] }, { signal })).toBe(false)
    expect(await absentOperator.confirm('?', { signal })).toBe('nobody')
  })
})
