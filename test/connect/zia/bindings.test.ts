import { describe, expect, test } from 'vitest'

import { RESOURCES } from '../../../src/connect/zia/resource.ts'
import type { ZiaWriter } from '../../../src/connect/zia/session.ts'
import { openDirect, type Direct } from '../../modules/zia/direct.ts'

const NODE = { ipAddress: '10.0.0.1', subnetMask: '255.255.255.0', defaultGateway: '10.0.0.254' }

/** A tenant that forgets bindings from now on; a person has bound Frankfurt and Munich in time. */
async function openForgetful(direct: Direct) {
  const { tenant, open } = direct
  const warnings: string[] = []
  const session = await open()
  const writer = session.writer({
    signal: new AbortController().signal,
    warn: (message) => void warnings.push(message),
  })
  const cluster = async (name: string) => (await writer.create('virtualZenClusters', { name, ...NODE })).id
  const [theirs, ours] = [await cluster('theirs'), await cluster('ours')]
  const admin = tenant.administrator({ name: 'admin@acme.example' })
  for (const name of ['Frankfurt', 'Munich']) {
    await admin.edit('locations', name, { virtualZenClusters: [{ id: theirs }] })
  }
  tenant.faults.inject('drop-binding')
  const bind = (location: string) =>
    writer.ensure('locations', location, (current) => ({
      virtualZenClusters: [
        ...(current?.virtualZenClusters ?? []).filter((one) => one.id !== ours),
        { id: ours, name: 'ours' },
      ],
    }))
  const puts = () =>
    Object.entries(tenant.counts.calls).reduce(
      (sum, [call, count]) => (call.startsWith('PUT /locations') ? sum + count : sum),
      0,
    )
  return { writer, bind, puts, warnings, theirs, ours }
}

const boundTo = async (writer: ZiaWriter, name: string) =>
  (await writer.find('locations', name))?.virtualZenClusters?.map((one) => one.name) ?? []

const seed = { locations: ['Frankfurt', 'Munich', 'Berlin', 'Hamburg'] }

describe('a tenant that takes bindings and forgets them', () => {
  test('loses those of one location at most, each of them by name, and is sent no other', async () => {
    await using direct = await openDirect({ seed })
    const { writer, bind, puts } = await openForgetful(direct)
    const [first, second] = await Promise.allSettled([bind('Frankfurt'), bind('Munich')])
    expect(first).toMatchObject({
      reason: {
        code: 'MODULE',
        message: expect.stringMatching(/dropped its binding to theirs, ours; lost, .*: theirs$/),
        hint: expect.stringContaining('select theirs, ours under Virtual Service Edge Clusters'),
      },
    })
    expect(second).toMatchObject({
      reason: {
        message: expect.stringMatching(/nothing is sent to the location Munich, .* of Frankfurt/),
        hint: expect.stringContaining('edit Munich, select theirs, ours under'),
      },
    })
    expect(puts()).toBe(1)
    expect(await boundTo(writer, 'Munich')).toEqual(['theirs'])
  })

  test('is tried twice where nothing of others is at stake, and not again at the activation', async () => {
    await using direct = await openDirect({ seed })
    const { writer, bind, puts, warnings } = await openForgetful(direct)
    await expect(bind('Berlin')).rejects.toThrow(/dropped its binding to ours$/)
    expect(puts()).toBe(2)
    await expect(bind('Hamburg')).rejects.toThrow('nothing is sent to the location Hamburg')
    await expect(bind('Munich')).rejects.toThrow('nothing is sent to the location Munich')
    await writer.activate()
    expect(puts()).toBe(2)
    expect(warnings.filter((message) => message.includes('has undone'))).toEqual([])
  })

  test('is found out by a location that is new, too', async () => {
    await using direct = await openDirect({ seed })
    const { writer, bind, puts } = await openForgetful(direct)
    await expect(bind('Cologne')).rejects.toThrow(/dropped its binding to ours$/)
    await expect(bind('Munich')).rejects.toThrow('nothing is sent to the location Munich')
    await writer.activate()
    expect(puts()).toBe(0)
  })

  test('is found out by detaching one of two, too', async () => {
    await using direct = await openDirect({ seed })
    const { writer, theirs, ours } = await openForgetful(direct)
    direct.tenant.faults.clear('drop-binding')
    const admin = direct.tenant.administrator({ name: 'admin@acme.example' })
    await admin.edit('locations', 'Frankfurt', { virtualZenClusters: [{ id: theirs }, { id: ours }] })
    direct.tenant.faults.inject('drop-binding')
    const { id } = (await writer.find('locations', 'Frankfurt')) ?? { id: 0 }
    const detached = writer.update('locations', id, ({ virtualZenClusters }) => ({
      virtualZenClusters: (virtualZenClusters ?? []).filter((one) => one.id !== ours),
    }))
    await expect(detached).rejects.toThrow(/lost, and needed by its users .*: theirs$/)
  })
})

test('what nobody has read of a reference is sent back with it', () => {
  const virtualZens = [{ id: 7, name: 'a', externalId: 'x', extensions: { site: 3 } }]
  expect(RESOURCES.locations.schema.parse({ id: 1, name: 'Frankfurt', virtualZens })).toHaveProperty(
    'virtualZens',
    virtualZens,
  )
})

test('what somebody unbinds at the same time from a tenant that keeps bindings is told', async () => {
  await using direct = await openDirect({ seed })
  const { tenant } = direct
  const { bind, writer, warnings } = await openForgetful(direct)
  tenant.faults.clear('drop-binding')
  await bind('Frankfurt')
  const admin = tenant.administrator({ name: 'admin@acme.example' })
  tenant.watch(async ({ method, path, moment }) => {
    if (method !== 'PUT' || !path.startsWith('/locations') || moment !== 'answered') return
    const { id } = (await writer.find('virtualZenClusters', 'ours')) ?? { id: 0 }
    await admin.edit('locations', 'Munich', { virtualZenClusters: [{ id }] })
  })
  await bind('Munich')
  expect(warnings).toContainEqual(
    'the location “Munich” is no longer bound to theirs: see whether somebody meant it',
  )
})
