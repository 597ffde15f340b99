import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ova } from '../../../modules/vsphere/ova.ts'
import { openAuthority, type Issued } from '../../../src/lab/authority.ts'
import { allPrivileges } from '../../../src/lab/vcenter/privileges.ts'
import { createDocumentStore, type DocumentStore } from '../../../src/state/document-store.ts'
import { openRangeServer, type RangeServer } from '../../support/range-server.ts'
import { openRun, type WatchedRun } from './ova-rig.ts'
import { openRig, SEED, type Rig } from './rig.ts'

const PLACE = { datacenter: '/FRA', computeCluster: 'edge', datastore: 'ssd-1' } as const

describe('an image behind a URL', () => {
  let rig: Rig
  let run: WatchedRun
  let folder: string
  let store: DocumentStore
  let tls: Issued
  let server: RangeServer
  let sha256: string
  let thumbprint: string
  let ways: Readonly<Record<string, number>>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ova-url-'))
    store = createDocumentStore({ folder })
    // Nobody in the lab knows this authority: the thumbprint has to vouch for the web server.
    tls = await (
      await openAuthority(store)
    ).issue({ commonName: 'images', names: ['localhost', 'images.acme'] })
    const { X509Certificate } = await import('node:crypto')
    thumbprint = new X509Certificate(tls.certificate).fingerprint256
    rig = await openRig()
    const image = await readFile(rig.image)
    sha256 = createHash('sha256').update(image).digest('hex')
    server = await openRangeServer(image, { tls })
    ways = { localhost: server.port, 'images.acme': server.port }
    run = await openRun(rig, { seed: SEED, ways })
  })
  afterAll(async () => {
    await run.close()
    await server.close()
    await rig.close()
    await store.settled()
    await rm(folder, { recursive: true, force: true })
  })

  const edge = (vm: string, params: Partial<Parameters<typeof ova>[0]> = {}) =>
    ova({
      ...PLACE,
      vm,
      networks: ['vse', 'vse', 'vse'],
      template: false,
      image: `https://localhost:${server.port}/vse.ova`,
      sha256,
      thumbprint,
      ...params,
    })
  const exists = async (vm: string) => (await run.reader.machine(`/FRA/vm/${vm}`)) !== undefined

  it('is fetched by the vCenter itself, compared with its manifest, and does not pass through here', async () => {
    const uploads = run.uploads()
    run.calls()
    expect(await run.deploy(edge('pulled'))).toEqual({ left: [], warnings: [] })
    expect(run.uploads()).toBe(uploads)
    expect(run.calls()).toEqual(
      expect.arrayContaining([
        'HttpNfcLeaseProbeUrls',
        'HttpNfcLeasePullFromUrls_Task',
        'HttpNfcLeaseGetManifest',
      ]),
    )
  })

  it('passes through here where the vCenter does not reach it', async () => {
    const uploads = run.uploads()
    const { left, warnings } = await run.deploy(edge('pushed', { image: 'https://images.acme/vse.ova' }))
    expect(left).toEqual([])
    expect(warnings).toEqual([
      'vc.lab does not reach https://images.acme/vse.ova: the image passes through here',
    ])
    expect(run.uploads()).toBe(uploads + 1)
  })

  it('passes through here where the user may not have it fetched', async () => {
    const privileges = allPrivileges().filter((privilege) => privilege !== 'VApp.PullFromUrls')
    const other = await openRig({ ...SEED, privileges })
    const limited = await openRun(other, { seed: SEED, ways })
    const { left, warnings } = await limited.deploy(edge('pushed'))
    expect(left).toEqual([])
    expect(warnings).toEqual([
      'the user lacks the privilege VApp.PullFromUrls, with which vc.lab would fetch the image itself: it passes through here',
    ])
    expect(limited.uploads()).toBe(1)
    await limited.close()
    await other.close()
  })

  it('is never shown with what gives access to it, not even where it fails, or in the notes of a template', async () => {
    const traced: string[] = []
    const noisy = await openRun(rig, { seed: SEED, ways, trace: (text) => void traced.push(text) })
    const secret = 'X-Amz-Signature=deadbeef'
    const pulled = `https://localhost:${server.port}/vse.ova?${secret}`
    const texts = [await noisy.deploy(edge('signed', { image: pulled, template: true }))]
    texts.push(await noisy.deploy(edge('signed-2', { image: `https://images.acme/vse.ova?${secret}` })))
    rig.vcenter.faults.inject('task-failure')
    const failed = await noisy.deploy(edge('signed-3', { image: pulled })).catch((error: unknown) => error)
    expect(failed).toMatchObject({ message: expect.stringContaining('fetching https://localhost') })
    await noisy.close()
    expect(texts[1]?.warnings).toEqual([
      expect.stringContaining('does not reach https://images.acme/vse.ova:'),
    ])
    const [template] = rig.vcenter.status().vms.filter((vm) => vm.template)
    const kept = await run.reader.machine(`/FRA/vm/${template?.name}`)
    expect(kept?.annotation).toContain('Image vse.ova with SHA-256')
    await run.writer.runTask('Destroy_Task', { self: kept!.ref, args: {}, what: 'removing the template' })
    expect(traced.length).toBeGreaterThan(20)
    const { message, hint } = failed as { message: string; hint: string }
    expect([...traced, message, hint, JSON.stringify(texts), kept?.annotation].join('\n')).not.toContain(
      'deadbeef',
    )
    const open = edge('open', { image: 'https://joe:pw@images.acme/vse.ova' })
    await expect(run.deploy(open)).rejects.toThrow('has a user name or password in it')
  })

  it('is refused on its way where it is not the one that was wanted, and nothing is left', async () => {
    const other = edge('other', { image: 'https://images.acme/vse.ova', sha256: 'cd'.repeat(32) })
    await expect(run.deploy(other)).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining(`${sha256}, not cdcd`),
    })
    expect(await exists('other')).toBe(false)
  })

  it('is kept as a template, too', async () => {
    const template = { template: true }
    await run.deploy(edge('edge-1', template))
    const sent = server.asked.length
    await run.deploy(edge('edge-2', template))
    expect(server.asked.length).toBe(sent)
    expect(rig.vcenter.status().vms.filter((vm) => vm.template)).toHaveLength(1)
  })

  it('needs a SHA-256, and a web server that is trusted', async () => {
    await expect(run.deploy(edge('none', { sha256: undefined }))).rejects.toMatchObject({
      hint: expect.stringContaining('SHA-256'),
    })
    await expect(run.deploy(edge('none', { thumbprint: undefined }))).rejects.toMatchObject({
      code: 'CONNECT',
      kind: 'tls',
    })
    expect(await exists('none')).toBe(false)
  })
})
