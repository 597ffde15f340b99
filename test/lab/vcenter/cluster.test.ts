import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Input, MoRef, Value } from '../../../src/connect/govmomi/schema/values.ts'
import type { SeedVCenter } from '../../../src/model/lab-seed.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

type Rule = Value<'ClusterAntiAffinityRuleSpec'>

describe('a cluster of the lab', () => {
  let rig: Rig
  let client: Client
  let cluster: MoRef
  beforeEach(() => open(SEED))
  afterEach(close)

  async function open(seed: SeedVCenter, folder?: string): Promise<void> {
    rig = await openRig(seed, { folder: folder ?? (await makeFolder()) })
    client = await rig.login()
    cluster = await client.find('/FRA/host/edge')
  }

  async function close(): Promise<void> {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  }

  async function reopen(seed: SeedVCenter): Promise<void> {
    await client.close()
    await rig.close()
    await open(seed, rig.folder)
  }

  const reconfigure = (spec: Partial<Input<'ClusterConfigSpecEx'>>) => {
    const { session, signal } = client
    const args = { spec: { $type: 'ClusterConfigSpecEx', ...spec }, modify: true }
    return client.done(session.call('ReconfigureComputeResource_Task', { self: cluster, args, signal }))
  }

  const change = (operation: 'add' | 'edit' | 'remove', info?: Partial<Rule>, removeKey?: number) =>
    reconfigure({
      rulesSpec: [
        {
          operation,
          ...(removeKey !== undefined && { removeKey }),
          ...(info !== undefined && {
            info: { $type: 'ClusterAntiAffinityRuleSpec', ...info },
          }),
        },
      ],
    })

  async function read() {
    const values = await client.properties.get('ClusterComputeResource', cluster, ['configurationEx'])
    const { rule = [], drsConfig } = values.configurationEx ?? {}
    return { rules: rule as readonly Rule[], drs: drsConfig }
  }

  const power = (operation: 'PowerOnVM_Task' | 'PowerOffVM_Task', self: MoRef) =>
    client.done(client.session.call(operation, { self, args: {}, signal: client.signal }))

  const hostOf = (name: string) => rig.vcenter.status().vms.find((vm) => vm.name === name)?.host

  it('keeps machines apart: rules are added, changed and removed, and outlive the process', async () => {
    const [a, b] = [await client.importVm('edge-1'), await client.importVm('edge-3')]
    const rule = { name: 'apart', enabled: true, mandatory: false, vm: [a, b] }
    expect((await read()).drs).toMatchObject({ enabled: true, defaultVmBehavior: 'fullyAutomated' })
    await change('add', rule)
    const [made] = (await read()).rules
    expect(made).toMatchObject({ ...rule, $type: 'ClusterAntiAffinityRuleSpec', inCompliance: true })

    await expect(change('add', rule)).rejects.toMatchObject({ fault: { type: 'DuplicateName' } })
    await expect(change('add', { name: 'alone', vm: [a] })).rejects.toMatchObject({
      fault: { type: 'InvalidArgument' },
    })
    const gone = { type: 'VirtualMachine', value: 'vm-0' }
    await expect(change('add', { name: 'gone', vm: [a, gone] })).rejects.toMatchObject({
      fault: { type: 'ManagedObjectNotFound' },
    })
    await expect(change('edit', { ...rule, key: 99 })).rejects.toMatchObject({
      fault: { type: 'InvalidArgument' },
    })
    await change('edit', { ...rule, key: made?.key, mandatory: true })
    await reopen(SEED)
    expect((await read()).rules).toMatchObject([{ name: 'apart', mandatory: true, key: made?.key }])
    await expect(change('remove', undefined, 99)).rejects.toMatchObject({
      fault: { type: 'InvalidArgument' },
    })
    await change('remove', undefined, made?.key)
    expect((await read()).rules).toEqual([])
  })

  it('forgets a rule whose machines are gone', async () => {
    const [a, b] = [await client.importVm('edge-1'), await client.importVm('edge-2')]
    await change('add', { name: 'apart', enabled: true, vm: [a, b] })
    const { session, signal } = client
    await client.done(session.call('Destroy_Task', { self: a, args: {}, signal }))
    expect((await read()).rules).toEqual([])
  })

  it('switches a machine on where a rule and the host’s memory allow it', async () => {
    // Counted names go to hosts in turn, so that these two are on the same.
    const [a, b] = [await client.importVm('edge-1'), await client.importVm('edge-3')]
    await power('PowerOnVM_Task', a)
    await change('add', { name: 'apart', enabled: true, vm: [a, b] })
    expect([hostOf('edge-1'), hostOf('edge-3')]).toEqual(['esx-1.lab', 'esx-1.lab'])
    const datacenter = await client.find('/FRA')
    const { session, signal } = client
    const many = (vm: readonly MoRef[]) =>
      client.done(
        session.call('PowerOnMultiVM_Task', { self: datacenter, args: { vm, option: [] }, signal }),
      ) as Promise<unknown> as Promise<Value<'ClusterPowerOnVmResult'>>
    const gone = { type: 'VirtualMachine', value: 'vm-0' }
    const { attempted, notAttempted } = await many([b, gone])
    expect(notAttempted).toMatchObject([{ vm: gone, fault: { fault: { $type: 'ManagedObjectNotFound' } } }])
    await client.done(Promise.resolve(attempted[0]?.task ?? gone))
    expect(hostOf('edge-3')).toBe('esx-2.lab')
    expect((await read()).rules).toMatchObject([{ inCompliance: true }])

    // Nobody moves anything where the scheduler only recommends.
    await power('PowerOffVM_Task', b)
    const drsConfig = { enabled: true, defaultVmBehavior: 'manual' } as const
    const [rule] = (await read()).rules
    await change('edit', { ...rule, mandatory: true })
    await reconfigure({ drsConfig })
    await power('PowerOffVM_Task', a)
    const c = await client.importVm('edge-4')
    await power('PowerOnVM_Task', c)
    await change('add', { name: 'apart too', enabled: true, mandatory: true, vm: [b, c] })
    await expect(power('PowerOnVM_Task', b)).rejects.toMatchObject({ fault: { type: 'RuleViolation' } })
  })

  it('leaves the choice of a host to the client where the scheduler is off', async () => {
    await reopen({ ...SEED, drs: 'off' })
    expect((await read()).drs).toMatchObject({ enabled: false })
    await expect(client.importVm('edge-1')).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
  })
})

describe('a host of the lab', () => {
  let rig: Rig
  let client: Client
  let host: MoRef
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    host = await client.find('/FRA/host/edge/esx-1.lab')
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const enter = (timeout: number) =>
    client.done(
      client.session.call('EnterMaintenanceMode_Task', {
        self: host,
        args: { timeout },
        signal: client.signal,
      }),
    )
  const powerOn = (self: MoRef) =>
    client.done(client.session.call('PowerOnVM_Task', { self, args: {}, signal: client.signal }))
  const isIn = async () => {
    const paths = ['runtime.inMaintenanceMode'] as const
    return (await client.properties.get('HostSystem', host, paths))['runtime.inMaintenanceMode']
  }

  it('hands its machines on before it goes into maintenance, and takes no new ones', async () => {
    await powerOn(await client.importVm('edge-1'))
    await enter(0)
    expect(await isIn()).toBe(true)
    expect(rig.vcenter.status().vms).toMatchObject([{ host: 'esx-2.lab', power: 'poweredOn' }])
    await client.importVm('edge-3')
    expect(rig.vcenter.status().vms.map((vm) => vm.host)).toEqual(['esx-2.lab', 'esx-2.lab'])
  })

  it('waits for what it cannot hand on, as long as it is told', async () => {
    const vm = await client.importVm('edge-1')
    const { session, signal } = client
    const other = await client.find('/FRA/host/edge/esx-2.lab')
    await client.done(
      session.call('EnterMaintenanceMode_Task', { self: other, args: { timeout: 0 }, signal }),
    )
    await powerOn(vm)
    await expect(enter(60)).rejects.toMatchObject({ fault: { type: 'Timedout' } })
    expect(await isIn()).toBe(false)
    const entering = enter(0)
    await client.done(session.call('PowerOffVM_Task', { self: vm, args: {}, signal }))
    await entering
    expect(await isIn()).toBe(true)
  })

  it('restarts only in maintenance, does not answer meanwhile, and comes back', async () => {
    const { session, signal } = client
    const restart = () => session.call('RebootHost_Task', { self: host, args: { force: false }, signal })
    await expect(restart()).rejects.toMatchObject({ fault: { type: 'InvalidHostState' } })
    await enter(0)
    const paths = ['configManager', 'runtime.bootTime'] as const
    const before = await client.properties.get('HostSystem', host, paths)
    await client.done(restart())
    const self = before.configManager.advancedOption ?? host
    const query = () => session.call('QueryOptions', { self, args: { name: 'Net.' }, signal })
    const seen: unknown[] = []
    let refused: Promise<unknown> | undefined
    await client.watcher.watch({
      type: 'HostSystem',
      ref: host,
      paths: ['runtime.connectionState'],
      signal,
      until(values) {
        seen.push(values.get('runtime.connectionState'))
        if (seen.at(-1) === 'notResponding') refused = query().catch((error: unknown) => error)
        return seen.includes('notResponding') && seen.at(-1) === 'connected'
      },
    })
    expect(seen.slice(-2)).toEqual(['notResponding', 'connected'])
    expect(await refused).toMatchObject({ fault: { type: 'HostNotConnected' } })
    expect(await query()).not.toEqual([])
    const after = await client.properties.get('HostSystem', host, paths)
    expect(after['runtime.bootTime']).not.toBe(before['runtime.bootTime'])
    expect(await isIn()).toBe(true)
  })
})
