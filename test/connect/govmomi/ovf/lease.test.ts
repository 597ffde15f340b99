import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { parseUploadUrl } from '../../../../src/connect/govmomi/upload.ts'
import type { Progress } from '../../../../src/model/progress.ts'
import { openRig, type Rig } from '../../../modules/vsphere/rig.ts'

type Fault = Parameters<Rig['vcenter']['faults']['inject']>[0]

describe('an import through its lease', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await openRig()
  })
  afterAll(() => rig.close())
  afterEach(async () => {
    rig.vcenter.faults.clear()
    const self = await rig.reader.find('VirtualMachine', '/FRA/vm/edge-1')
    if (self !== undefined)
      await rig.writer.runTask('Destroy_Task', { self, args: {}, what: 'removing edge-1' })
  })

  const warnings: string[] = []
  const run = (onProgress: (progress: Progress) => void = () => {}): Promise<unknown> =>
    rig.writer.importOva({
      image: rig.image,
      name: 'edge-1',
      placement: { datacenter: '/FRA', computeCluster: 'edge', datastore: 'ssd-1' },
      networks: ['vse', 'vse', 'vse'],
      thin: true,
      annotation: '',
      settings: {},
      onProgress,
      onWarning: (message) => void warnings.push(message),
    })

  it.each<[Fault, number]>([
    ['upload-unavailable', 3],
    ['reset', 3],
    ['slow-upload', 1],
  ])('gets over %s, %i times', async (fault, times) => {
    warnings.length = 0
    rig.vcenter.faults.inject(fault, { times })
    await run()
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', importing: false }])
    expect(warnings).toHaveLength(fault === 'slow-upload' ? 0 : 3)
    for (const warning of warnings) expect(warning).toContain('again from its beginning')
  })

  it.each<[Fault, number, string]>([
    ['lease-error', 1, 'import of edge-1 failed: A general system error'],
    ['upload-lease-error', 1, 'import of edge-1 failed: A general system error'],
    ['upload-session-expiry', 1, 'the server no longer knows the lease of the import of edge-1'],
    ['lease-stuck', 1, 'did not get the import of edge-1 ready within 300 s'],
    ['upload-unavailable', 4, 'HTTP 503'],
    ['reset', 4, 'the upload of vse-disk1.vmdk to esx-'],
  ])('ends in one error after %s, %i times, and leaves nothing', async (...[fault, times, message]) => {
    rig.vcenter.faults.inject(fault, { times })
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining(message) })
    expect(rig.vcenter.status().vms).toEqual([])
  })

  it('is complete where only the answer to its last call was lost', async () => {
    let isDone = false
    await run(({ done, total }) => {
      if (done === total && !isDone) rig.vcenter.faults.inject('lost-change')
      isDone = done === total
    })
    expect(rig.vcenter.status().vms).toMatchObject([{ name: 'edge-1', importing: false }])
  })
})

describe('the place of an upload', () => {
  const server = { host: 'esx.acme', port: 8443 }
  it.each([
    ['https://*/nfc/1/disk.vmdk', 'esx.acme', 8443, '/nfc/1/disk.vmdk'],
    ['https://*:444/nfc/1', 'esx.acme', 444, '/nfc/1'],
    ['https://esx-1.acme/nfc/1?a=b', 'esx-1.acme', 443, '/nfc/1?a=b'],
    ['https://[fd00::1]:9/nfc', 'fd00::1', 9, '/nfc'],
  ])('at %s is %s, port %i', (...[url, host, port, path]) => {
    expect(parseUploadUrl(url, server)).toEqual({ host, port, path })
  })

  it('on a server that was reached by an IPv6 address is that address', () => {
    expect(parseUploadUrl('https://*/x', { host: '::1', port: 443 })).toMatchObject({
      host: '::1',
      port: 443,
    })
  })

  it.each(['http://esx.acme/nfc', 'nfc/1', 'https://'])('is not %s', (url) => {
    expect(() => parseUploadUrl(url, server)).toThrow('the server wants an upload to')
  })
})
