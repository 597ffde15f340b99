/*
 * How fast an image gets into a vCenter, beside govc on the same simulator in the same run: `npm run bench:ova`. Fails where a
 * median is worse than what is written below: the machine’s other work falls on both alike.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

import { openVSphere } from '../../src/connect/open-vsphere.ts'
import { wallClock } from '../../src/connect/wall-clock.ts'
import { renderOvf } from '../../src/lab/portal/ovf.ts'
import { renderHead } from '../../src/lab/portal/tar.ts'
import type { Network } from '../../src/model/network.ts'
import { documentedSecret } from '../../src/model/secret.ts'
import { findProgram } from '../support/find-program.ts'

const MB = 1_000_000
const ROUNDS = 5
const SIZES = [200 * MB, 1000 * MB]
const AT_ONCE = 4

/** The most SOAP requests that an import may take, and the most memory in MB that a process may. */
const MOST = { requests: 10, memory: 150 }

/** The least part of govc's speed, of one process and of as many as there are imports, while ours stay in one: what noise leaves of par. */
const LEAST_SPEED = { one: 0.85, many: 0.85 }

/** What a client's process tells about its imports. */
interface Told {
  /** From before the login until after the logout. */
  readonly seconds: number
  /** Most memory above what it had before it opened anything, in MB. */
  readonly memory: number
  /** SOAP requests per import, the login and the logout among them. */
  readonly requests: number
}

interface Simulator {
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

function need(program: string, howToGet: string): string {
  const found = findProgram(program, [join(homedir(), 'go', 'bin'), process.env['GOBIN'] ?? ''])
  if (found !== undefined) return found
  console.error(`${program} is not on this machine: ${howToGet}`)
  process.exit(1)
}

async function startSimulator(): Promise<Simulator> {
  const program = need('vcsim', 'go -C test/support/vcsim install .')
  const child = spawn(program, ['-l', '127.0.0.1:0', '-username', 'root', '-password', 'secret'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { port } = new URL(line.replace(/^.*?(https?:)/, '$1'))
  return {
    port: Number(port),
    url: `https://root:secret@127.0.0.1:${port}/sdk`,
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

// Content that does not compress; what it means is nothing to the simulator, which hashes it and forgets it.
async function writeImage(path: string, size: number): Promise<void> {
  const file = await open(path, 'w')
  const ovf = Buffer.from(renderOvf({ file: 'disk.vmdk', size, capacityGB: 500 }))
  const pad = (length: number): Buffer => Buffer.alloc(-length & 511)
  await file.write(Buffer.concat([renderHead('vse.ovf', ovf.length), ovf, pad(ovf.length)]))
  await file.write(renderHead('disk.vmdk', size))
  const piece = randomBytes(10 * MB)
  for (let left = size; left > 0; left -= piece.length)
    await file.write(piece, 0, Math.min(left, piece.length))
  await file.write(Buffer.concat([pad(size), Buffer.alloc(1024)]))
  await file.sync()
  await file.close()
}

const network: Network = {
  trusted: [],
  async dial(address, { signal }) {
    const socket = connect({ ...address, noDelay: true })
    await once(socket, 'connect', { signal })
    return socket
  },
}

async function findThumbprint(port: number): Promise<string> {
  const endpoint = { host: '127.0.0.1', port, username: 'root', password: documentedSecret('secret') }
  const { signal } = new AbortController()
  const refusal = await openVSphere(endpoint, { network, clock: wallClock, signal }).catch(
    (error: unknown) => error,
  )
  return /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec((refusal as { hint: string }).hint)?.[0] ?? ''
}

/** Runs in a process of its own, so that its memory is only the client's. */
async function importHere(job: {
  port: number
  thumbprint: string
  image: string
  names: string[]
}): Promise<Told> {
  const { port, thumbprint, image, names } = job
  const { signal } = new AbortController()
  let requests = 0
  const before = process.memoryUsage.rss()
  let most = before
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
  const endpoint = {
    host: '127.0.0.1',
    port,
    username: 'root',
    password: documentedSecret('secret'),
    thumbprint,
  }
  // A run has long looked at hosts and places when it comes to an import, and a program in Go has nothing to compile.
  const earlier = await openVSphere(endpoint, { network, clock: wallClock, signal })
  const reader = earlier.reader({ signal })
  await reader.hosts({ datacenter: 'DC0', computeCluster: 'DC0_C0' })
  await Promise.all(['one', 'other'].map((name) => reader.machine(`/DC0/vm/${name}`)))
  await earlier.close()
  const start = performance.now()
  const session = await openVSphere(endpoint, {
    network,
    clock: wallClock,
    signal,
    trace: (_, line) => void (requests += line.includes(' → HTTP') ? 1 : 0),
  })
  const writer = session.writer({ signal })
  await Promise.all(
    names.map((name) =>
      writer.importOva({
        image,
        name,
        placement: { datacenter: 'DC0', computeCluster: 'DC0_C0', datastore: 'LocalDS_0' },
        networks: ['VM Network', 'VM Network', 'VM Network'],
        thin: true,
        annotation: '',
        settings: {},
        onProgress: () => {},
        onWarning: () => {},
      }),
    ),
  )
  await session.close()
  const seconds = (performance.now() - start) / 1000
  clearInterval(look)
  return { seconds, memory: (most - before) / MB, requests: requests / names.length }
}

async function importOurs(job: object): Promise<Told> {
  const script = process.argv[1] ?? ''
  const child = spawn(process.execPath, [script, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout)) as Told
}

async function importByGovc(
  govc: string,
  { url, image, names }: { url: string; image: string; names: string[] },
) {
  const start = performance.now()
  const one = async (name: string): Promise<void> => {
    const child = spawn(
      govc,
      [
        'import.ova',
        '-u',
        url,
        '-k',
        '-dc',
        'DC0',
        '-ds',
        'LocalDS_0',
        '-pool',
        'DC0_C0/Resources',
        '-name',
        name,
        image,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const said = text(child.stderr)
    const [code] = (await once(child, 'exit')) as [number]
    if (code !== 0) throw new TypeError(`govc: ${await said}`)
  }
  await Promise.all(names.map(one))
  return (performance.now() - start) / 1000
}

interface Row {
  readonly size: number
  readonly atOnce: number
}

/** Measures a row; gives what is worse than it may be. */
async function measure(row: Row, folder: string): Promise<readonly string[]> {
  const govc = need('govc', 'go -C test/support/vcsim install ./govc')
  const image = join(folder, `${row.size / MB}.ova`)
  const ours: Told[] = []
  const theirs: number[] = []
  const simulator = await startSimulator()
  try {
    const thumbprint = await findThumbprint(simulator.port)
    const { port, url } = simulator
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = (who: string): string[] =>
        Array.from({ length: row.atOnce }, (_, index) => `${who}-${round}-${index}`)
      theirs.push(await importByGovc(govc, { url, image, names: names('govc') }))
      ours.push(await importOurs({ port, thumbprint, image, names: names('runbook') }))
    }
  } finally {
    await simulator.stop()
  }
  return judge(row, { ours, theirs })
}

const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN

/** Tells what was measured; gives what is worse than it may be. */
function judge(
  { size, atOnce }: Row,
  { ours, theirs }: { readonly ours: readonly Told[]; readonly theirs: readonly number[] },
): readonly string[] {
  const ratesOf = (seconds: readonly number[]): readonly number[] =>
    seconds.map((each) => Math.round((size * atOnce) / MB / each))
  const describe = (rates: readonly number[]): string => `${median(rates)} MB/s (${rates.join(', ')})`
  const mine = ratesOf(ours.map(({ seconds }) => seconds))
  const govcs = ratesOf(theirs)
  const memory = Math.round(median(ours.map((told) => told.memory)))
  const requests = median(ours.map((told) => told.requests))
  const what = `${size / MB} MB × ${atOnce}`
  const least = atOnce === 1 ? LEAST_SPEED.one : LEAST_SPEED.many
  console.log(
    `${what}: runbook ${describe(mine)}, govc ${describe(govcs)}; ` +
      `runbook takes ${memory} MB of memory, ${requests} SOAP requests an import`,
  )
  return [
    ...(median(mine) < median(govcs) * least ? [`${what}: less than ${least * 100} % of govc's speed`] : []),
    ...(requests > MOST.requests ? [`${what}: more than ${MOST.requests} SOAP requests an import`] : []),
    ...(memory > MOST.memory ? [`${what}: more than ${MOST.memory} MB of memory`] : []),
  ]
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ova-'))
  try {
    for (const size of SIZES) await writeImage(join(folder, `${size / MB}.ova`), size)
    const rows = [1, AT_ONCE].flatMap((atOnce) => SIZES.map((size) => ({ size, atOnce })))
    const worse: string[] = []
    for (const row of rows) worse.push(...(await measure(row, folder)))
    for (const each of worse) console.error(each)
    if (worse.length > 0) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const [, , job] = process.argv
if (job === undefined) await main()
else console.log(JSON.stringify(await importHere(JSON.parse(job) as Parameters<typeof importHere>[0])))
