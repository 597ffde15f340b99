import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { judgeHostKey, openHostKeys, parseFingerprint } from '../../src/connect/host-keys.ts'

const KEY = `SHA256:${'A'.repeat(43)}`
const OTHER = `SHA256:${'B'.repeat(43)}`
const address = { host: '10.84.0.110', port: 22 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-keys-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the store of host keys', () => {
  test('keeps what it learned for the next process', async () => {
    const path = join(folder, 'deep', 'host-keys.json')
    const keys = await openHostKeys({ path })
    await keys.learn(address, { fingerprint: KEY, source: 'console' })
    expect((await openHostKeys({ path })).find(address)).toEqual({ fingerprint: KEY, source: 'console' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('forgets what it is told to forget, on disk too, and nothing else', async () => {
    const path = join(folder, 'host-keys.json')
    const keys = await openHostKeys({ path })
    const other = { host: '10.84.0.120', port: 22 }
    for (const one of [address, other]) await keys.learn(one, { fingerprint: KEY, source: 'console' })
    await keys.forget(address)
    for (const store of [keys, await openHostKeys({ path })]) {
      expect([store.find(address), store.find(other)?.fingerprint]).toEqual([undefined, KEY])
      // Until one is learned, the machine there is one that nobody has reached.
      expect([address, other, { host: 'c', port: 22 }].map((one) => store.isAwaited(one))).toEqual([
        true,
        false,
        false,
      ])
    }
    await keys.learn(address, { fingerprint: OTHER, source: 'console' })
    expect([keys.isAwaited(address), keys.find(address)?.fingerprint]).toEqual([false, OTHER])
  })

  test('is written by two at once without one taking the other’s file away', async () => {
    const path = join(folder, 'shared.json')
    const stores = await Promise.all([openHostKeys({ path }), openHostKeys({ path })])
    const learning = stores.flatMap((store) =>
      Array.from({ length: 20 }, (_, port) =>
        store.learn({ host: 'a', port }, { fingerprint: KEY, source: 'console' }),
      ),
    )
    await expect(Promise.all(learning)).resolves.toBeDefined()
  })

  test('takes back nothing that another run has decided since it was opened', async () => {
    const path = join(folder, 'shared.json')
    const [other, third] = [
      { host: 'b', port: 22 },
      { host: 'c', port: 22 },
    ]
    const one = await openHostKeys({ path })
    await one.forget(address)
    const two = await openHostKeys({ path })
    await one.learn(address, { fingerprint: KEY, source: 'console' })
    await one.forget(third)
    await two.learn(other, { fingerprint: OTHER, source: 'first-use' })
    const both = await openHostKeys({ path })
    expect([both.isAwaited(address), both.find(address)?.fingerprint]).toEqual([false, KEY])
    expect([both.find(other)?.fingerprint, both.isAwaited(third)]).toEqual([OTHER, true])
  })

  test('keeps what two processes learn at the same time', async () => {
    const path = join(folder, 'host-keys.json')
    const engine = join(folder, 'host-keys.mjs')
    const entry = fileURLToPath(new URL('../../src/connect/host-keys.ts', import.meta.url))
    await build({ entryPoints: [entry], outfile: engine, bundle: true, platform: 'node', format: 'esm' })
    // A store for each key: what another process lost is not written again with the next one.
    const script = (host: string): string => `
      const { openHostKeys } = await import(${JSON.stringify(engine)})
      for (let port = 1; port <= 40; port++) {
        const keys = await openHostKeys({ path: ${JSON.stringify(path)} })
        await keys.learn({ host: '${host}', port }, { fingerprint: '${KEY}', source: 'console' })
      }`
    const children = ['a', 'b'].map((host) =>
      spawn(process.execPath, ['--input-type=module', '-e', script(host)], { stdio: 'ignore' }),
    )
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0] as number))
    expect(codes).toEqual([0, 0])
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')))).toHaveLength(80)
    expect((await readdir(folder)).toSorted()).toEqual(['host-keys.json', 'host-keys.mjs'])
  })

  test('keeps all of a burst', async () => {
    const path = join(folder, 'host-keys.json')
    const keys = await openHostKeys({ path })
    await Promise.all(
      Array.from({ length: 80 }, (_, n) =>
        keys.learn({ host: `10.84.0.${n}`, port: 22 }, { fingerprint: KEY, source: 'console' }),
      ),
    )
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')))).toHaveLength(80)
  })

  test.each(['{', '[]x', '{"10.84.0.110:22":{"fingerprint":"md5"}}', '{"a":null}'])(
    'refuses a file of %s',
    async (text) => {
      const path = join(folder, 'host-keys.json')
      await writeFile(path, text)
      await expect(openHostKeys({ path })).rejects.toMatchObject({ code: 'CONFIG' })
    },
  )
})

describe('a host key', () => {
  const shown = { address, fingerprint: KEY, policy: 'announced' as const, file: '.runbook/host-keys.json' }

  test('is accepted where it is the expected one', () => {
    expect(judgeHostKey({ fingerprint: KEY, source: 'console' }, shown)).toBeUndefined()
  })

  test('is accepted unseen only where first use is enough', () => {
    expect(judgeHostKey(undefined, { ...shown, policy: 'first-use' })).toBeUndefined()
    expect(judgeHostKey(undefined, shown)).toMatchObject({ kind: 'host-key' })
  })

  test('that changed is refused with both fingerprints, whatever the policy', () => {
    for (const policy of ['announced', 'first-use'] as const) {
      const refusal = judgeHostKey({ fingerprint: OTHER, source: 'console' }, { ...shown, policy })
      expect(refusal?.message).toContain(KEY)
      expect(refusal?.message).toContain(OTHER)
      // Where the machine was rebuilt by hand, this is what is left to do.
      expect(refusal?.hint).toContain('remove “10.84.0.110:22” from .runbook/host-keys.json')
      expect(refusal?.hint).toContain('`runbook deploy --tags host-key` reads the new one on its console')
    }
  })

  test('that the inventory announces outranks what was learned, and that outranks known_hosts', () => {
    const listed = (fingerprint: string, revoked = false) => [
      { type: 'ssh-ed25519', fingerprint, revoked, place: 'known_hosts:1' },
    ]
    const learned = { fingerprint: OTHER, source: 'first-use' } as const
    expect(judgeHostKey(learned, { ...shown, announced: KEY })).toBeUndefined()
    expect(judgeHostKey(undefined, { ...shown, announced: OTHER })?.message).toContain('inventory')
    expect(judgeHostKey(learned, { ...shown, knownHosts: listed(KEY) })?.message).toContain('seen first')
    expect(judgeHostKey(undefined, { ...shown, knownHosts: listed(KEY) })).toBeUndefined()
    expect(judgeHostKey(undefined, { ...shown, knownHosts: listed(OTHER) })?.message).toContain(
      'known_hosts:1',
    )
    const revoked = { ...shown, announced: KEY, knownHosts: listed(KEY, true) }
    expect(judgeHostKey({ fingerprint: KEY, source: 'console' }, revoked)?.message).toContain('was revoked')
  })

  test('is found in what ssh-keygen prints', () => {
    expect(parseFingerprint(`256 ${KEY} root@vse (ED25519)`)).toBe(KEY)
    expect(parseFingerprint('256 SHA256:short (ED25519)')).toBeUndefined()
  })
})
