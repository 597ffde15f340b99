import { execFileSync } from 'node:child_process'

import { afterEach, describe, expect, test } from 'vitest'

import { DOCUMENTED, planDialect, type Dialect } from '../../../src/lab/appliance/dialect.ts'
import { findCshProblem } from '../../../src/lab/appliance/shell/csh.ts'
import { findProgram } from '../../support/find-program.ts'
import { describeWith } from '../../support/require-server.ts'
import {
  configure,
  connect,
  createBench,
  createMachine,
  logIn,
  run,
  sitAt,
  sudo,
  type Bench,
} from './bench.ts'

const HOST = '10.84.0.110'

let bench: Bench | undefined
afterEach(async () => {
  await bench?.close()
  bench = undefined
})

async function open(dialect: Partial<Dialect>) {
  bench = createBench({ dialect })
  const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
  await guest.powerOn({ resumed: false })
  await configure(bench, guest, { name: 'lab-1-a', address: HOST })
  return connect(bench, HOST)
}

describe('dialects', () => {
  test('are the same for the same seed and machine, and others for others', () => {
    expect(planDialect(7, 'edge-1')).toEqual(planDialect(7, 'edge-1'))
    const seen = new Set(Array.from({ length: 40 }, (_, at) => JSON.stringify(planDialect(7, `edge-${at}`))))
    expect(seen.size).toBe(40)
  })

  test('take every turn there is within a few dozen machines', () => {
    const all = Array.from({ length: 60 }, (_, at) => planDialect(1, `edge-${at}`))
    for (const key of Object.keys(DOCUMENTED) as (keyof Dialect)[]) {
      const turns = new Set(all.map((dialect) => JSON.stringify(dialect[key])))
      expect([key, turns.size]).toEqual([key, typeof DOCUMENTED[key] === 'boolean' ? 2 : turns.size])
      expect(turns.size).toBeGreaterThan(1)
    }
  })
})

// What the C shell makes of a line that a program would send; null where it runs as in a Bourne shell.
const LINES = [
  ["echo 'a!b'", 'b: Event not found.'],
  ['echo a!b', 'b: Event not found.'],
  ['echo a! b', undefined],
  ['echo $(echo a)', 'Illegal variable name.'],
  ['echo "x $(echo a)"', 'Illegal variable name.'],
  ["sh -c 'echo $(echo a)'", undefined],
  ["sh -c 'echo a\necho b'", "Unmatched '''."],
  ['A=b echo x', 'A=b: Command not found.'],
  ['export A=b', 'export: Command not found.'],
  ['for i in a; do echo $i; done', 'for: Command not found.'],
  ['echo x > /dev/null 2>&1', 'Ambiguous output redirect.'],
  ["sh -c '{ echo a; } 2>&1'", undefined],
  ["sh -c 'echo it'\\''s'", undefined],
  ['(echo a; false) || echo no', undefined],
] as const

describe('the C shell', () => {
  test.each(LINES)('says to %j: %s', (line, said) => {
    expect(findCshProblem(line)).toBe(said)
  })

  test('of a machine runs what is quoted for it, refuses the rest, and asks with a percent sign', async () => {
    const client = await open({ shell: 'csh' })
    expect((await run(client, "sh -c 'A=1; echo $((A+1)) 2>&1'")).code).toBe(0)
    expect(await run(client, 'A=1 sh -c true')).toMatchObject({ code: 1, err: 'A=1: Command not found.\n' })
    expect(await run(client, 'echo hello', '')).toMatchObject({ out: 'hello\n' })
    expect(bench?.yard.screenText('lab-1-a')).toMatch(/\]% *$/)
    client.end()
  })
})

describeWith(
  'a real C shell',
  { find: () => findProgram('tcsh'), howToGet: 'apt-get install tcsh' },
  (tcsh) => {
    test.each(LINES)('says to %j: %s', (line, said) => {
      let output = ''
      try {
        execFileSync(tcsh, ['-f', '-c', line], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 10_000 })
      } catch (error) {
        const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer }
        output = stdout.toString() + stderr.toString()
      }
      if (said === undefined) expect(output).not.toMatch(/not found|Unmatched|Illegal|Ambiguous/)
      else expect(output.split('\n')).toContain(said)
    })
  },
)

describe('files', () => {
  const file = Buffer.from('a certificate\n')
  const sent = (name: string): string => `C0600 ${file.length} ${name}\n${file.toString()}\0`

  test('come by scp where there is no SFTP', async () => {
    const client = await open({ transfer: 'scp' })
    await expect(
      new Promise((resolve, reject) => {
        client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)))
      }),
    ).rejects.toThrow(/sftp/)
    expect(await run(client, 'scp -t /tmp/cert.zip', sent('cert.zip'))).toMatchObject({
      code: 0,
      out: '\0\0\0',
    })
    expect((await run(client, 'scp -t /tmp', sent('other.zip'))).code).toBe(0)
    expect((await run(client, 'cat /tmp/cert.zip /tmp/other.zip')).out).toBe(
      Buffer.concat([file, file]).toString(),
    )
    expect(await run(client, 'scp -f /tmp/cert.zip', '\0\0\0')).toMatchObject({
      code: 0,
      out: `C0644 ${file.length} cert.zip\n${file.toString()}\0`,
    })
    const refused = await run(client, 'scp -t /etc/cert.zip', sent('cert.zip'))
    expect(refused).toMatchObject({
      code: 1,
      out: expect.stringContaining('\u0001scp: /etc/cert.zip: Permission denied\n'),
    })
    expect((await run(client, 'scp -t /tmp/x', 'nonsense\n')).code).toBe(1)
    client.end()
  })

  test('come by a command alone where there is neither', async () => {
    const client = await open({ transfer: 'none' })
    expect((await run(client, 'scp -t /tmp/cert.zip', sent('cert.zip'))).code).toBe(127)
    expect((await run(client, "sh -c 'cat > /tmp/cert.zip'", file.toString())).code).toBe(0)
    expect((await run(client, 'cat /tmp/cert.zip')).out).toBe(file.toString())
    client.end()
  })
})

describe('sudo', () => {
  test('never asks, or asks every time', async () => {
    bench = createBench({ dialect: { sudo: 'never' } })
    const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
    await guest.powerOn({ resumed: false })
    const seat = sitAt(bench, guest, 'lab-1-a')
    await logIn(seat)
    seat.type('clear; sudo -n id -u\n')
    await seat.sees(/^0$/m)
    await bench.close()
    const other = await open({ sudo: 'always' })
    expect((await run(other, 'sudo -n id -u')).code).toBe(1)
    expect((await sudo(other, 'id -u')).out).toBe('0\n')
    other.end()
  })
})
