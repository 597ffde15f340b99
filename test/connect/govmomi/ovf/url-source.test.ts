import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { afterEach, describe, expect, it } from 'vitest'

import { openArchive } from '../../../../src/connect/govmomi/ovf/ova.ts'
import { hideQuery, showUrl } from '../../../../src/connect/govmomi/ovf/show-url.ts'
import { openTarArchive } from '../../../../src/connect/govmomi/ovf/tar-archive.ts'
import { openUrlSource, type UrlSource } from '../../../../src/connect/govmomi/ovf/url-source.ts'
import { hashAlong } from '../../../../src/connect/govmomi/ovf/whole-hash.ts'
import { openRangeServer, type RangeServer, type RangeServerOptions } from '../../../support/range-server.ts'
import { digest, ovf, tar } from './archive.ts'

const bytes = randomBytes(300_000)

describe('bytes behind a URL', () => {
  const servers: RangeServer[] = []
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

  async function serve(content: Buffer = bytes, options: RangeServerOptions = {}): Promise<RangeServer> {
    const server = await openRangeServer(content, options)
    servers.push(server)
    return server
  }

  /** Times that the next connections are refused, before they are opened again. */
  let refusals = 0

  function open(url: string): Promise<UrlSource> {
    return openUrlSource(url, {
      async dial(address, { signal }) {
        if (refusals > 0) {
          refusals -= 1
          throw new Error('127.0.0.1 cannot be reached: EAI_AGAIN')
        }
        const socket = connect(address)
        await once(socket, 'connect', { signal })
        return socket
      },
      trust: { trusted: [] },
      sleep: () => Promise.resolve(),
      signal: AbortSignal.timeout(30_000),
    })
  }

  const urlOf = ({ port }: RangeServer): string => `http://127.0.0.1:${port}/vse.ova`

  it('are read from any place on, and streamed', async () => {
    const source = await open(urlOf(await serve()))
    expect(source.size).toBe(bytes.length)
    expect(await source.read({ offset: 1000, size: 10 })).toEqual(bytes.subarray(1000, 1010))
    const part = await buffer(source.stream({ offset: 5, size: 200_000 }))
    expect(part.equals(bytes.subarray(5, 200_005))).toBe(true)
    await expect(source.read({ offset: bytes.length, size: 1 })).rejects.toMatchObject({ code: 'archive' })
  })

  it('are taken up where the connection broke', async () => {
    const server = await serve(bytes, { cuts: [100_000, 0, 50_000] })
    const source = await open(urlOf(server))
    const all = await buffer(source.stream({ offset: 0, size: bytes.length }))
    expect(all.equals(bytes)).toBe(true)
    expect(server.asked.slice(1)).toEqual([
      'bytes=0-299999',
      'bytes=100000-299999',
      'bytes=100000-299999',
      'bytes=150000-299999',
    ])
  })

  it('are taken up where their server cannot be reached for a moment', async () => {
    const source = await open(urlOf(await serve(bytes, { cuts: [100_000] })))
    refusals = 2
    const all = await buffer(source.stream({ offset: 0, size: bytes.length }))
    expect(all.equals(bytes)).toBe(true)
    expect(refusals).toBe(0)
  })

  it('are not asked for with a password in the URL, which is not repeated either', async () => {
    const server = await serve()
    await expect(open(urlOf(server).replace('//', '//joe:hunter2@'))).rejects.toMatchObject({
      code: 'archive',
      message: expect.not.stringContaining('hunter2'),
    })
    expect(server.asked).toEqual([])
  })

  it('are given up where it breaks again and again', async () => {
    const source = await open(urlOf(await serve(bytes, { cuts: [1, 1, 1, 1] })))
    await expect(buffer(source.stream({ offset: 0, size: bytes.length }))).rejects.toMatchObject({
      code: 'connection',
    })
  })

  it('are not mixed with those of another version', async () => {
    let version = 1
    const source = await open(urlOf(await serve(bytes, { etag: () => `"${version}"` })))
    version = 2
    await expect(source.read({ offset: 0, size: 10 })).rejects.toMatchObject({
      code: 'archive',
      message: expect.stringContaining('changed while it was read'),
    })
  })

  it('may be somewhere else than at the URL', async () => {
    const there = await serve()
    const here = await serve(bytes, {
      instead(_, response) {
        response.writeHead(302, { location: urlOf(there) }).end()
        return true
      },
    })
    expect((await open(urlOf(here))).origin.url).toBe(urlOf(there))
    const round = await serve(bytes, {
      instead(_, response) {
        response.writeHead(302, { location: '/again' }).end()
        return true
      },
    })
    await expect(open(urlOf(round))).rejects.toMatchObject({ message: expect.stringContaining('sends on') })
  })

  it.each([404, 403, 500])('are not there after HTTP %i', async (status) => {
    const server = await serve(bytes, {
      instead(_, response) {
        response.writeHead(status).end()
        return true
      },
    })
    await expect(open(urlOf(server))).rejects.toMatchObject({
      message: expect.stringContaining(`HTTP ${status}`),
    })
  })

  it('have to be offered by ranges', async () => {
    await expect(open(urlOf(await serve(bytes, { ranges: false })))).rejects.toMatchObject({
      hint: expect.stringContaining('download the image'),
    })
  })

  it.each(['ftp://host/vse.ova', 'vse.ova', 'file:///etc/passwd'])('are not fetched from %s', async (url) => {
    await expect(open(url)).rejects.toMatchObject({ code: 'archive' })
  })

  it('are an OVA of which every byte passes once, and the whole is compared', async () => {
    const disk = randomBytes(200_000)
    const image = tar([
      { name: 'vse.ovf', data: ovf({ size: String(disk.length) }) },
      { name: 'vse.mf', data: `SHA256(disk.vmdk)= ${digest('sha256', disk)}\n` },
      { name: 'disk.vmdk', data: disk },
    ])
    const server = await serve(image)
    const whole = hashAlong(await open(urlOf(server)), digest('sha256', image))
    const ova = await openArchive(await openTarArchive(whole))
    const { signal } = new AbortController()
    expect(disk.equals(await buffer(ova.read('disk.vmdk')))).toBe(true)
    await whole.finish(signal)
    expect(server.sent()).toBeLessThan(image.length + 10_000)
    await ova.close()
    const other = hashAlong(await open(urlOf(server)), 'ab'.repeat(32))
    await expect(other.finish(signal)).rejects.toMatchObject({ message: expect.stringContaining('not abab') })
  })
})

describe('a URL as it is shown', () => {
  it.each([
    ['https://images.acme/a/vse.ova?X-Amz-Signature=deadbeef#top', 'https://images.acme/a/vse.ova'],
    ['https://joe:hunter2@images.acme/vse.ova', 'https://images.acme/vse.ova'],
    ['http://images.acme/a@b.ova', 'http://images.acme/a@b.ova'],
    ['ftp://joe:pw@[::1', 'ftp://[::1'],
  ])('%s is %s', (url, shown) => {
    expect(showUrl(url)).toBe(shown)
  })

  it('is so in the words of a server, too', () => {
    const url = 'https://images.acme/vse.ova?sig=deadbeef'
    expect(hideQuery(`cannot fetch ${url}: sig=deadbeef is over`, url)).toBe(
      'cannot fetch https://images.acme/vse.ova: … is over',
    )
    expect(hideQuery('cannot fetch it', url)).toBe('cannot fetch it')
    expect(hideQuery('cannot fetch it', 'https://images.acme/vse.ova?')).toBe('cannot fetch it')
  })
})
