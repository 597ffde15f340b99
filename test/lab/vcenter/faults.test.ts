import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from './rig.ts'

const TIME =
  '<CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>'

describe('a vCenter of the lab that is made to fail', () => {
  let rig: Rig
  let client: Client
  beforeEach(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    client = await rig.login()
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('forgets its sessions, once', async () => {
    rig.vcenter.faults.inject('session-expiry')
    expect(await client.find('/FRA')).toMatchObject({ type: 'Datacenter' })
    expect(client.session.logins()).toBe(2)
    await client.find('/FRA')
    expect(client.session.logins()).toBe(2)
  })

  it('is hidden by a proxy’s page for as many requests as asked', async () => {
    rig.vcenter.faults.inject('unavailable', { times: 2 })
    expect(await rig.soap(TIME)).toMatchObject({ status: 503 })
    const second = await rig.soap(TIME)
    expect(second.headers['content-type']).toBe('text/html')
    expect((await rig.soap(TIME)).status).toBe(500)
  })

  it('does what it was told and cuts the connection before it says so', async () => {
    const folder = await client.find('/FRA/vm')
    const { signal } = client
    rig.vcenter.faults.inject('lost-reply')
    await expect(
      client.session.call('CreateFolder', { self: folder, args: { name: 'twice' }, signal }),
    ).rejects.toMatchObject({ code: 'connection' })
    expect(await client.find('/FRA/vm/twice')).toMatchObject({ type: 'Folder' })
  })

  it('answers half a minute late, on the lab’s clock', async () => {
    rig.vcenter.faults.inject('slow')
    expect(await client.find('/FRA')).toMatchObject({ type: 'Datacenter' })
  })

  it('fails a task with a fault, and not the next', async () => {
    const vm = await client.importVm('edge-1')
    const power = () =>
      client.done(client.session.call('PowerOnVM_Task', { self: vm, args: {}, signal: client.signal }))
    rig.vcenter.faults.inject('task-failure')
    await expect(power()).rejects.toMatchObject({ fault: { type: 'SystemError' } })
    expect(rig.vcenter.status().vms[0]?.power).toBe('poweredOff')
    await power()
  })

  it('counts calls that change something, and no others', async () => {
    const before = rig.vcenter.mutations
    await client.find('/FRA/vm')
    await client.properties.get('Folder', client.session.content.rootFolder, ['name'])
    expect(rig.vcenter.mutations).toBe(before)
    const self = await client.find('/FRA/vm')
    await client.session.call('CreateFolder', { self, args: { name: 'x' }, signal: client.signal })
    expect(rig.vcenter.mutations).toBe(before + 1)
  })

  it('keeps nothing of sessions, views and collectors after a logout', async () => {
    const other = await rig.login()
    expect(rig.vcenter.status().sessions).toBe(2)
    await other.close()
    expect(rig.vcenter.status().sessions).toBe(1)
  })
})
