import { afterAll, beforeAll, expect, it } from 'vitest'

import { params as checked } from '../../../modules/vsphere/preflight/params.ts'
import { readPlaces } from '../../../modules/vsphere/preflight/read-places.ts'
import { openVSphere } from '../../../src/connect/open-vsphere.ts'
import type { VSphereReader, VSphereSession } from '../../../src/connect/vsphere.ts'
import { worldNetwork } from '../../../src/connect/world-network.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { describeWith } from '../../support/require-server.ts'
import { startVcsim, vcsimAndGovc, type Vcsim } from '../../support/vcsim/vcsim.ts'

describeWith('a vCenter that sorts everything into folders', vcsimAndGovc, (program) => {
  let simulator: Vcsim
  let session: VSphereSession
  let reader: VSphereReader
  const { signal } = new AbortController()

  beforeAll(async () => {
    simulator = await startVcsim(program, { plain: true, folders: true })
    const clock = createLabClock(100)
    session = await openVSphere(simulator.endpoint, { network: worldNetwork, clock, signal })
    reader = session.reader({ signal })
  })
  afterAll(async () => {
    await session.close()
    await simulator[Symbol.asyncDispose]()
  })

  it.each([
    ['ClusterComputeResource', '/F0/DC0/host/DC0_C0', '/F0/DC0/host/F0/DC0_C0'],
    ['ResourcePool', '/F0/DC0/host/DC0_C0/Resources', '/F0/DC0/host/F0/DC0_C0/Resources'],
    ['Datastore', '/F0/DC0/datastore/LocalDS_0', '/F0/DC0/datastore/F0/LocalDS_0'],
    ['DistributedVirtualSwitch', '/F0/DC0/network/DVS0', '/F0/DC0/network/F0/DVS0'],
    ['Network', '/F0/DC0/network/DC0_DVPG0', '/F0/DC0/network/F0/DC0_DVPG0'],
  ] as const)('shows its %s without them', async (type, short, whole) => {
    expect(await reader.require(type, short)).toEqual(await reader.require(type, whole))
  })

  it('shows what has the name of the folder it is in', async () => {
    const writer = session.writer({ signal })
    const self = await reader.require('Folder', '/F0/DC0/network/F0')
    const switches = await reader.require('DistributedVirtualSwitch', '/F0/DC0/network/DVS0')
    await writer.runTask('Rename_Task', { self, args: { newName: 'DVS0' }, what: 'the test' })
    expect(await reader.require('Folder', '/F0/DC0/network/DVS0')).toEqual(self)
    expect(await reader.require('DistributedVirtualSwitch', '/F0/DC0/network/DVS0')).toEqual(switches)
    await expect(reader.require('Datastore', '/F0/DC0/network/DVS0')).rejects.toMatchObject({
      hint: 'what is there is a Folder; name another path',
    })
    await writer.runTask('Rename_Task', { self, args: { newName: 'F0' }, what: 'the test' })
  })

  it('tells machines of the same name apart by theirs', async () => {
    expect(await reader.find('VirtualMachine', '/F0/DC0/vm/DC0_C0_RP0_VM0')).toBeUndefined()
    expect(await reader.find('VirtualMachine', '/F0/DC0/vm/F0/DC0_C0_RP0_VM0')).toBeDefined()
  })

  it('says what is there where a name is nowhere', async () => {
    await expect(reader.require('Datastore', '/F0/DC0/datastore/LocalDS_1')).rejects.toMatchObject({
      code: 'MODULE',
      message: 'there is no Datastore at /F0/DC0/datastore/LocalDS_1',
    })
  })

  it('has every place of a placement', async () => {
    const places = await readPlaces(
      reader,
      checked.parse({
        datacenter: 'F0/DC0',
        computeCluster: 'DC0_C0',
        folder: 'F0',
        datastore: 'LocalDS_0',
        portGroups: [{ name: 'DC0_DVPG0', kind: 'distributed', switch: 'DVS0' }],
      }),
    )
    expect(places.missing).toEqual([])
    expect((await reader.hosts({ datacenter: 'F0/DC0', computeCluster: 'DC0_C0' })).length).toBe(3)
  })
})
