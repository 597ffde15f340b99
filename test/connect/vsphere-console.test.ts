import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { keysOf } from '../../src/connect/console/keys.ts'
import type { Key } from '../../src/connect/console/port.ts'
import { typeKeys } from '../../src/connect/console/type-keys.ts'
import { VimError } from '../../src/connect/govmomi/error.ts'
import { parseDatastorePath } from '../../src/connect/govmomi/object/screenshot.ts'
import type { Session } from '../../src/connect/govmomi/session.ts'
import { createConsolePort } from '../../src/connect/vsphere-console.ts'
import { createGround } from '../../src/connect/vsphere-ground.ts'
import { datacenterPathOf } from '../../src/connect/vsphere-machine.ts'
import { createLabClock } from '../../src/lab/clock.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from '../lab/vcenter/rig.ts'

const VM = '/FRA/vm/edge 1'
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])

describe('the console of a virtual machine', () => {
  let folder: string
  let rig: Rig
  let client: Client
  beforeEach(async () => {
    folder = await makeFolder()
    rig = await openRig(SEED, { folder })
    client = await rig.login()
  })
  afterEach(async () => {
    await client.close()
    await rig.close()
    await removeFolder(folder)
  })

  /** The session of a server that has no `/screen`. */
  const withoutScreen = (asked: string[]): Session => ({
    ...client.session,
    fetch(path, options) {
      asked.push(path.replace(/[?].*/, ''))
      return client.session.fetch(path.startsWith('/screen') ? '/nothing-here' : path, options)
    },
  })

  const open = (session: Session, { writable = true } = {}) =>
    createConsolePort(session, {
      vm: VM,
      writable,
      groundFor: (signal) => createGround(session, { watcher: client.watcher, signal }),
    })

  async function switchOn(): Promise<void> {
    const self = await client.importVm('edge 1')
    await client.done(client.session.call('PowerOnVM_Task', { self, args: {}, signal: client.signal }))
  }

  it('is photographed by the server where there is no /screen, and no picture stays on the datastore', async () => {
    await switchOn()
    const asked: string[] = []
    const port = open(withoutScreen(asked))
    const picture = await port.screen(client.signal)
    expect(picture.subarray(0, 4)).toEqual(PNG)
    expect((await port.screen(client.signal)).subarray(0, 4)).toEqual(PNG)
    const files = asked.filter((path) => path.startsWith('/folder/')).map((path) => path.slice(1))
    expect(files).toHaveLength(2)
    expect(files[0]).toContain('edge%201')
    // Known not to be there, it is asked for once only.
    expect(asked.filter((path) => path === '/screen')).toHaveLength(1)
    for (const file of files) {
      const gone = await client.session.fetch(`/${file}?dcPath=FRA&dsName=ssd-1`, { signal: client.signal })
      expect(gone.status).toBe(404)
    }
  })

  it('is not photographed by somebody who may only look: that would leave a file', async () => {
    await switchOn()
    const asked: string[] = []
    const before = rig.vcenter.mutations
    const port = open(withoutScreen(asked), { writable: false })
    await expect(port.screen(client.signal)).rejects.toMatchObject({
      message: `the console of ${VM} shows nothing: HTTP 404`,
    })
    expect(port.type).toBeUndefined()
    expect(rig.vcenter.mutations).toBe(before)
  })

  it('shows nothing of a machine that is off, and says so', async () => {
    await client.importVm('edge 1')
    await expect(open(client.session).screen(client.signal)).rejects.toMatchObject({
      message: `the console of ${VM} shows nothing: it is off`,
      hint: expect.stringContaining('only while it is on'),
    })
  })

  it('counts the keys that were taken', async () => {
    await switchOn()
    const key: Key = { usage: 0x04, shift: true, control: false, alt: false }
    expect(await open(client.session).type?.([key, key, key], client.signal)).toBe(3)
    expect(rig.guests.get('edge 1')?.keys).toHaveLength(3)
  })
})

describe('the keyboard of a virtual machine that is busy starting', () => {
  it('has taken nothing where it fails, and is tried again; any other failure is one', async () => {
    const folder = await makeFolder()
    const rig = await openRig(SEED, { folder })
    const client = await rig.login()
    const self = await client.importVm('edge 1')
    await client.done(client.session.call('PowerOnVM_Task', { self, args: {}, signal: client.signal }))
    const broken = ['SystemError', 'SystemError', '']
    const session: Session = {
      ...client.session,
      call(operation, call) {
        const type = operation === 'PutUsbScanCodes' ? broken.shift() : ''
        if (type === '' || type === undefined) return client.session.call(operation, call)
        const fault = { type, message: 'A general system error occurred', detail: { faultMessage: [] } }
        return Promise.reject(new VimError('fault', 'PutUsbScanCodes failed', { fault }))
      },
    }
    const groundFor = (signal: AbortSignal) => createGround(session, { watcher: client.watcher, signal })
    const port = createConsolePort(session, { vm: VM, writable: true, groundFor })
    const clock = createLabClock(1000)
    const typed = await typeKeys(port, keysOf('root'), { clock, signal: client.signal, batch: 8 })
    expect(typed).toBe(false)
    expect(rig.guests.get('edge 1')?.keys).toHaveLength(4)
    broken.push('NoPermission')
    await expect(port.type?.(keysOf('r'), client.signal)).rejects.toMatchObject({ code: 'AUTH' })
    await client.close()
    await rig.close()
    await removeFolder(folder)
  })
})

describe('a path on a datastore', () => {
  it('is taken apart, blanks and all', () => {
    expect(parseDatastorePath('[ssd 1] edge 01/edge 01-1.png')).toEqual({
      datastore: 'ssd 1',
      path: 'edge 01/edge 01-1.png',
    })
    expect(parseDatastorePath('[ssd] x')).toEqual({ datastore: 'ssd', path: 'x' })
    expect(parseDatastorePath('edge/edge.png')).toBeUndefined()
  })

  it('belongs to a datacenter, also one in a folder', () => {
    expect(datacenterPathOf('/FRA/vm/edges/fra-1-a')).toBe('/FRA')
    expect(datacenterPathOf('/EU/FRA/vm/vm')).toBe('/EU/FRA')
    expect(datacenterPathOf('/ha-datacenter/vm/edge')).toBe('/ha-datacenter')
  })
})
