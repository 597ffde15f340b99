import { afterEach, describe, expect, test } from 'vitest'

import { openSsh } from '../../../src/connect/ssh/connection.ts'
import { createSshSession } from '../../../src/connect/ssh/session.ts'
import { sh } from '../../../src/shell/sh.ts'
import {
  forever,
  groundOf,
  secretOf,
  servingShell,
  startServer,
  type OnExec,
  type Printed,
} from './server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function sessionOn(onExec: OnExec, { slow }: { slow?: number } = {}) {
  const traced: string[] = []
  const server = await startServer(slow === undefined ? { onExec } : { onExec, slow })
  closers.push(() => server.close())
  const password = secretOf('right')
  const connection = await openSsh(
    { host: '127.0.0.1', port: server.port, username: 'zsroot', password },
    { ground: groundOf(), policy: 'first-use', signal: forever },
  )
  closers.push(() => connection.close())
  const trace = (_level: 1 | 2, text: string): void => void traced.push(text)
  return { session: createSshSession(connection, { name: 'lab-1-a', password, trace }), traced }
}

/** Answers each of the joined commands with its own text and code. */
function answer(line: string, answers: readonly (readonly [string, number])[]): Printed {
  const mark = /echo (==[0-9a-f]+):/.exec(line)?.[1] ?? ''
  return { stdout: answers.map(([text, code]) => `${text}${mark}:${code}\n`).join('') }
}

describe('a query', () => {
  test('asks everything in one round trip and takes it apart again', async () => {
    let calls = 0
    const { session } = await sessionOn(
      servingShell((line) => {
        calls += 1
        return answer(line, [
          ['one\n', 0],
          ['', 1],
          ['no line break', 127],
        ])
      }),
    )
    const answers = await session.query(
      { a: sh`echo one`, b: sh`false`, c: sh`nothing` },
      { signal: forever },
    )
    expect(answers).toEqual({
      a: { code: 0, output: 'one\n' },
      b: { code: 1, output: '' },
      c: { code: 127, output: 'no line break' },
    })
    expect(calls).toBe(1)
  })

  test('whose output was cut off is a ConnectError', async () => {
    const { session } = await sessionOn(servingShell((line) => answer(line, [['one\n', 0]])))
    await expect(session.query({ a: sh`echo one`, b: sh`false` }, { signal: forever })).rejects.toMatchObject(
      { code: 'CONNECT', kind: 'protocol' },
    )
  })

  test('whose connection breaks is a ConnectError', async () => {
    const { session } = await sessionOn(servingShell((_line, { socket }) => void socket.destroy()))
    await expect(session.query({ a: sh`echo` }, { signal: forever })).rejects.toMatchObject({
      code: 'CONNECT',
    })
  })

  test('that prints more than is kept is a ConnectError: what it began with is lost', async () => {
    const flood = `tcp 10.84.0.111.20017 104.129.195.85.9422 ESTABLISHED\n${'x'.repeat(1024 * 1024)}\n`
    const { session } = await sessionOn(servingShell((line) => answer(line, [[flood, 0]])))
    await expect(
      session.query({ links: sh`vzen troubleshoot netstat` }, { signal: forever }),
    ).rejects.toMatchObject({
      code: 'CONNECT',
      kind: 'protocol',
      message: expect.stringContaining('vzen troubleshoot netstat'),
    })
  })

  test('that takes too long is a TimeoutError', async () => {
    const { session } = await sessionOn(servingShell(() => undefined))
    await expect(
      session.query({ a: sh`sleep 1000`, b: sh`true` }, { signal: forever, timeout: 0.1 }),
    ).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'sleep 1000; true on lab-1-a did not end within 0.1 seconds',
      hint: expect.stringContaining('ends it by itself'),
    })
  })
})

describe('sudo', () => {
  test('gets the password on its input and never in a command line', async () => {
    let line = ''
    let input = ''
    const { session, traced } = await sessionOn(
      servingShell(
        () => ({}),
        (channel, { command }) => {
          line = command
          channel.on('data', (chunk: Buffer) => (input += chunk.toString()))
          channel.on('end', () => {
            channel.exit(0)
            channel.end()
          })
        },
      ),
    )
    await session.run(sh`vzen restart`, { signal: forever, sudo: true })
    expect(line).toBe(`sudo -S -p '' timeout --foreground -s KILL 125 sh -c '{ vzen restart; } </dev/null'`)
    expect(input).toBe('right\n')
    expect(traced.join()).not.toContain('right')
  })

  test('that refuses the password is an AuthError', async () => {
    const { session } = await sessionOn(
      servingShell(
        () => ({}),
        (channel) => {
          channel.resume()
          channel.stderr.write('Sorry, try again.\nsudo: 1 incorrect password attempt\n')
          channel.exit(1)
          channel.end()
        },
      ),
    )
    await expect(session.run(sh`vzen restart`, { signal: forever, sudo: true })).rejects.toMatchObject({
      code: 'AUTH',
    })
  })

  test.each([true, false])('on a terminal is answered where it asks (asks: %s)', async (asks) => {
    const typed: string[] = []
    const { session } = await sessionOn(
      servingShell(
        () => ({}),
        (channel, { command, pty }) => {
          expect(pty).toBe(true)
          const prompt = /sudo password [0-9a-f]+:/.exec(command)?.[0] ?? ''
          let line = ''
          channel.write(asks ? prompt : 'SNMPv3 password: ')
          channel.on('data', (chunk: Buffer) => {
            line += chunk.toString()
            if (!line.endsWith('\r')) return
            typed.push(line.trim())
            line = ''
            if (asks && typed.length === 1) {
              // In pieces, with colours, as a slow terminal sends it.
              channel.write('\r\n\u001b[1mSNMPv3 pass')
              setImmediate(() => channel.write('word\u001b[0m: '))
            } else {
              channel.write('\r\ndone\r\n')
              channel.exit(0)
              channel.end()
            }
          })
        },
      ),
    )
    const dialogue = {
      rules: [{ name: 'the SNMP password', prompt: /SNMPv3 password: $/, answer: secretOf('other') }],
      failures: [],
      successes: [/done/],
    }
    const { transcript } = await session.converse(sh`vzen snmp-admin-configure`, {
      signal: forever,
      sudo: true,
      dialogue,
    })
    expect(typed).toEqual(asks ? ['right', 'other'] : ['other'])
    expect(transcript).not.toMatch(/right|other/)
  })

  /** Asks for a password and shows its first character, in one of many ways. */
  async function typeWhereItShows({ after = 2, shown }: { after?: number; shown: readonly string[] }) {
    const typed: string[] = []
    const { session } = await sessionOn(
      servingShell(
        () => ({}),
        (channel) => {
          channel.write('New password: ')
          channel.on('data', (chunk: Buffer) => {
            const count = typed.push(chunk.toString())
            if (chunk.includes('\r')) channel.end()
            if (count > 1) return
            shown.forEach((text, at) => setTimeout(() => channel.write(text), after * (at + 1)))
          })
        },
      ),
      // On this clock the least patience would be over after 8 ms, which is too short for a computer that is busy.
      { slow: 200 },
    )
    const rules = [{ name: 'the password', prompt: /New password: $/, answer: secretOf('hunter2') }]
    const dialogue = { rules, failures: [], successes: [] }
    const refused = await session.converse(sh`vzen x`, { signal: forever, dialogue }).catch(String)
    // What takes it back is no letter.
    return { refused, typed: typed.join('').replaceAll(/\W/g, '') }
  }

  test('types one character of a password and no more where it shows, whatever else comes', async () => {
    const kernel = '\r\nem0: link state changed to UP\r\n'
    const cases = {
      'at once': { shown: ['h'] },
      'behind a stray blank': { shown: [' ', 'h'] },
      'behind what a kernel says': { shown: [kernel, 'New password: h'] },
      'before what a kernel says': { shown: ['h', kernel] },
      'late, over a slow line': { shown: ['h'], after: 60 },
    }
    const outcomes = await Promise.all(
      Object.entries(cases).map(async ([how, given]) => ({ how, ...(await typeWhereItShows(given)) })),
    )
    const refused = expect.stringContaining('the prompt shows what is typed')
    expect(outcomes).toEqual(Object.keys(cases).map((how) => ({ how, refused, typed: 'h' })))
  })

  test('does not give the user’s password to a command that asks for some password', async () => {
    const typed: string[] = []
    const { session } = await sessionOn(
      servingShell(
        () => ({}),
        (channel) => {
          channel.write('Password: ')
          channel.on('data', (chunk: Buffer) => typed.push(chunk.toString()))
        },
      ),
    )
    await expect(
      session.converse(sh`vzen mystery`, {
        signal: forever,
        sudo: true,
        dialogue: { rules: [], failures: [], successes: [] },
      }),
    ).rejects.toThrow(/asked something that no rule answers: “Password:”/)
    expect(typed.join('')).not.toContain('right')
  })
})
