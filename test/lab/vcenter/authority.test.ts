import { afterEach, describe, expect, it } from 'vitest'

import type { MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import type { SeedVCenter } from '../../../src/model/lab-seed.ts'
import { ESXI, makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

const IMPORT = ['VApp.Import', 'Datastore.AllocateSpace', 'Network.Assign', 'Resource.AssignVMToPool']
const SPEC = { location: {}, template: false, powerOn: false } as const

describe('what an account may do in the lab', () => {
  let rig: Rig
  let client: Client
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  async function open(seed: SeedVCenter): Promise<void> {
    rig = await openRig(seed, { folder: await makeFolder() })
    client = await rig.login()
  }

  const lacks = (privilegeId: string) => ({ fault: { type: 'NoPermission', detail: { privilegeId } } })

  it('is refused with the privilege that it lacks, before anything is looked at', async () => {
    await open({ ...SEED, privileges: [...IMPORT, 'VirtualMachine.Config.Memory'] })
    const { session, signal } = client
    const vm = await client.importVm('edge-1')
    const on = (self: MoRef) => ({ self, args: {}, signal })
    await expect(session.call('PowerOnVM_Task', on(vm))).rejects.toMatchObject(
      lacks('VirtualMachine.Interact.PowerOn'),
    )
    const folder = await client.find('/FRA/vm')
    const before = rig.vcenter.mutations
    const refused: readonly (readonly [Promise<unknown>, string])[] = [
      [session.call('MarkAsTemplate', on(vm)), 'VirtualMachine.Provisioning.MarkAsTemplate'],
      [session.call('Destroy_Task', on(vm)), 'VirtualMachine.Inventory.Delete'],
      [session.call('CreateScreenshot_Task', on(vm)), 'VirtualMachine.Interact.CreateScreenshot'],
      [
        session.call('CloneVM_Task', { self: vm, args: { folder, name: 'x', spec: SPEC }, signal }),
        'VirtualMachine.Provisioning.Clone',
      ],
      [
        session.call('ReconfigVM_Task', {
          self: vm,
          args: { spec: { memoryMB: 4096n, extraConfig: [{ key: 'a', value: 'b' }] } },
          signal,
        }),
        'VirtualMachine.Config.AdvancedConfig',
      ],
    ]
    for (const [call, privilege] of refused) await expect(call).rejects.toMatchObject(lacks(privilege))
    expect(rig.vcenter.mutations).toBe(before)
    await client.done(
      session.call('ReconfigVM_Task', { self: vm, args: { spec: { memoryMB: 4096n } }, signal }),
    )
    const { status } = await rig.send({
      path: `/screen?id=${vm.value}`,
      headers: {
        authorization: `Basic ${Buffer.from(`${SEED.username}:${SEED.password.reveal()}`).toString('base64')}`,
      },
    })
    expect(status).toBe(403)
  })

  it.each([
    ['some privileges', ['VApp.Import'], [true, true, false]],
    ['all of them', undefined, [true, true, true]],
  ] as const)('is told about an account with %s', async (_, privileges, granted) => {
    await open({ ...SEED, privileges })
    const { session, signal } = client
    const self = session.content.authorizationManager
    const manager = session.content.sessionManager
    if (self === undefined || manager === undefined) throw new Error('no authorization manager')
    const { currentSession } = await client.properties.get('SessionManager', manager, ['currentSession'])
    const sessionId = currentSession?.key ?? ''
    expect(currentSession?.userName).toBe(SEED.username)
    const entity = [await client.find('/FRA')]
    const privId = ['System.Read', 'VApp.Import', 'Host.Config.Network']
    const [answer] = await session.call('HasPrivilegeOnEntities', {
      self,
      args: { entity, sessionId, privId },
      signal,
    })
    expect(answer?.privAvailability.map(({ isGranted }) => isGranted)).toEqual(granted)
    await expect(
      session.call('HasPrivilegeOnEntities', { self, args: { entity, sessionId: 'x', privId }, signal }),
    ).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    const [fetched] = await session.call('FetchUserPrivilegeOnEntities', {
      self,
      args: { entities: entity, userName: SEED.username },
      signal,
    })
    expect(privId.map((each) => fetched?.privileges.includes(each))).toEqual(granted)
  })

  it.each([
    ['free', 'esxBasic.cpuPackageCoreLimited'],
    ['standard', 'esx.enterprisePlus.cpuPackage'],
  ] as const)('depends on the licence: %s', async (licence, edition) => {
    await open({ ...ESXI, licence })
    const { session, signal } = client
    const { licenseManager } = session.content
    if (licenseManager === undefined) throw new Error('no licence manager')
    const { licenses } = await client.properties.get('LicenseManager', licenseManager, ['licenses'])
    expect(licenses).toMatchObject([{ editionKey: edition }])
    const host = await client.find('/ha-datacenter/host/esx.lab/esx.lab')
    const { configManager } = await client.properties.get('HostSystem', host, ['configManager'])
    const change = session.call('UpdateOptions', {
      self: configManager.advancedOption ?? host,
      args: { changedValue: [{ key: 'Net.ReversePathFwdCheckPromisc', value: 1n }] },
      signal,
    })
    if (licence === 'standard') expect(await change).toBeUndefined()
    else await expect(change).rejects.toMatchObject({ fault: { type: 'RestrictedVersion' } })
  })

  it('is told which licence each host of a vCenter has', async () => {
    await open(SEED)
    const { session, signal } = client
    const { licenseManager } = session.content
    if (licenseManager === undefined) throw new Error('no licence manager')
    const paths = ['licenseAssignmentManager'] as const
    const values = await client.properties.get('LicenseManager', licenseManager, paths)
    const self = values.licenseAssignmentManager ?? licenseManager
    const all = await session.call('QueryAssignedLicenses', { self, args: {}, signal })
    expect(all.map(({ entityDisplayName }) => entityDisplayName)).toEqual(['esx-1.lab', 'esx-2.lab'])
    const host = await client.find('/FRA/host/edge/esx-2.lab')
    const args = { entityId: host.value }
    expect(await session.call('QueryAssignedLicenses', { self, args, signal })).toMatchObject([
      { entityId: host.value, assignedLicense: { name: expect.stringContaining('Enterprise') } },
    ])
  })
})
