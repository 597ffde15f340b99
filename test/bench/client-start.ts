/*
 * What the vSphere client costs: its start, from the table to the first call, and a warm read of properties beside a bare
 * request over the same kind of connection whose answer is only run through an XML tokenizer. `npm run bench:vsphere`.
 * Budgets: 50 ms for the start, 1 ms for a read. Ends with 1 where one is broken.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

import { SaxesParser } from 'saxes'

import { createClient } from '../../src/connect/govmomi/client.ts'
import { renderEnvelope } from '../../src/connect/govmomi/codec/envelope.ts'
import { encodeRequest } from '../../src/connect/govmomi/codec/request.ts'
import { createPropertyReader } from '../../src/connect/govmomi/property.ts'
import { createSoapClient } from '../../src/connect/govmomi/soap-client.ts'
import { startScriptedServer, answer } from '../connect/govmomi/scripted-server.ts'

const STARTS = 7
const READS = 400
const BUDGET = { start: 50, read: 1 }
const HOST = { type: 'HostSystem', value: 'host-1' }
const COLLECTOR = { type: 'PropertyCollector', value: 'PropertyCollector' }
const SIZES = { small: 1, large: 400 } as const

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** One port group after the other, as a host with many networks tells them. */
const network = (groups: number): object => ({
  $type: 'HostNetworkInfo',
  portgroup: Array.from({ length: groups }, (_, index) => ({
    key: `key-vim.host.PortGroup-${index}`,
    vswitch: 'key-vim.host.VirtualSwitch-vSwitch0',
    computedPolicy: { security: { allowPromiscuous: true, macChanges: true, forgedTransmits: true } },
    spec: { name: `network ${index}`, vlanId: index, vswitchName: 'vSwitch0', policy: {} },
  })),
})

async function serve(): Promise<void> {
  const server = await startScriptedServer()
  server.script = ({ operation, args }) => {
    if (operation !== 'RetrievePropertiesEx') return undefined
    const { maxObjects } = (args as { options: { maxObjects: number } }).options
    const propSet = [{ name: 'config.network', val: network(maxObjects) }]
    return answer(operation, { objects: [{ obj: HOST, propSet }] } as never)
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread’s port has no origin
  parentPort?.postMessage({ port: server.port, ca: server.certificate })
}

/** Milliseconds from the table to the first request that goes out, in a process of its own. */
async function start(): Promise<void> {
  const loaded = performance.now()
  let called = loaded
  const soap = createSoapClient({
    request: async () => {
      called = performance.now()
      return { status: 200, headers: {}, body: Buffer.alloc(0) }
    },
    close: () => undefined,
  })
  const self = { type: 'ServiceInstance', value: 'ServiceInstance' }
  await createClient(soap)
    .call('RetrieveServiceContent', { self, args: {}, signal: new AbortController().signal })
    .catch(() => undefined)
  console.log(called - loaded)
}

async function measure(run: () => Promise<unknown>, reads: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let read = 0; read < reads; read += 1) {
    const begun = performance.now()
    await run()
    times.push(performance.now() - begun)
  }
  return times
}

async function main(): Promise<void> {
  const file = process.argv[1] ?? ''
  const starts: number[] = []
  for (let each = 0; each < STARTS; each += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [file, 'start'])
    starts.push(Number(stdout))
  }
  console.log(`start, schema to first call: ${median(starts).toFixed(1)} ms (budget ${BUDGET.start} ms)`)
  let isBroken = median(starts) > BUDGET.start

  const worker = new Worker(file)
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }]
  const { openSession } = await import('../../src/connect/govmomi/session.ts')
  const { renderThumbprint } = await import('../../src/connect/govmomi/thumbprint.ts')
  const thumbprint = await readThumbprint(port, renderThumbprint)
  const { signal } = new AbortController()
  const session = await openSession({
    address: { host: '127.0.0.1', port },
    username: 'u',
    password: () => 'p',
    async dial(address, options) {
      const socket = connect({ ...address, noDelay: true })
      await once(socket, 'connect', { signal: options.signal })
      return socket
    },
    trusted: [],
    thumbprint,
    signal,
    sleep: (_ms, options) => once(options.signal, 'abort').then(() => options.signal.throwIfAborted()),
  })
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  for (const [name, groups] of Object.entries(SIZES)) {
    const reader = createPropertyReader(session, { collector: COLLECTOR, signal, pageSize: groups })
    const ours = (): Promise<unknown> => reader.get('HostSystem', HOST, ['config.network'])
    const bare = (): Promise<number> => readBare({ port, agent, groups })
    const reads = groups > 10 ? READS / 4 : READS
    await measure(ours, reads)
    const size = await bare()
    await measure(bare, reads)
    // In turns, so that whatever else the machine does hits both.
    const rounds = Array.from({ length: 5 }, () => reads / 5)
    const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] }
    for (const each of rounds) {
      times.ours.push(...(await measure(ours, each)))
      times.bare.push(...(await measure(bare, each)))
    }
    const [our, their] = [median(times.ours), median(times.bare)]
    const more = our - their
    console.log(
      `${name} read, ${(size / 1000).toFixed(1)} kB: ours ${our.toFixed(2)} ms, bare ${their.toFixed(2)} ms,` +
        ` ${more.toFixed(2)} ms more` +
        (name === 'small' ? ` (budget ${BUDGET.read} ms)` : ''),
    )
    if (name === 'small') isBroken ||= more > BUDGET.read
  }
  await session.close()
  agent.destroy()
  await worker.terminate()
  process.exitCode = isBroken ? 1 : 0
}

async function readThumbprint(port: number, render: (certificate: Buffer) => string): Promise<string> {
  const { connect: connectTls } = await import('node:tls')
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { raw } = socket.getPeerCertificate()
  socket.destroy()
  return render(raw)
}

/** Sends what our client sends, and tokenizes what comes back. Gives the length of the answer. */
async function readBare(options: { port: number; agent: Agent; groups: number }): Promise<number> {
  const { port, agent, groups } = options
  const body = renderEnvelope(
    encodeRequest({
      operation: 'RetrievePropertiesEx',
      self: COLLECTOR,
      args: {
        specSet: [
          {
            propSet: [{ type: 'HostSystem', all: false, pathSet: ['config.network'] }],
            objectSet: [{ obj: HOST, skip: false }],
          },
        ],
        options: { maxObjects: groups },
      },
    }),
  )
  const headers = { 'content-length': Buffer.byteLength(body), 'content-type': 'text/xml' }
  const outgoing = request({ host: '127.0.0.1', port, agent, path: '/sdk', method: 'POST', headers })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as Parameters<typeof text>
  const answered = await text(response)
  new SaxesParser({ xmlns: false, position: false }).write(answered).close()
  return answered.length
}

if (!isMainThread) await serve()
else if (process.argv[2] === 'start') await start()
else await main()
