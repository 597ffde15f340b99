import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { password } from '../../../modules/vzen/password.ts'
import { createGlyphBook } from '../../../src/connect/console/glyph-book.ts'
import { openAppliance } from '../../../src/connect/open-appliance.ts'
import { ConnectError } from '../../../src/model/error.ts'
import {
  clock,
  forever,
  loopback,
  memoryKeys,
  newKey,
  secretOf,
  startServer,
} from '../../connect/ssh/server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** What the module finds over SSH that a key lets us in to, on an appliance whose password is this one. */
async function lookAt(actual: string) {
  const folder = mkdtempSync(join(tmpdir(), 'key-'))
  closers.push(() => rmSync(folder, { recursive: true }))
  const key = join(folder, 'key')
  writeFileSync(key, newKey(), { mode: 0o600 })
  const server = await startServer({ password: actual, methods: ['publickey', 'keyboard-interactive'] })
  closers.push(() => server.close())
  const wanted = secretOf('wanted')
  const appliance = openAppliance(
    {
      name: 'lab-1-a',
      ssh: {
        host: '127.0.0.1',
        port: server.port,
        username: 'zsroot',
        password: wanted,
        ways: { keys: [{ path: key }] },
      },
      initialPassword: secretOf('zsroot'),
      vsphere: { host: '', port: 443, username: '', password: wanted },
      vm: '',
      hostKey: 'first-use',
    },
    {
      network: loopback,
      clock,
      hostKeys: memoryKeys(),
      glyphs: createGlyphBook(),
      port: async () => {
        throw new ConnectError('absent', 'nothing may be typed in check mode')
      },
    },
  )
  closers.push(() => appliance.close())
  const { uses } = password
  const params = { wanted }
  const facts = await uses.read({ connection: appliance.reader, params, signal: forever } as never)
  return {
    facts,
    changes: uses.diff(facts, params),
    tried: server.attempts.flatMap((attempt) => attempt.password ?? []),
  }
}

test.each([
  ['wanted', { wanted: true, initial: false }, []],
  ['zsroot', { wanted: false, initial: true }, [{ path: 'password', from: 'the documented password' }]],
  ['another', { wanted: false, initial: false }, [{ path: 'password', from: 'another password' }]],
])(
  'a key that lets us in proves nothing of the password: where that is “%s”, it is found out by trying',
  async (actual, facts, changes) => {
    const found = await lookAt(actual)
    expect(found.facts).toEqual(facts)
    expect(found.changes).toMatchObject(changes)
    expect(found.changes).toHaveLength(changes.length)
    expect(found.tried).toEqual(['wanted', 'zsroot'])
  },
)
