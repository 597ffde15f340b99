import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer as createTlsServer } from 'node:tls'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openAuthority } from '../../src/lab/authority.ts'
import { createDocumentStore } from '../../src/state/document-store.ts'

describe('the lab’s certificate authority', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'authority-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('issues what verifies against its root, with names, addresses and the serial asked for', async () => {
    const authority = await openAuthority(createDocumentStore({ folder }))
    const { certificate, serial } = await authority.issue({
      commonName: 'vc.lab',
      names: ['vc.lab', '10.84.0.5'],
      serial: '0abc12',
    })
    const leaf = new X509Certificate(certificate)
    const root = new X509Certificate(authority.pem)
    expect(root.ca).toBe(true)
    expect(root.verify(root.publicKey)).toBe(true)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkHost('vc.lab')).toBe('vc.lab')
    expect(leaf.checkIP('10.84.0.5')).toBe('10.84.0.5')
    expect(serial).toBe('0ABC12')
  })

  it('is the same authority after reopening, and gives the same certificate for the same subject', async () => {
    const first = await openAuthority(createDocumentStore({ folder }))
    const subject = { commonName: 'node', names: ['node'] }
    const [one, again] = await Promise.all([first.issue(subject), first.issue(subject)])
    expect(again).toEqual(one)
    const second = await openAuthority(createDocumentStore({ folder }))
    expect(second.pem).toBe(first.pem)
    expect(await second.issue(subject)).toEqual(one)
    const other = await second.issue({ ...subject, names: ['other'] })
    expect(other.serial).not.toBe(one.serial)
    expect(new X509Certificate(other.certificate).verify(new X509Certificate(first.pem).publicKey)).toBe(true)
  })

  it('certifies a server that a client trusting only the root accepts', async () => {
    const authority = await openAuthority(createDocumentStore({ folder }))
    const { certificate, key } = await authority.issue({ commonName: 'vc.lab', names: ['vc.lab'] })
    const tls = createTlsServer({ cert: certificate, key })
    const server = createServer((socket) => tls.emit('connection', socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = connect({ host: '127.0.0.1', port, servername: 'vc.lab', ca: [authority.pem] })
    await once(client, 'secureConnect')
    expect(client.authorized).toBe(true)
    client.destroy()
    server.close()
  })
})
