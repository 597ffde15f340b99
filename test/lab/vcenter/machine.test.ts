import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Arguments, MoRef, Value } from '../../../src/connect/govmomi/schema/values.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

type Spec = Arguments<'ReconfigVM_Task'>['spec']

describe('a virtual machine of the lab', () => {
  let rig: Rig
  let client: Client
  let vm: MoRef
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    vm = await client.importVm('edge-1')
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const power = (on: boolean) =>
    client.done(
      client.session.call(on ? 'PowerOnVM_Task' : 'PowerOffVM_Task', {
        self: vm,
        args: {},
        signal: client.signal,
      }),
    )

  const change = (spec: Spec) =>
    client.done(client.session.call('ReconfigVM_Task', { self: vm, args: { spec }, signal: client.signal }))

  const failsWith = (type: string) => ({ fault: { type } })

  async function diskOf() {
    const { 'config.hardware.device': devices } = await client.properties.get('VirtualMachine', vm, [
      'config.hardware.device',
    ])
    return devices?.find(({ $type }) => $type === 'VirtualDisk') as unknown as
      | { capacityInKB: bigint; capacityInBytes: bigint; key: number }
      | undefined
  }

  it('takes more processors, memory and disk while it is off, and refuses memory while it runs', async () => {
    const disk = await diskOf()
    if (disk === undefined) throw new Error('no disk')
    await change({
      numCPUs: 8,
      memoryMB: 49_152n,
      deviceChange: [
        { operation: 'edit', device: { ...disk, capacityInKB: disk.capacityInKB + 1024n } as never },
      ],
    })
    expect((await diskOf())?.capacityInBytes).toBe((500n * 2n ** 20n + 1024n) * 1024n)
    expect(rig.vcenter.status().vms[0]).toMatchObject({ cpus: 8, memoryMB: 49_152 })
    await power(true)
    expect(rig.guests.get('edge-1')?.machine.memoryMB()).toBe(49_152)
    await expect(change({ memoryMB: 65_536n })).rejects.toMatchObject(failsWith('InvalidPowerState'))
    await change({ annotation: 'done', memoryMB: 49_152n })
  })

  it('refuses to shrink a disk, and devices that are not there', async () => {
    const disk = await diskOf()
    if (disk === undefined) throw new Error('no disk')
    const edit = (device: object) =>
      change({ deviceChange: [{ operation: 'edit', device: device as never }] })
    await expect(edit({ ...disk, capacityInKB: 1024n })).rejects.toMatchObject(failsWith('InvalidDeviceSpec'))
    await expect(edit({ ...disk, key: 9999 })).rejects.toMatchObject(failsWith('InvalidDeviceSpec'))
    await expect(change({ memoryMB: 0n })).rejects.toMatchObject(failsWith('InvalidArgument'))
    await expect(change({ changeVersion: 'old' })).rejects.toMatchObject(failsWith('ConcurrentAccess'))
  })

  it('knows which power states follow each other', async () => {
    await expect(power(false)).rejects.toMatchObject(failsWith('InvalidPowerState'))
    await power(true)
    await expect(power(true)).rejects.toMatchObject(failsWith('InvalidPowerState'))
    await expect(
      client.done(client.session.call('Destroy_Task', { self: vm, args: {}, signal: client.signal })),
    ).rejects.toMatchObject(failsWith('InvalidPowerState'))
    await power(false)
    await expect(
      client.session.call('PutUsbScanCodes', {
        self: vm,
        args: { spec: { keyEvents: [{ usbHidCode: (0x28 << 16) | 7 }] } },
        signal: client.signal,
      }),
    ).rejects.toMatchObject(failsWith('InvalidPowerState'))
  })

  it('does one thing at a time', async () => {
    const { session, signal } = client
    const first = session.call('PowerOnVM_Task', { self: vm, args: {}, signal })
    const second = session.call('PowerOnVM_Task', { self: vm, args: {}, signal })
    await expect(Promise.all([first, second])).rejects.toMatchObject(failsWith('TaskInProgress'))
    await client.done(first)
  })

  it('gives its cards the same addresses in every lab', async () => {
    await power(true)
    const macs =
      rig.guests
        .get('edge-1')
        ?.machine.nics()
        .map(({ mac }) => mac) ?? []
    const other = await openRig(SEED, { folder: await makeFolder() })
    const theirs = await other.login()
    const twin = await theirs.importVm('edge-1')
    await theirs.done(theirs.session.call('PowerOnVM_Task', { self: twin, args: {}, signal: theirs.signal }))
    const machine = other.guests.get('edge-1')?.machine
    expect(machine?.nics().map(({ mac }) => mac)).toEqual(macs)
    expect(twin).toEqual(vm)
    expect(new Set(macs).size).toBe(3)
    for (const mac of macs) expect(mac).toMatch(/^00:50:56:[89ab][0-9a-f]:/)
    await theirs.close()
    await other.close()
    await removeFolder(other.folder)
  })

  it('is another machine when it is made again after it ran, and the same when it never did', async () => {
    const { session, signal } = client
    const uuid = () => rig.vcenter.status().vms[0]?.instanceUuid
    const remake = async (): Promise<void> => {
      await client.done(session.call('Destroy_Task', { self: vm, args: {}, signal }))
      vm = await client.importVm('edge-1')
    }
    const first = uuid()
    await remake()
    expect(uuid()).toBe(first)
    await power(true)
    await power(false)
    await remake()
    expect(uuid()).not.toBe(first)
  })

  it('is cloned with addresses of its own', async () => {
    const { session, signal } = client
    const clone = (await client.done(
      session.call('CloneVM_Task', {
        self: vm,
        args: {
          folder: await client.find('/FRA/vm'),
          name: 'edge-2',
          spec: { location: {}, template: false, powerOn: true },
        },
        signal,
      }),
    )) as MoRef
    expect(await client.find('/FRA/vm/edge-2')).toEqual(clone)
    await power(true)
    const [a, b] = ['edge-1', 'edge-2'].map((name) => rig.guests.get(name)?.machine)
    expect(a?.uuid).not.toBe(b?.uuid)
    const shared = a?.nics().filter(({ mac }) => b?.nics().some((other) => other.mac === mac))
    expect(shared).toEqual([])
  })

  it('takes a screenshot into a file, which is fetched and deleted', async () => {
    const { session, signal } = client
    await power(true)
    const path = (await client.done(
      session.call('CreateScreenshot_Task', { self: vm, args: {}, signal }),
    )) as string
    const [, datastore, file] = /^\[(.*)\] (.*)$/.exec(path) ?? []
    const screen = (authorization: string) =>
      rig.send({ path: `/screen?id=${vm.value}`, headers: { authorization } })
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
    expect((await screen(basic('administrator@vsphere.local:wrong'))).status).toBe(401)
    const shown = await screen(basic(`${SEED.username}:${SEED.password.reveal()}`))
    expect(shown.headers['content-type']).toBe('image/png')
    const url = `/folder/${file}?dcPath=FRA&dsName=${datastore}`
    expect((await session.fetch(url, { signal })).body.toString('latin1')).toBe('\u0089PNG edge-1')
    const self = session.content.fileManager
    if (self === undefined) throw new Error('no file manager')
    const remove = () =>
      client.done(session.call('DeleteDatastoreFile_Task', { self, args: { name: path }, signal }))
    await remove()
    await expect(remove()).rejects.toMatchObject(failsWith('FileNotFound'))
  })

  it('loses half of the keys when that fault is injected, and says how many it took', async () => {
    await power(true)
    rig.vcenter.faults.inject('lost-keys')
    const keyEvents = [4, 5, 6, 7].map((usage) => ({ usbHidCode: (usage << 16) | 7 }))
    const type = () =>
      client.session.call('PutUsbScanCodes', {
        self: vm,
        args: { spec: { keyEvents } },
        signal: client.signal,
      })
    expect(await type()).toBe(2)
    expect(await type()).toBe(4)
  })

  it('gets the NITROX card only from a host that passes it through, off, with all memory reserved', async () => {
    const { session, properties, signal } = client
    const host = await client.find('/FRA/host/edge/esx-1.lab')
    const { configManager, 'config.pciPassthruInfo': offered } = await properties.get('HostSystem', host, [
      'configManager',
      'config.pciPassthruInfo',
    ])
    const system = configManager.pciPassthruSystem
    const [card] = offered ?? []
    if (system === undefined || card === undefined) throw new Error('no card')
    expect(card).toMatchObject({ passthruEnabled: false, passthruActive: false, passthruCapable: true })

    const { environmentBrowser } = await properties.get('VirtualMachine', vm, ['environmentBrowser'])
    const target = () =>
      session.call('QueryConfigTarget', { self: environmentBrowser, args: { host }, signal })
    expect((await target())?.pciPassthrough).toEqual([])
    const config = { id: card.id, passthruEnabled: true }
    await session.call('UpdatePassthruConfig', { self: system, args: { config: [config] }, signal })
    const [found] = (await target())?.pciPassthrough ?? []
    if (found === undefined) throw new Error('no card to pass through')
    expect(found.pciDevice.vendorId).toBe(0x177d)

    const { 'runtime.host': where } = await properties.get('VirtualMachine', vm, ['runtime.host'])
    expect(where).toEqual(host)
    const add = (systemId: string) =>
      change({
        deviceChange: [
          {
            operation: 'add',
            device: {
              $type: 'VirtualPCIPassthrough',
              key: -1,
              backing: {
                $type: 'VirtualPCIPassthroughDeviceBackingInfo',
                deviceName: found.pciDevice.deviceName,
                id: found.pciDevice.id,
                deviceId: found.pciDevice.deviceId.toString(16),
                systemId,
                vendorId: found.pciDevice.vendorId,
              },
            } as never,
          },
        ],
      })
    await expect(add('elsewhere')).rejects.toMatchObject(failsWith('InvalidDeviceSpec'))
    await add(found.systemId)
    await expect(power(true)).rejects.toMatchObject(failsWith('GenericVmConfigFault'))
    await change({ memoryReservationLockedToMax: true })
    await power(true)
    expect(rig.guests.get('edge-1')?.machine.pciVendors()).toEqual([0x177d])
    await expect(add(found.systemId)).rejects.toMatchObject(failsWith('InvalidPowerState'))
  })

  it('reserves no more memory than its host has', async () => {
    await change({ memoryMB: BigInt(300 * 1024), memoryReservationLockedToMax: true })
    await expect(power(true)).rejects.toMatchObject(failsWith('InsufficientMemoryResourcesFault'))
  })
})

describe('a machine of the lab that asks something while it is switched on', () => {
  let rig: Rig
  let client: Client
  let vm: MoRef
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
    vm = await client.importVm('edge-1')
    rig.vcenter.faults.inject('question')
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  const powerOn = () => client.session.call('PowerOnVM_Task', { self: vm, args: {}, signal: client.signal })
  const answer = (questionId: string, answerChoice: string) =>
    client.session.call('AnswerVM', {
      self: vm,
      args: { questionId, answerChoice },
      signal: client.signal,
    })

  async function hear(): Promise<Value<'VirtualMachineQuestionInfo'>> {
    let question: Value<'VirtualMachineQuestionInfo'> | undefined
    await client.watcher.watch({
      type: 'VirtualMachine',
      ref: vm,
      paths: ['runtime.question'],
      signal: client.signal,
      until(seen) {
        const asked: unknown = seen.get('runtime.question')
        question = asked === '' ? undefined : (asked as typeof question)
        return question !== undefined
      },
    })
    if (question === undefined) throw new Error('nothing was asked')
    return question
  }

  it('waits for an answer, and goes on with it', async () => {
    const task = await powerOn()
    const { id, text, choice, message } = await hear()
    expect(text).toContain('moved or copied')
    expect(message).toMatchObject([{ id: 'msg.uuid.altered' }])
    expect(choice.choiceInfo.map(({ key, label }) => `${key} ${label}`)).toEqual([
      '0 Cancel',
      '1 I Moved It',
      '2 I Copied It',
    ])
    expect(choice.defaultIndex).toBe(2)
    expect(rig.vcenter.status().vms).toMatchObject([{ power: 'poweredOff' }])
    await expect(answer('none', '2')).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    await expect(answer(id, '7')).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    await answer(id, '2')
    await client.done(Promise.resolve(task))
    expect(rig.vcenter.status().vms).toMatchObject([{ power: 'poweredOn' }])
    await expect(answer(id, '2')).rejects.toMatchObject({ fault: { type: 'InvalidArgument' } })
    const { runtime } = await client.properties.get('VirtualMachine', vm, ['runtime'])
    expect(runtime.question).toBeUndefined()
  })

  it('is not switched on where the answer is no, or the task is cancelled', async () => {
    const task = await powerOn()
    const { id } = await hear()
    await answer(id, '0')
    await expect(client.done(Promise.resolve(task))).rejects.toMatchObject({
      fault: { type: 'GenericVmConfigFault' },
    })
    rig.vcenter.faults.inject('question')
    const again = await powerOn()
    await hear()
    await client.session.call('CancelTask', { self: again, args: {}, signal: client.signal })
    await expect(client.done(Promise.resolve(again))).rejects.toMatchObject({
      fault: { type: 'RequestCanceled' },
    })
    expect(rig.vcenter.status().vms).toMatchObject([{ power: 'poweredOff' }])
    expect(rig.vcenter.holdings().tasks).toBe(0)
  })

  it('does not keep the lab from being closed', async () => {
    await powerOn()
    const { id } = await hear()
    await rig.vcenter.close()
    expect(rig.vcenter.holdings().tasks).toBe(0)
    await expect(answer(id, '2')).rejects.toThrow()
  })
})
