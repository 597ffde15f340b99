import { afterEach, describe, expect, it } from 'vitest'

import { hostOption } from '../../../modules/vsphere/host-option.ts'
import { ova } from '../../../modules/vsphere/ova.ts'
import { portGroup } from '../../../modules/vsphere/port-group.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { spellingsOf, typeOption } from '../../../src/connect/govmomi/object/option.ts'
import type { VSphereWriter } from '../../../src/connect/vsphere.ts'
import { openRun } from './ova-rig.ts'
import { openRig, SEED, type Rig } from './rig.ts'

const COMPUTE = { datacenter: '/FRA', computeCluster: 'edge' } as const
const OPTION = 'Net.ReversePathFwdCheckPromisc'

const hostNamed = async (writer: VSphereWriter, name: string) => {
  const [host] = await writer.hosts({ ...COMPUTE, host: name })
  if (host?.networkSystem === undefined) throw new Error(`no ${name}`)
  return { ...host, networkSystem: host.networkSystem }
}

describe('a port group of the appliances', () => {
  let rig: Rig
  afterEach(() => rig.close())

  it('keeps its own teaming, shaping and VLAN, and every other policy of it', async () => {
    rig = await openRig()
    const host = await hostNamed(rig.writer, 'esx-1.lab')
    const policy = {
      nicTeaming: {
        policy: 'failover_explicit',
        nicOrder: { activeNic: ['vmnic1'], standbyNic: ['vmnic0'] },
      },
      offloadPolicy: { csumOffload: true },
      shapingPolicy: {
        enabled: true,
        averageBandwidth: 1_000_000n,
        peakBandwidth: 2_000_000n,
        burstSize: 3_000n,
      },
      security: { macChanges: true },
    }
    const spec = { name: 'vse', vlanId: 99, vswitchName: 'vSwitch0', policy }
    await rig.writer.call('UpdatePortGroup', {
      self: host.networkSystem,
      args: { pgName: 'vse', portgrp: spec },
    })
    const { changes, left } = await rig.run(portGroup({ ...COMPUTE, name: 'vse' }))
    expect(changes.some(({ path }) => path.endsWith('.VLAN'))).toBe(false)
    expect(left).toEqual([])
    const after = (await hostNamed(rig.writer, 'esx-1.lab')).portGroups.find(({ name }) => name === 'vse')
    expect(after?.spec).toMatchObject({
      vlanId: 99,
      policy: {
        ...policy,
        security: { allowPromiscuous: true, macChanges: true, forgedTransmits: true },
      },
    })
  })

  it('moves to another VLAN only where the inventory names one, and says who moves with it', async () => {
    rig = await openRig()
    const place = { ...COMPUTE, datastore: 'ssd-1', folder: 'edges' }
    for (const vm of ['edge-1', 'printer']) {
      await rig.run(ova({ ...place, vm, image: rig.image, networks: ['vse', 'vse', 'vse'] }))
    }
    const task = portGroup({ ...COMPUTE, name: 'vse', vlan: 90, appliances: ['edge-1'] })
    if (task.uses.kind !== 'module') throw new TypeError('not a module')
    const { changes, warnings, facts, left } = await rig.run(task)
    expect(changes).toContainEqual({ path: 'esx-1.lab.VLAN', from: 84, to: 90 })
    expect(changes.find(({ path }) => path === 'esx-1.lab.promiscuous mode')?.note).toBe(
      'also on it: printer',
    )
    expect(left).toEqual([])
    expect(warnings).toEqual(['also on vse: printer; from now on they can see every frame on it'])
    const before = { ...(facts as object), places: [{ exists: true, vlan: 84 }] }
    expect(task.uses.disruptive?.(changes, task.uses.params.parse(task.input), before as never)).toBe(
      'the port group vse moves to VLAN 90, and with it printer',
    )
  })

  it('is never moved to another switch, and its own switch is never changed', async () => {
    rig = await openRig()
    await expect(rig.run(portGroup({ ...COMPUTE, name: 'vse', switch: 'vSwitch9' }))).rejects.toMatchObject({
      message: expect.stringContaining('not on vSwitch9'),
    })
    await rig.run(portGroup({ ...COMPUTE, name: 'vse' }))
    const { switches } = await hostNamed(rig.writer, 'esx-1.lab')
    expect(switches.find(({ name }) => name === 'vSwitch0')?.security.allowPromiscuous).toBe(false)
  })

  it('that is distributed keeps its VLAN where none is named, and what else is set on it', async () => {
    rig = await openRig()
    const task = portGroup({ ...COMPUTE, name: 'dvs-vse', kind: 'distributed', switch: 'dvs' })
    expect(await rig.run(task)).toMatchObject({ left: [] })
    const group = await rig.reader.distributedPortGroup({ datacenter: '/FRA', name: 'dvs-vse' })
    expect(group?.vlan).toBe(86)
    const accepted = { promiscuous: true, macChanges: true, forgedTransmits: true }
    expect(Object.values(group?.policies ?? {})).toEqual([accepted, accepted])
  })
})

describe('the reverse path check', () => {
  let rig: Rig
  afterEach(() => rig.close())

  it('is known under either spelling, and set in the type it is declared in', async () => {
    expect(spellingsOf(OPTION)).toEqual([OPTION, '/Net/ReversePathFwdCheckPromisc'])
    expect(spellingsOf('/Net/ReversePathFwdCheckPromisc')).toEqual(spellingsOf(OPTION))
    const declared = { $type: 'IntOption' } as never
    expect(typeOption(1, { declared, current: 0n })).toBe(1)
    expect(typeOption(1, { declared: { $type: 'BoolOption' }, current: 0n })).toBe(true)
    expect(typeOption(1, { declared: undefined, current: 0n })).toBe(1n)
    expect(typeOption(1, { declared: undefined, current: '0' })).toBe('1')
    rig = await openRig()
    const place = { ...COMPUTE, portGroups: [{ name: 'vse' }] }
    const task = hostOption({ ...place, option: '/Net/ReversePathFwdCheckPromisc' })
    expect(await rig.run(task)).toMatchObject({ changes: [{ from: 0, to: 1 }], left: [] })
    expect(await rig.check(hostOption(place))).toEqual([])
  })

  it('switches promiscuous mode of a distributed port group off and on, and leaves it as it was', async () => {
    rig = await openRig({
      ...SEED,
      hosts: SEED.hosts.map((host) => ({ ...host, uplinks: ['vmnic0', 'vmnic1'] })),
    })
    const group = { name: 'dvs-vse', kind: 'distributed', switch: 'dvs' } as const
    await rig.run(portGroup({ ...COMPUTE, ...group }))
    const read = () => rig.reader.distributedPortGroup({ datacenter: '/FRA', name: 'dvs-vse' })
    const before = await read()
    const task = hostOption({ ...COMPUTE, portGroups: [{ ...group, name: 'dvs-vse' }] })
    if (task.uses.kind !== 'module') throw new TypeError('not a module')
    const { changes, left, facts } = await rig.run(task)
    expect(changes.map(({ path }) => path)).toEqual([`esx-1.lab.${OPTION}`, `esx-2.lab.${OPTION}`])
    expect(left).toEqual([])
    const after = await read()
    expect(after?.setting).toEqual(before?.setting)
    // Switched off once and on once.
    expect(Number(after?.configVersion) - Number(before?.configVersion)).toBe(2)
    expect(task.uses.disruptive?.(changes, task.uses.params.parse(task.input), facts as never)).toContain(
      'dvs-vse',
    )
  })

  it('counts for every port group of appliances on a host, of whatever switch: all are off while it is set', async () => {
    const far = { name: 'far', kind: 'standard', vlan: 90, switch: 'vSwitch1', exists: true } as const
    const seed = { ...SEED, networks: [...SEED.networks, far] }
    rig = await openRig(seed)
    const networks = ['vse', 'far', 'dvs-vse']
    const place = { ...COMPUTE, host: 'esx-1.lab', folder: 'edges', datastore: 'ssd-1' }
    await rig.run(ova({ ...place, vm: 'edge-1', image: rig.image, networks }))
    for (const name of networks) await rig.vcenter.setPolicy(name, { promiscuous: true })
    await rig.run(vmPower({ vm: '/FRA/vm/edges/edge-1', stays: true }))
    const loops = () => networks.filter((name) => rig.hardware.get('edge-1')?.policy(name).loops)
    expect(loops()).toEqual(networks)
    const portGroups = [
      { name: 'vse' },
      { name: 'far', switch: 'vSwitch1' },
      { name: 'dvs-vse', kind: 'distributed' as const, switch: 'dvs' },
    ]
    const task = hostOption({ ...COMPUTE, portGroups })
    const watched = await openRun(rig, { seed })
    expect(await watched.deploy(task)).toMatchObject({ left: [] })
    const standard = ['UpdatePortGroup', 'UpdatePortGroup']
    expect(watched.calls().filter((name) => /^(Update|Reconfigure)/.test(name))).toEqual([
      'ReconfigureDVPortgroup_Task',
      ...standard,
      'UpdateOptions',
      ...standard,
      'ReconfigureDVPortgroup_Task',
    ])
    await watched.close()
    expect(loops()).toEqual([])
    if (task.uses.kind !== 'module') throw new TypeError('not a module')
    const { facts } = await rig.run(task)
    const changes = [{ path: `esx-1.lab.${OPTION}`, from: 0, to: 1 }]
    expect(task.uses.disruptive?.(changes, task.uses.params.parse(task.input), facts as never)).toBe(
      'promiscuous mode of vse, far, dvs-vse is switched off and on again',
    )
  })

  describe('that several clusters depend on', () => {
    const groups = [
      { name: 'vse' },
      { name: 'dvs-other', kind: 'distributed' as const, switch: 'dvs' },
      { name: 'dvs-vse', kind: 'distributed' as const, switch: 'dvs' },
    ]
    const task = hostOption({ ...COMPUTE, portGroups: groups })
    const other = { name: 'dvs-other', kind: 'distributed', vlan: 88, switch: 'dvs', exists: true } as const
    const seed = { ...SEED, networks: [...SEED.networks, other] }
    const openServing = async (): Promise<void> => {
      rig = await openRig(seed)
      for (const { name } of groups) await rig.vcenter.setPolicy(name, { promiscuous: true })
    }
    const promiscuous = async (): Promise<readonly string[]> => {
      const { portGroups } = await hostNamed(rig.writer, 'esx-1.lab')
      const standard = portGroups.filter(({ security }) => security.promiscuous).map(({ name }) => name)
      const distributed = ['dvs-other', 'dvs-vse'].map(async (name) => {
        const group = await rig.reader.distributedPortGroup({ datacenter: '/FRA', name })
        return Object.values(group?.policies ?? {}).every((policy) => policy.promiscuous) ? [name] : []
      })
      return [...standard, ...(await Promise.all(distributed)).flat()]
    }

    it('mends all that a killed run has left off, though the option is right, and nothing that somebody else has', async () => {
      await openServing()
      const before = await rig.reader.distributedPortGroup({ datacenter: '/FRA', name: 'dvs-other' })
      const killed = await openRun(rig, { seed })
      // Killed as soon as the option is set: nothing of that run is carried out from there on.
      const session = {
        ...killed.session,
        writer: (use: { readonly signal: AbortSignal }): VSphereWriter => ({
          ...killed.session.writer(use),
          withoutPromiscuous: async (place, work) => {
            await rig.vcenter.setPolicy(place.name, { promiscuous: false })
            await work()
          },
          setHostOption: async (...order) => {
            await rig.writer.setHostOption(...order)
            throw new Error('killed')
          },
        }),
      }
      await expect(rig.run(task, { session })).rejects.toThrow('killed')
      await killed.close()
      expect(await promiscuous()).toEqual([])

      const again = await rig.run(task)
      const mended = { from: 'reject', to: 'accept', note: expect.stringContaining('has left it off') }
      expect(again.changes).toEqual([
        { path: 'dvs-other in /FRA.promiscuous mode', ...mended },
        { path: 'dvs-vse in /FRA.promiscuous mode', ...mended },
        { path: 'vse on esx-1.lab.promiscuous mode', ...mended },
      ])
      expect(again.left).toEqual([])
      expect(await promiscuous()).toEqual(['vse', 'dvs-other', 'dvs-vse'])
      const after = await rig.reader.distributedPortGroup({ datacenter: '/FRA', name: 'dvs-other' })
      expect(after?.setting).toEqual(before?.setting)
      expect(await rig.run(task)).toMatchObject({ changes: [] })
      expect([...rig.notes]).toEqual([])
      await rig.vcenter.setPolicy('dvs-other', { promiscuous: false })
      expect(await rig.run(task)).toMatchObject({ changes: [] })
    })

    it.each([true, false])(
      'waits ten minutes for a vCenter that went away meanwhile, and names all that stay off (back: %s)',
      async (isBack) => {
        await openServing()
        const run = await openRun(rig, { seed })
        const warnings: string[] = []
        const session = {
          ...run.session,
          writer: (use: { readonly signal: AbortSignal }): VSphereWriter => ({
            ...run.session.writer(use),
            setHostOption: async (...order) => {
              await run.session.writer(use).setHostOption(...order)
              run.setAway(true)
            },
          }),
        }
        const onWarning = (message: string): void => {
          warnings.push(message)
          if (isBack) run.setAway(false)
        }
        const done = rig.run(task, { session, onWarning })
        if (isBack) {
          expect(await done).toMatchObject({ left: [] })
          expect(await promiscuous()).toEqual(['vse', 'dvs-other', 'dvs-vse'])
        } else {
          await expect(done).rejects.toMatchObject({
            message: expect.stringMatching(
              /^promiscuous mode of dvs-other in .FRA, dvs-vse in .FRA, vse on esx-1.lab may be off, and was on: .*vc\.lab/,
            ),
            hint: expect.stringContaining('--tags host-option'),
          })
          expect(await promiscuous()).toEqual([])
          expect(await rig.run(task)).toMatchObject({ left: [] })
          expect(await promiscuous()).toEqual(['vse', 'dvs-other', 'dvs-vse'])
        }
        expect(warnings).toEqual([
          expect.stringMatching(
            /^promiscuous mode of vse on esx-1.lab cannot be switched on again yet: .*tried again for 10 minutes$/,
          ),
        ])
        run.setAway(false)
        await run.close()
      },
    )
  })

  it.each(['standard', 'distributed'] as const)(
    'keeps what somebody else changes on a %s port group while promiscuous mode is off',
    async (kind) => {
      rig = await openRig()
      const isDistributed = kind === 'distributed'
      const name = isDistributed ? 'dvs-vse' : 'vse'
      const wanted = { name, kind, switch: isDistributed ? 'dvs' : 'vSwitch0' }
      await rig.run(portGroup({ ...COMPUTE, ...wanted }))
      const host = await hostNamed(rig.writer, 'esx-1.lab')
      const place = isDistributed ? { name, datacenter: '/FRA' } : { name, host }
      await rig.writer.withoutPromiscuous(place, async () => {
        const security = { promiscuous: false, macChanges: false, forgedTransmits: true }
        const other = { name, switch: wanted.switch, vlan: 99, security }
        if (isDistributed) await rig.writer.putDistributedPortGroup('/FRA', other)
        else await rig.writer.putStandardPortGroup(await hostNamed(rig.writer, 'esx-1.lab'), other)
      })
      const kept = { promiscuous: true, macChanges: false, forgedTransmits: true }
      if (isDistributed) {
        const group = await rig.reader.distributedPortGroup({ datacenter: '/FRA', name })
        expect(group).toMatchObject({ vlan: 99, policies: { security: kept, macManagement: kept } })
      } else {
        const { portGroups } = await hostNamed(rig.writer, 'esx-1.lab')
        expect(portGroups.find((each) => each.name === name)).toMatchObject({
          spec: { vlanId: 99 },
          security: kept,
        })
      }
    },
  )

  it.each(['standard', 'distributed'] as const)(
    'gives promiscuous mode back on a %s port group, also where the work fails or is stopped',
    async (kind) => {
      rig = await openRig()
      const name = kind === 'standard' ? 'vse' : 'dvs-vse'
      await rig.run(portGroup({ ...COMPUTE, name, kind, switch: kind === 'standard' ? 'vSwitch0' : 'dvs' }))
      const isOn = async (): Promise<boolean | undefined> => {
        if (kind === 'distributed') {
          const group = await rig.reader.distributedPortGroup({ datacenter: '/FRA', name })
          return group?.policies['security']?.promiscuous
        }
        const { portGroups } = await hostNamed(rig.writer, 'esx-1.lab')
        return portGroups.find((group) => group.name === name)?.security.promiscuous
      }
      const stop = new AbortController()
      const writer = rig.session.writer({ signal: stop.signal })
      const host = await hostNamed(rig.writer, 'esx-1.lab')
      const place = kind === 'standard' ? { name, host } : { name, datacenter: '/FRA' }
      const seen: (boolean | undefined)[] = []
      const failing = writer.withoutPromiscuous(place, async () => {
        seen.push(await isOn())
        throw new Error('the work failed')
      })
      await expect(failing).rejects.toThrow('the work failed')
      const reason = new Error('stopped')
      const stopped = writer.withoutPromiscuous(place, async () => {
        seen.push(await isOn())
        stop.abort(reason)
      })
      await stopped.catch((error: unknown) => expect(error).toBe(reason))
      expect(seen).toEqual([false, false])
      expect(await isOn()).toBe(true)
    },
  )
})
