import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { pipeline, Readable } from 'node:stream'

import { describe, expect, onTestFinished, test } from 'vitest'

import { createLabNetwork } from '../../../src/lab/network.ts'
import { createRig, viewsOf, type Rig } from '../../lab/zia/rig.ts'

/** A session with a server that lets everybody in and answers everything else as the test likes. */
async function openHostile(listener: RequestListener) {
  const rig: Rig = await createRig()
  const { certificate, key } = await rig.authority.issue({ commonName: 'h', names: [rig.seed.apiHost] })
  const network = createLabNetwork({ trusted: [rig.authority.pem] })
  const server = createServer({ cert: certificate, key }, (request, response) => {
    if (request.url?.endsWith('/orgInformation/lite') === true) return void response.end('{}')
    if (request.url?.endsWith('/authenticatedSession') !== true) return listener(request, response)
    response.writeHead(200, { 'set-cookie': 'JSESSIONID=ABC; Path=/', 'content-type': 'application/json' })
    response.end('{}')
  })
  await network.listen({ host: rig.seed.apiHost, port: 443 }, (socket) => server.emit('connection', socket))
  onTestFinished(async () => {
    server.closeAllConnections()
    await network.close()
  })
  return viewsOf(await rig.open({ network }))
}

const answers = (body: unknown, status = 200): RequestListener => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (_, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

describe('a hostile server', () => {
  test('cannot make the client hold more than a bounded answer', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20)
    const endless = function* () {
      for (;;) yield chunk
    }
    const { reader } = await openHostile((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      pipeline(Readable.from(endless()), response, () => {})
    })
    await expect(reader.list('virtualZenNodes')).rejects.toMatchObject({ code: 'CONNECT', kind: 'protocol' })
  })

  test.each([
    ['HTML', '<html>log in</html>'],
    ['half a document', '[{"id": 1, "na'],
    ['an object for a list', { id: 1 }],
    ['a list of numbers', [1, 2]],
    ['an id that is text', [{ id: '7', name: 'x' }]],
    ['an id beyond all integers', [{ id: 1e300, name: 'x' }]],
    ['no name', [{ id: 7 }]],
    ['an address that is an object', [{ id: 7, name: 'x', ipAddress: { toString: 'x' } }]],
    ['null', null],
  ])('is told apart from ZIA when it answers %s', async (_, body) => {
    const { reader } = await openHostile(answers(body))
    await expect(reader.list('virtualZenNodes')).rejects.toMatchObject({ code: 'CONNECT', kind: 'protocol' })
  })

  test.each([
    ['an unknown status', { status: 'MAYBE' }],
    ['no status', {}],
  ])('is told apart from ZIA when it activates with %s', async (_, body) => {
    const { writer } = await openHostile(answers(body))
    await expect(writer.activate()).rejects.toMatchObject({ kind: 'protocol' })
  })

  test('cannot keep the client reading the same page for ever', async () => {
    const page = Array.from({ length: 1000 }, (_, id) => ({ id, name: `n${id}` }))
    const { reader } = await openHostile(answers(page))
    expect(await reader.list('virtualZenNodes')).toHaveLength(1000)
  })

  test('cannot put escape sequences or endless text into an error', async () => {
    const { reader } = await openHostile(answers({ code: 'X', message: `\u001b[2J${'y'.repeat(9000)}` }, 400))
    const error = await reader.status().catch((cause: Error) => cause)
    expect(error).toMatchObject({ code: 'ZIA' })
    // oxlint-disable-next-line no-control-regex
    expect(String(error)).not.toMatch(/[\u0000-\u001f]/)
    expect(String(error).length).toBeLessThan(600)
  })

  test('cannot send the client elsewhere', async () => {
    const { reader } = await openHostile((_, response) => {
      response.writeHead(302, { location: 'https://evil.example/' }).end()
    })
    await expect(reader.status()).rejects.toMatchObject({ kind: 'protocol' })
  })

  test('cannot make the client wait for hours', async () => {
    const { reader } = await openHostile((_, response) => {
      response.writeHead(429, { 'retry-after': '86400' }).end('{}')
    })
    await expect(reader.status()).rejects.toMatchObject({
      code: 'ZIA',
      hint: expect.stringContaining('quota'),
    })
  })

  test('cannot fool the client with an echo that has no id', async () => {
    const made: unknown[] = []
    const { writer } = await openHostile((request, response) => {
      if (request.method === 'POST') made.push({ id: 5, name: 'g' })
      const isList = request.url?.includes('?') === true
      const one = request.url?.endsWith('/status') === true ? { status: 'ACTIVE' } : made[0]
      const body = request.method === 'POST' ? {} : isList ? made : one
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    expect(await writer.create('ipSourceGroups', { name: 'g' })).toEqual({ id: 5, name: 'g' })
  })
})
