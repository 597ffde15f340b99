import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ova } from '../../../modules/vsphere/ova.ts'
import { explainOwner } from '../../../modules/vsphere/owner.ts'
import { removable } from '../../../modules/vsphere/removable.ts'
import { vmAbsent } from '../../../modules/vsphere/vm-absent.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { IMPORT_MARK } from '../../../src/sdk.ts'
import { openRig, type Rig } from './rig.ts'

const VM = '/FRA/vm/edges/edge-1'

describe('vsphere/vm-absent', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await openRig()
    const place = { datacenter: '/FRA', computeCluster: 'edge', datastore: 'ssd-1', folder: 'edges' }
    for (const vm of ['edge-1', 'edge-2']) {
      await rig.run(ova({ ...place, vm, image: rig.image, networks: ['vse', 'vse', 'vse'], template: false }))
    }
  })
  afterEach(() => rig.close())

  it('switches a machine off and deletes it, leaves the others, and finds nothing the second time', async () => {
    await rig.run(vmPower({ vm: VM, state: 'on' }))
    const paths = ({ changes }: { readonly changes: readonly { readonly path: string }[] }) =>
      changes.map(({ path }) => path)
    expect(paths(await rig.run(vmAbsent({ vm: VM })))).toEqual(['power', 'vm'])
    expect(rig.vcenter.status().vms.map(({ name }) => name)).toEqual(['edge-2'])
    expect(paths(await rig.run(vmAbsent({ vm: VM })))).toEqual([])
    expect(paths(await rig.run(removable({ vms: [VM, '/FRA/vm/edges/edge-2'] })))).toEqual([])
  })
})

describe('a machine’s owner', () => {
  it('is a run where it has its mark, and somebody else otherwise', () => {
    expect(explainOwner({ settings: { [IMPORT_MARK]: 'done' } })).toBeUndefined()
    expect(explainOwner({ settings: { [IMPORT_MARK]: 'importing' } })).toBeUndefined()
    expect(explainOwner({ settings: {} })?.message).toBe('no run has made it')
    expect(explainOwner({ settings: { [IMPORT_MARK]: 'mine' } })?.hint).toContain(IMPORT_MARK)
  })
})
