import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { strFromU8, unzipSync } from 'fflate'
import { describe, expect, onTestFinished, test } from 'vitest'

import { writeCertificate } from '../../../src/lab/portal/certificate.ts'
import { createRig, viewsOf } from './rig.ts'

const PLACE = { ipAddress: '10.0.0.1', subnetMask: '255.255.255.0', defaultGateway: '10.0.0.254' }

async function createPortal() {
  const rig = await createRig()
  const folder = await mkdtemp(join(tmpdir(), 'portal-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { writer } = viewsOf(await rig.open())
  const download = async (node: string, name: string): Promise<Buffer> => {
    const path = join(folder, 'downloads', name)
    await writeCertificate(node, path, rig)
    return readFile(path)
  }
  return { rig, folder, writer, download }
}

describe('writeCertificate', () => {
  test('writes a ZIP with the instance’s certificate, its key and the authority’s certificate', async () => {
    const { rig, folder, writer, download } = await createPortal()
    const { id } = await writer.create('virtualZenNodes', { name: 'lab-1-a', ...PLACE })
    const members = unzipSync(await download('lab-1-a', 'a.zip'))
    expect(Object.keys(members)).toEqual(['certificate.pem', 'key.pem', 'ca.pem'])
    const certificate = new X509Certificate(strFromU8(members['certificate.pem'] ?? new Uint8Array()))
    expect(certificate.subject).toContain('CN=lab-1-a')
    expect(certificate.verify(new X509Certificate(rig.authority.pem).publicKey)).toBe(true)
    await writer.activate()
    expect(rig.tenant.view.nodeOf(certificate.serialNumber)?.id).toBe(id)
    expect(await readdir(join(folder, 'downloads'))).toEqual(['a.zip'])
  })

  test('writes the same bytes again for the same instance, and other bytes for another', async () => {
    const { writer, download } = await createPortal()
    await writer.create('virtualZenNodes', { name: 'a', ...PLACE })
    await writer.create('virtualZenNodes', { name: 'b', ...PLACE })
    const first = await download('a', '1.zip')
    expect((await download('a', '2.zip')).equals(first)).toBe(true)
    expect((await download('b', '3.zip')).equals(first)).toBe(false)
  })

  test('writes a new certificate for an instance that was deleted and made again', async () => {
    const { writer, download } = await createPortal()
    const { id } = await writer.create('virtualZenNodes', { name: 'a', ...PLACE })
    const first = await download('a', '1.zip')
    await writer.remove('virtualZenNodes', id)
    await writer.create('virtualZenNodes', { name: 'a', ...PLACE })
    expect((await download('a', '2.zip')).equals(first)).toBe(false)
  })

  test('has nothing for an instance that ZIA does not know', async () => {
    const { download } = await createPortal()
    await expect(download('nobody', 'x.zip')).rejects.toMatchObject({
      code: 'MODULE',
      message: expect.stringContaining('nobody'),
    })
  })
})
