import { describe, expect, test } from 'vitest'

import { locationBinding } from '../../../modules/zia/location-binding.ts'
import { createRig, viewsOf } from '../../lab/zia/rig.ts'
import { converge, lines } from './converge.ts'

const PLACE = { ipAddress: '10.84.0.110', subnetMask: '255.255.255.0', defaultGateway: '10.84.0.200' }
const CREATE = { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' }

async function createWorld() {
  const rig = await createRig()
  const session = await rig.open()
  const views = viewsOf(session)
  await views.writer.create('virtualZenClusters', { name: 'lab-1', ...PLACE })
  await views.writer.create('virtualZenClusters', { name: 'lab-2', ...PLACE })
  await views.writer.create('virtualZenNodes', { name: 'alone', ...PLACE })
  return { rig, under: { session, clock: rig.clock }, ...views }
}

describe('zia/location-binding', () => {
  test('[rec] binds a cluster to a location that exists, and preserves every other field of a full replace', async () => {
    const { under, reader } = await createWorld()
    const before = await reader.find('locations', 'Frankfurt')
    const input = { location: 'Frankfurt', cluster: 'lab-1' }
    const first = await converge(locationBinding, input, under)
    expect(lines(first.changes)).toEqual(['virtual service edge clusters: [] → ["lab-1"]'])
    expect(first.remaining).toEqual([])
    const after = await reader.find('locations', 'Frankfurt')
    expect(after).toEqual({ ...before, virtualZenClusters: [expect.objectContaining({ name: 'lab-1' })] })
    expect((await converge(locationBinding, input, under)).changes).toEqual([])
  })

  test('keeps what others have bound', async () => {
    const { under } = await createWorld()
    await converge(locationBinding, { location: 'Frankfurt', cluster: 'lab-2' }, under)
    await converge(locationBinding, { location: 'Frankfurt', instance: 'alone' }, under)
    const { changes, facts } = await converge(
      locationBinding,
      { location: 'Frankfurt', cluster: 'lab-1' },
      under,
    )
    expect(lines(changes)).toEqual(['virtual service edge clusters: ["lab-2"] → ["lab-1","lab-2"]'])
    expect(facts).toMatchObject({ clusters: ['lab-1', 'lab-2'], instances: ['alone'] })
  })

  test('creates a location with its firewall on', async () => {
    const { under, reader } = await createWorld()
    const input = { location: 'Lab', cluster: 'lab-1', create: CREATE }
    const { changes, remaining, warnings } = await converge(locationBinding, input, under)
    expect(lines(changes)).toEqual([
      'location: – → Lab',
      'country: – → GERMANY',
      'time zone: – → GERMANY_EUROPE_BERLIN',
      'firewall: – → true',
      'virtual service edge clusters: – → ["lab-1"]',
    ])
    expect(remaining).toEqual([])
    expect(warnings).toEqual([])
    expect(await reader.find('locations', 'Lab')).toMatchObject({ ...CREATE, ofwEnabled: true })
  })

  test('lets two clusters create the location they share at the same time', async () => {
    const { under, reader } = await createWorld()
    const results = await Promise.all(
      ['lab-1', 'lab-2'].map((cluster) =>
        converge(locationBinding, { location: 'Lab', cluster, create: CREATE }, under),
      ),
    )
    expect(results.flatMap(({ remaining }) => remaining)).toEqual([])
    const made = (await reader.list('locations')).filter(({ name }) => name === 'Lab')
    expect(made).toHaveLength(1)
    expect(made[0]?.virtualZenClusters?.map(({ name }) => name).toSorted()).toEqual(['lab-1', 'lab-2'])
  })

  test('fails where the location does not exist and may not be created, in check mode too', async () => {
    const { under } = await createWorld()
    const input = { location: 'Nowhere', cluster: 'lab-1' }
    await expect(converge(locationBinding, input, { ...under, check: true })).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('no location “Nowhere”'),
      hint: expect.stringContaining('Location Management'),
    })
  })

  test('names a location that differs in the case of its letters alone, whether it may be created or not', async () => {
    const { under } = await createWorld()
    await expect(
      converge(locationBinding, { location: 'FRANKFURT', cluster: 'lab-1' }, under),
    ).rejects.toMatchObject({
      message: 'ZIA has no location “FRANKFURT”, but “Frankfurt”, which ZIA takes for the same',
      hint: expect.stringContaining('write it as ZIA does'),
    })
    await expect(
      converge(locationBinding, { location: 'FRANKFURT', cluster: 'lab-1', create: CREATE }, under),
    ).rejects.toThrow('ZIA has the location “Frankfurt”, and sees no difference between that and “FRANKFURT”')
  })

  test('falls back to a precise manual step where the tenant drops the binding', async () => {
    const { rig, under } = await createWorld()
    rig.tenant.faults.inject('drop-binding')
    await expect(
      converge(locationBinding, { location: 'Frankfurt', cluster: 'lab-1' }, under),
    ).rejects.toMatchObject({
      message: expect.stringContaining('dropped its binding to lab-1'),
      hint: expect.stringMatching(/edit Frankfurt, select lab-1 under Virtual Service Edge Clusters/),
    })
  })

  test('says that the firewall rule has no effect where the location’s firewall is off', async () => {
    const { under, reader, writer } = await createWorld()
    const { id } = (await reader.find('locations', 'Frankfurt')) ?? { id: 0 }
    await writer.update('locations', id, () => ({ ofwEnabled: false }))
    const input = { location: 'Frankfurt', cluster: 'lab-1' }
    const words = expect.stringMatching(/firewall of the location is off.*step 6.*no effect/)
    const predicted = await converge(locationBinding, input, { ...under, check: true })
    expect(predicted.changes).toEqual([expect.objectContaining({ note: words })])
    expect((await converge(locationBinding, input, under)).warnings).toContainEqual(words)
  })

  test('names the cluster that is missing', async () => {
    const { under } = await createWorld()
    await expect(
      converge(locationBinding, { location: 'Frankfurt', cluster: 'nobody' }, under),
    ).rejects.toThrow('ZIA has no nobody')
  })

  test.each([
    ['neither', { location: 'Frankfurt' }],
    ['both', { location: 'Frankfurt', cluster: 'a', instance: 'b' }],
  ])('refuses %s of cluster and instance', (_, input) => {
    expect(locationBinding.uses.params.safeParse(input).success).toBe(false)
  })
})
