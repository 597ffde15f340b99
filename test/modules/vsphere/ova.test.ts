import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ova } from '../../../modules/vsphere/ova.ts'
import { portGroup } from '../../../modules/vsphere/port-group.ts'
import { preflight } from '../../../modules/vsphere/preflight.ts'
import { openRun, type WatchedRun } from './ova-rig.ts'
import { ESXI, openRig, orderOf, PLACE, SEED, VSE, type Rig } from './rig.ts'

describe('an image on a vCenter', () => {
  let rig: Rig
  let run: WatchedRun
  const more: WatchedRun[] = []
  beforeEach(async () => {
    rig = await openRig()
    run = await openRun(rig, { seed: SEED })
  })
  afterEach(async () => {
    await Promise.all([run, ...more.splice(0)].map((each) => each.close()))
    await rig.close()
  })

  const edge = (vm: string, params: Partial<Parameters<typeof ova>[0]> = {}) =>
    ova({ ...PLACE, vm, image: rig.image, networks: VSE, ...params })
  const machines = () => rig.vcenter.status().vms.filter(({ template }) => !template)
  const templates = () => rig.vcenter.status().vms.filter(({ template }) => template)
  const hash = async () =>
    createHash('sha256')
      .update(await readFile(rig.image))
      .digest('hex')
  const templateName = async () => `runbook-image-${(await hash()).slice(0, 16)}-ssd-1`

  async function importAs(name: string, settings: Readonly<Record<string, string>>) {
    return run.writer.importOva(orderOf(rig, { name, annotation: 'a test’s', settings }))
  }

  it('is sent once for a cluster of four, whose machines are clones of a template with its hash', async () => {
    const names = ['edge-1', 'edge-2', 'edge-3', 'edge-4']
    const texts = new Set<string | undefined>()
    const results = await Promise.all(
      names.map((vm) => run.deploy(edge(vm), { onProgress: ({ text }) => void texts.add(text) })),
    )
    for (const result of results) expect(result).toEqual({ left: [], warnings: [] })
    expect(run.uploads()).toBe(1)
    expect([...texts]).toEqual(['reading the image', 'uploading the image', 'cloning the template'])
    expect(machines()).toMatchObject(names.map((name) => ({ name, networks: VSE, importing: false })))
    expect(new Set(machines().map(({ instanceUuid }) => instanceUuid)).size).toBe(4)
    expect(templates()).toMatchObject([{ name: await templateName() }])
    const machine = await run.reader.machine('/FRA/vm/edges/edge-3')
    expect(machine).toMatchObject({
      settings: { 'runbook.import': 'done', 'runbook.image': await hash() },
      annotation: 'Made by runbook of vse.ova',
      disks: [{ capacityGB: 500, thin: true }],
    })
    const all = await Promise.all(names.map((name) => run.reader.machine(`/FRA/vm/edges/${name}`)))
    expect(new Set(all.flatMap((each) => each?.nics.map(({ mac }) => mac) ?? [])).size).toBe(12)
  })

  it('is found again by the next run, in whatever folder it lies', async () => {
    await run.deploy(edge('edge-1'))
    const next = await openRun(rig, { seed: SEED })
    more.push(next)
    expect(await next.deploy(edge('edge-2', { folder: undefined }))).toMatchObject({ left: [] })
    expect(next.uploads()).toBe(0)
    expect(templates()).toHaveLength(1)
  })

  it('is made a template and cloned where every name on the way has a slash, a backslash or a percent sign', async () => {
    const seed = {
      ...SEED,
      computeCluster: 'edge 50%',
      datastores: [{ name: 'ssd/1', capacityGB: 4000 }],
      networks: [{ name: 'vse/84 \\ 50%', kind: 'standard', vlan: 84, switch: 'vSwitch0', exists: true }],
      resourcePools: ['2%2f3'],
    } as const
    await run.close()
    await rig.close()
    rig = await openRig(seed)
    run = await openRun(rig, { seed })
    const network = seed.networks[0].name
    const place = { computeCluster: 'edge 50%', datastore: 'ssd/1', resourcePool: '2%2f3' }
    const task = (vm: string) => edge(vm, { ...place, networks: [network, network, network] })
    expect((await run.deploy(task('edge-1'))).left).toEqual([])
    expect((await run.deploy(task('edge-2'))).left).toEqual([])
    expect(templates()).toHaveLength(1)
    const group = portGroup({ datacenter: '/FRA', computeCluster: 'edge 50%', name: network, vlan: 84 })
    expect((await run.deploy(group)).left).toEqual([])
    const nodes = [{ name: 'edge-1', cluster: 'fra-1', networks: [network], memoryGB: 4, diskGB: 20 }]
    const portGroups = [{ name: network, kind: 'standard', switch: 'vSwitch0' } as const]
    const { computeCluster, datastore } = place
    expect(
      (
        await run.deploy(
          preflight({ datacenter: '/FRA', computeCluster, datastore, folder: 'edges', portGroups, nodes }),
        )
      ).left,
    ).toEqual([])
  })

  it('is cloned into other networks than its template’s, standard and distributed, in their order', async () => {
    await run.deploy(edge('edge-1'))
    const networks = ['dvs-vse', 'vse', 'dvs-vse']
    expect(await run.deploy(edge('edge-2', { networks }))).toMatchObject({ left: [] })
    expect(machines().find(({ name }) => name === 'edge-2')?.networks).toEqual(networks)
    expect(run.uploads()).toBe(1)
  })

  it('is imported anew where a run was stopped in the middle of making the template', async () => {
    const settings = { 'runbook.import': 'importing', 'runbook.image': await hash() }
    await importAs(await templateName(), settings)
    expect(await run.deploy(edge('edge-1'))).toMatchObject({ left: [] })
    expect(run.uploads()).toBe(2)
    expect(templates()).toHaveLength(1)
    expect(machines()).toHaveLength(1)
  })

  it('is taken as it is where a run was stopped before the last step of making the template', async () => {
    const settings = { 'runbook.import': 'done', 'runbook.image': await hash() }
    await importAs(await templateName(), settings)
    expect(await run.deploy(edge('edge-1'))).toMatchObject({ left: [] })
    expect(run.uploads()).toBe(1)
    expect(templates()).toHaveLength(1)
  })

  it('does not take the place of a machine that somebody else has called like its template', async () => {
    await importAs(await templateName(), {})
    await expect(run.deploy(edge('edge-1'))).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('is in the way'),
      hint: expect.stringContaining('imageTemplate: false'),
    })
    expect(machines()).toHaveLength(1)
  })

  it('is made a template by the next node when the first one is stopped in the middle', async () => {
    const patience = new AbortController()
    const reason = new Error('stopped')
    const first = run.deploy(edge('edge-1'), {
      signal: patience.signal,
      onProgress: ({ text }) => text === 'uploading the image' && patience.abort(reason),
    })
    const second = run.deploy(edge('edge-2'))
    await expect(first).rejects.toBe(reason)
    expect(await second).toMatchObject({ left: [] })
    expect(templates()).toHaveLength(1)
    expect(machines().map(({ name }) => name)).toEqual(['edge-2'])
  })

  it('is waited for where another run uploads it, and not taken away from that', async () => {
    const other = await openRun(rig, { seed: SEED })
    more.push(other)
    rig.vcenter.faults.inject('slow-upload')
    const texts = new Set<string | undefined>()
    let second: ReturnType<WatchedRun['deploy']> | undefined
    const first = await other.deploy(edge('edge-1'), {
      onProgress({ text }) {
        if (text !== 'uploading the image') return
        second ??= run.deploy(edge('edge-2'), { onProgress: (progress) => void texts.add(progress.text) })
      },
    })
    expect(first).toEqual({ left: [], warnings: [] })
    expect(await second).toEqual({ left: [], warnings: [] })
    expect([...texts]).toContain(`waiting for ${SEED.username}, whose task on it is under way`)
    expect(other.uploads() + run.uploads()).toBe(1)
    expect(templates()).toHaveLength(1)
  })

  it('is taken as it is where another run is through with its upload, and has still to say so', async () => {
    const settings = { 'runbook.import': 'importing', 'runbook.image': await hash() }
    const self = await importAs(await templateName(), settings)
    let marking: Promise<unknown> | undefined
    const next = await openRun(rig, { seed: SEED, heldUp: () => marking })
    more.push(next)
    const spec = { extraConfig: [{ key: 'runbook.import', value: 'done' }] }
    const result = await next.deploy(edge('edge-1'), {
      onProgress({ text = '' }) {
        if (!text.startsWith('looking whether anybody goes on')) return
        marking ??= run.writer.runTask('ReconfigVM_Task', { self, args: { spec }, what: 'marking' })
      },
    })
    expect(marking).toBeDefined()
    expect(result).toEqual({ left: [], warnings: [] })
    expect(next.uploads()).toBe(0)
    expect(templates()).toHaveLength(1)
  })

  it('is cloned again where the clone of a run that was killed had still to end, which is removed', async () => {
    await run.deploy(edge('edge-1'))
    const self = await run.reader.require('VirtualMachine', `/FRA/vm/edges/${await templateName()}`)
    const folder = await run.reader.require('Folder', '/FRA/vm/edges')
    const pool = await run.reader.require('ResourcePool', '/FRA/host/edge/Resources')
    const config = { extraConfig: [{ key: 'runbook.import', value: 'importing' }] }
    const spec = { location: { pool }, template: false, powerOn: false, config }
    await run.writer.call('CloneVM_Task', { self, args: { folder, name: 'edge-2', spec } })
    expect(await run.deploy(edge('edge-2'))).toEqual({ left: [], warnings: [] })
    expect(machines().map(({ name }) => name)).toEqual(['edge-1', 'edge-2'])
  })

  it('is not cloned twice for one machine by two runs at once: the slower one says who was quicker', async () => {
    await run.deploy(edge('edge-1'))
    let quicker: Promise<unknown> | undefined
    const other = await openRun(rig, { seed: SEED, heldUp: () => quicker })
    more.push(other)
    const spec = { extraConfig: [{ key: 'runbook.import', value: 'done' }] }
    const slower = other.deploy(edge('edge-2'), {
      onProgress({ text = '' }) {
        if (text === 'cloning the template') quicker ??= Promise.resolve()
        if (text.startsWith('looking')) quicker = mark()
      },
    })
    const mark = async () => {
      const self = await run.reader.require('VirtualMachine', '/FRA/vm/edges/edge-2')
      await run.writer.runTask('ReconfigVM_Task', { self, args: { spec }, what: 'marking' })
    }
    await importAs('edge-2', { 'runbook.import': 'importing' })
    await expect(slower).rejects.toMatchObject({
      message: 'edge-2 was finished by somebody else meanwhile',
      hint: 'run again',
    })
    expect(machines().map(({ name }) => name)).toEqual(['edge-1', 'edge-2'])
  })

  it('is made a template again where somebody has removed it in the middle of a run', async () => {
    await run.deploy(edge('edge-1'))
    const self = await run.reader.require('VirtualMachine', `/FRA/vm/edges/${await templateName()}`)
    await run.writer.runTask('Destroy_Task', { self, args: {}, what: 'removing the template' })
    expect(await run.deploy(edge('edge-2'))).toMatchObject({ left: [] })
    expect(templates()).toHaveLength(1)
  })

  it('is sent for every machine where templates are not wanted', async () => {
    for (const vm of ['edge-1', 'edge-2']) await run.deploy(edge(vm, { template: false }))
    expect(run.uploads()).toBe(2)
    expect(templates()).toEqual([])
  })

  it('is imported with at most ten requests', async () => {
    run.calls()
    await importAs('edge-1', {})
    const calls = run.calls()
    expect(calls.filter((call) => call === 'CreateImportSpec')).toHaveLength(1)
    expect(calls.length).toBeLessThanOrEqual(10)
  })

  it('is refused where it is not there or not the one that was wanted, before anything is sent', async () => {
    const before = rig.vcenter.mutations
    const other = edge('edge-1', { sha256: 'ab'.repeat(32) })
    await expect(run.deploy(other)).rejects.toMatchObject({ message: expect.stringContaining('not abab') })
    await expect(run.deploy(edge('edge-1', { image: `${rig.image}-gone` }))).rejects.toMatchObject({
      message: `the image ${rig.image}-gone is not there`,
      hint: expect.stringContaining('step 3'),
    })
    expect(rig.vcenter.mutations).toBe(before)
    expect(await run.deploy(edge('edge-1', { sha256: await hash() }))).toMatchObject({ left: [] })
  })

  it('is not sent where a host lacks a network, and the host is named', async () => {
    const [first] = await run.reader.hosts({ datacenter: '/FRA', computeCluster: 'edge' })
    if (first === undefined) throw new Error('no host')
    const security = { promiscuous: true, macChanges: true, forgedTransmits: true }
    await run.writer.putStandardPortGroup(first, { name: 'one', switch: 'vSwitch0', vlan: 9, security })
    const networks = ['one', 'one', 'one']
    const before = rig.vcenter.mutations
    await expect(run.deploy(edge('edge-1', { host: 'esx-2.lab', networks }))).rejects.toMatchObject({
      message: 'esx-2.lab does not have the network one',
    })
    await expect(run.deploy(edge('edge-1', { networks: ['two', 'two', 'two'] }))).rejects.toMatchObject({
      message: expect.stringContaining('network two is not on the hosts'),
    })
    await expect(run.deploy(edge('edge-1', { datastore: 'ssd-2' }))).rejects.toMatchObject({
      hint: 'did you mean ssd-1?',
    })
    await expect(run.deploy(edge('edge-1', { folder: 'edgez' }))).rejects.toMatchObject({
      hint: 'did you mean edges?',
    })
    expect(rig.vcenter.mutations).toBe(before)
    const { warnings } = await run.deploy(edge('edge-1', { networks }))
    expect(warnings).toEqual(['esx-2.lab does not have the network one: the machine cannot run there'])
  })

  it('is not put over a machine that somebody else has made; one that fits is taken as it is', async () => {
    await importAs('edge-1', {})
    expect(await run.deploy(edge('edge-1'))).toMatchObject({ left: [] })
    const before = rig.vcenter.mutations
    await expect(run.deploy(edge('edge-1', { networks: ['vse', 'dvs-vse', 'vse'] }))).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringMatching(/not made by a run.* 2 in vse.* wanted are .* 2 in dvs-vse/),
      hint: expect.stringContaining('runbook.import'),
    })
    expect(rig.vcenter.mutations).toBe(before)
  })
})

describe('an image on a host without vCenter', () => {
  it('is sent for each machine, because there are no templates', async () => {
    const rig = await openRig(ESXI)
    const run = await openRun(rig, { seed: ESXI })
    const place = { datacenter: '/ha-datacenter', host: 'esx.lab', datastore: 'ssd-1' }
    for (const vm of ['edge-1', 'edge-2']) {
      expect(await run.deploy(ova({ ...place, vm, image: rig.image, networks: VSE }))).toMatchObject({
        left: [],
      })
    }
    expect(rig.vcenter.status().vms).toMatchObject([
      { name: 'edge-1', template: false, networks: VSE },
      { name: 'edge-2', template: false },
    ])
    await run.close()
    await rig.close()
  })
})
