import type { IncomingMessage, ServerResponse } from 'node:http'

import type { World } from './model/world.ts'
import { hasPrivilege } from './privileges.ts'

/** What a file of a datastore is asked for as, by whoever has already said who he is. */
export function serveFolder(world: World, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://lab')
  const needed = request.method === 'DELETE' ? 'Datastore.FileManagement' : 'Datastore.Browse'
  if (!hasPrivilege(world, needed)) return end(response, 403)
  const name = parseName(url.pathname.slice('/folder/'.length))
  const path = `[${url.searchParams.get('dsName') ?? ''}] ${name}`
  const file = isHere(world, url) ? world.files.get(path) : undefined
  if (file === undefined) return end(response, 404)
  if (request.method === 'DELETE') {
    world.files.delete(path)
    return end(response, 204)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405)
  sendFile(file, request, response)
}

// A vCenter has datastores of one name in several datacenters, so that it has to be told in which; a host has one.
function isHere({ seed }: World, { searchParams }: URL): boolean {
  const datacenter = searchParams.get('dcPath')
  if (seed.kind === 'esxi') return datacenter === null || datacenter === 'ha-datacenter'
  return datacenter?.replace(/^\//, '') === seed.datacenter.replace(/^\//, '')
}

function parseName(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function sendFile(file: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const headers = { 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes' }
  const wanted = request.headers.range
  const range = wanted === undefined ? undefined : parseRange(wanted, file.length)
  if (wanted !== undefined && range === undefined) {
    response.writeHead(416, { 'Content-Range': `bytes */${file.length}`, 'Content-Length': 0 })
    response.end()
    return
  }
  const { start, stop } = range ?? { start: 0, stop: file.length }
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'Content-Length': stop - start,
    ...(range !== undefined && { 'Content-Range': `bytes ${start}-${stop - 1}/${file.length}` }),
  })
  response.end(request.method === 'HEAD' ? undefined : file.subarray(start, stop))
}

// One range, from its beginning or counted from the end; `stop` is the first byte that is not in it.
function parseRange(
  text: string,
  size: number,
): { readonly start: number; readonly stop: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? []
  if (from === '' && to === '') return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const stop = from === '' || to === '' ? size : Math.min(size, Number(to) + 1)
  return start < stop ? { start, stop } : undefined
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': 0 })
  response.end()
}
