import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ova } from '../../../modules/vsphere/ova.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { typeKeys } from '../../../src/connect/console/type-keys.ts'
import { openVSphere } from '../../../src/connect/open-vsphere.ts'
import type { VSphereSession } from '../../../src/connect/vsphere.ts'
import type { Holdings } from '../../../src/lab/vcenter/holdings.ts'
import { VCENTER_FAULTS, type VCenterFaultName } from '../../../src/lab/vcenter/model/named-faults.ts'
import { RunbookError } from '../../../src/model/error.ts'
import { openRig, SEED, type Rig } from '../../modules/vsphere/rig.ts'

type Act = 'open' | 'look' | 'import' | 'copy' | 'power' | 'type'

/** How each fault ends for whoever meets it: well, after the client tried again, or in one error with these words. */
const TABLE: readonly (readonly [VCenterFaultName, Act, 'well' | RegExp])[] = [
  ['certificate', 'open', /certificate of vc\.lab is not trusted/],
  ['unavailable', 'open', 'well'],
  ['session-expiry', 'look', 'well'],
  ['session-expiry', 'import', 'well'],
  ['session-expiry', 'power', 'well'],
  ['session-expiry', 'type', 'well'],
  ['unavailable', 'look', 'well'],
  ['slow', 'look', 'well'],
  ['slow', 'import', 'well'],
  ['lost-reply', 'look', 'well'],
  ['lost-change', 'import', /vc\.lab:443 broke/],
  ['lost-change', 'power', /vc\.lab:443 broke/],
  ['lost-keys', 'type', 'well'],
  ['question', 'power', 'well'],
  ['task-failure', 'power', /was made to fail/],
  ['reset', 'import', 'well'],
  ['slow-upload', 'import', 'well'],
  ['upload-unavailable', 'import', 'well'],
  ['lease-error', 'import', /was made to fail/],
  ['upload-lease-error', 'import', /was made to fail/],
  ['upload-session-expiry', 'import', /no longer knows the lease of the import of edge-/],
  ['session-expiry', 'copy', 'well'],
  ['task-failure', 'copy', /was made to fail/],
  ['lease-stuck', 'import', /did not get .* ready within 300 s/],
]

const NOTHING: Holdings = {
  sessions: 0,
  collectors: 0,
  filters: 0,
  views: 0,
  leases: 0,
  tasks: 0,
  importing: 0,
  files: 0,
}

const namesOf = ({ vcenter }: Rig): readonly string[] => vcenter.status().vms.map(({ name }) => name)

describe('whoever meets a fault of a vCenter', () => {
  let rig: Rig
  const stop = new AbortController()
  beforeAll(async () => {
    rig = await openRig()
    await rig.session.close()
  })
  afterAll(async () => {
    stop.abort()
    await rig.close()
  })

  const open = (): Promise<VSphereSession> =>
    openVSphere(SEED, { network: rig.network, clock: rig.clock, signal: stop.signal })

  const importEdge = (session: VSphereSession, vm: string, template = false) =>
    rig.run(
      ova({
        vm,
        datacenter: '/FRA',
        computeCluster: 'edge',
        datastore: 'ssd-1',
        image: rig.image,
        networks: ['vse', 'vse', 'vse'],
        template,
      }),
      { session },
    )

  async function act(what: Act, vm: string, session: VSphereSession): Promise<void> {
    const { signal } = stop
    switch (what) {
      case 'open':
        return (await open()).close()
      case 'look':
        return void (await session.reader({ signal }).require('Datacenter', '/FRA'))
      case 'import':
        return void (await importEdge(session, vm))
      case 'copy':
        return void (await importEdge(session, vm, true))
      case 'power':
        return void (await rig.run(vmPower({ vm: `/FRA/vm/${vm}` }), { session }))
      case 'type': {
        const port = session.console(`/FRA/vm/${vm}`, { writable: true })
        const key = { usage: 4, shift: false, control: false, alt: false }
        return void (await typeKeys(port, [key, key, key, key], { clock: rig.clock, signal, batch: 4 }))
      }
    }
  }

  async function prepare(what: Act, vm: string): Promise<void> {
    if (what !== 'power' && what !== 'type') return
    const session = await open()
    await importEdge(session, vm)
    if (what === 'type') await rig.run(vmPower({ vm: `/FRA/vm/${vm}` }), { session })
    await session.close()
  }

  it('finds every one of them here', () => {
    expect([...new Set(TABLE.map(([name]) => name))].sort()).toEqual(Object.keys(VCENTER_FAULTS).sort())
  })

  it.each(TABLE.map(([name, what, end], index) => ({ name, what, end, vm: `edge-${index}` })))(
    '$name: to $what ends $end, and nothing is left on the server',
    async ({ name, what, end, vm }) => {
      await prepare(what, vm)
      const session = await open()
      rig.vcenter.faults.inject(name)
      const error = await act(what, vm, session).catch((reason: unknown) => reason)
      expect(rig.vcenter.faults.due()).toEqual({})
      if (end === 'well') expect(error).toBeUndefined()
      else {
        expect(error).toBeInstanceOf(RunbookError)
        expect((error as RunbookError).message).toMatch(end)
        expect((error as RunbookError).hint).toBeTruthy()
      }
      // What the client never heard of, only the end of its session can clear away.
      if (name !== 'lost-change')
        expect(rig.vcenter.holdings()).toMatchObject({ leases: 0, tasks: 0, importing: 0, files: 0 })
      await session.close()
      // A task that nobody waits for any more still comes to its end.
      await expect.poll(() => rig.vcenter.holdings(), { timeout: 10_000 }).toEqual(NOTHING)
      if (end === 'well') return

      const isMade = what === 'import' || what === 'copy'
      if (isMade) expect(namesOf(rig)).not.toContain(vm)
      const next = await open()
      await act(what, vm, next)
      await next.close()
      expect(rig.vcenter.holdings()).toEqual(NOTHING)
      if (isMade) expect(namesOf(rig)).toContain(vm)
    },
  )
})
