import { afterEach, describe, expect, test } from 'vitest'

import { createGlyphBook } from '../../../src/connect/console/glyph-book.ts'
import type { HostKeys } from '../../../src/connect/host-keys.ts'
import { openAppliance } from '../../../src/connect/open-appliance.ts'
import { ConnectError } from '../../../src/model/error.ts'
import { sh } from '../../../src/shell/sh.ts'
import {
  clock,
  forever,
  loopback,
  memoryKeys,
  secretOf,
  servingShell,
  startServer,
  type OnExec,
  type Printed,
} from '../ssh/server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const print = (line: string): Printed => ({
  stdout: `vse\n${/echo (==[0-9a-f]+):/.exec(line)?.[1] ?? ''}:0\n`,
})
const answer = servingShell(print)

async function applianceOn(
  onExec: OnExec = answer,
  { hostKeys = memoryKeys() }: { hostKeys?: HostKeys } = {},
) {
  const server = await startServer({ onExec })
  closers.push(() => server.close())
  const vsphere = { host: '', port: 443, username: '', password: secretOf('x') }
  const appliance = openAppliance(
    {
      name: 'lab-1-a',
      ssh: { host: '127.0.0.1', port: server.port, username: 'zsroot', password: secretOf('right') },
      initialPassword: secretOf('zsroot'),
      vsphere,
      vm: '/lab/vm/lab-1-a',
      hostKey: 'first-use',
    },
    {
      network: loopback,
      clock,
      hostKeys,
      glyphs: createGlyphBook(),
      port: async () => {
        throw new ConnectError('absent', 'there is no virtual machine')
      },
    },
  )
  closers.push(() => appliance.close())
  return { server, appliance }
}

const hostname = { name: sh`hostname` }

describe('an appliance', () => {
  test('is connected to once, however many ask', async () => {
    const { server, appliance } = await applianceOn()
    const sessions = await Promise.all(
      Array.from({ length: 5 }, () => appliance.reader.ssh({ signal: forever })),
    )
    await Promise.all(sessions.map((session) => session.query(hostname, { signal: forever })))
    expect(server.connections()).toBe(1)
  })

  test('is connected to for those who still wait when the first who asked has gone', async () => {
    const { server, appliance } = await applianceOn()
    const control = new AbortController()
    const first = appliance.reader.ssh({ signal: control.signal })
    const second = appliance.reader.ssh({ signal: forever })
    control.abort(new Error('cancelled'))
    await expect(first).rejects.toThrow('cancelled')
    expect(await (await second).query(hostname, { signal: forever })).toMatchObject({ name: { code: 0 } })
    expect(server.connections()).toBe(1)
  })

  test('is connected to again when the connection was lost', async () => {
    let calls = 0
    const { server, appliance } = await applianceOn(
      servingShell((line, { socket }) => {
        calls += 1
        if (calls > 1) return print(line)
        socket.destroy()
        return undefined
      }),
    )
    const first = await appliance.reader.ssh({ signal: forever })
    await expect(first.query(hostname, { signal: forever })).rejects.toMatchObject({ code: 'CONNECT' })
    const second = await appliance.reader.ssh({ signal: forever })
    expect(await second.query(hostname, { signal: forever })).toEqual({ name: { code: 0, output: 'vse\n' } })
    expect(server.connections()).toBe(2)
  })

  test('stays refused while its host key is not the expected one', async () => {
    const keys = memoryKeys({ fingerprint: `SHA256:${'A'.repeat(43)}`, source: 'console' })
    const { appliance } = await applianceOn(answer, { hostKeys: keys })
    await expect(appliance.reader.ssh({ signal: forever })).rejects.toMatchObject({ kind: 'host-key' })
    const { fingerprint } = await startAndShow(keys)
    expect(appliance.reader.expectedHostKey()).toBe(fingerprint)
    await expect(appliance.reader.ssh({ signal: forever })).rejects.toMatchObject({ kind: 'host-key' })
  })

  test('tells whether it accepts a password, without using the connection of the run', async () => {
    const { server, appliance } = await applianceOn()
    expect(await appliance.reader.accepts(secretOf('right'), { signal: forever })).toBe(true)
    expect(await appliance.reader.accepts(secretOf('zsroot'), { signal: forever })).toBe(false)
    expect(server.attempts).toHaveLength(2)
  })

  test('has no console where there is no machine, and asks again the next time', async () => {
    const { appliance } = await applianceOn()
    for (let tries = 0; tries < 2; tries++)
      await expect(appliance.reader.console({ signal: forever })).rejects.toMatchObject({ kind: 'absent' })
  })

  test('makes an announced host key the expected one', async () => {
    const keys = memoryKeys()
    const { appliance } = await applianceOn(answer, { hostKeys: keys })
    await appliance.writer.announce(`SHA256:${'C'.repeat(43)}`)
    expect(keys.learned).toEqual([{ fingerprint: `SHA256:${'C'.repeat(43)}`, source: 'console' }])
  })

  test('closes what was opened, and nothing twice', async () => {
    const { appliance } = await applianceOn()
    const session = await appliance.reader.ssh({ signal: forever })
    await appliance.close()
    await appliance.close()
    await expect(session.query(hostname, { signal: forever })).rejects.toMatchObject({ code: 'CONNECT' })
  })
})

async function startAndShow(keys: HostKeys): Promise<{ fingerprint: string }> {
  const fingerprint = `SHA256:${'B'.repeat(43)}`
  await keys.learn({ host: '', port: 22 }, { fingerprint, source: 'console' })
  return { fingerprint }
}
