import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { openSsh } from '../../src/connect/ssh/connection.ts'
import { documentedSecret } from '../../src/model/secret.ts'
import { startFleet, type Fleet } from './ssh/fleet.ts'
import type { BenchResult, BenchTask } from './ssh/job.ts'
import { groundOf, runByRunbook } from './ssh/runbook-client.ts'
import { runByScript } from './ssh/script-client.ts'

// `npm run bench:ssh`, as root: the job of one node on many real servers, by the engine and by a script that does nothing
// else, in turns; and a large upload beside scp. Exits with 1 where a promise of the README does not hold.

const run = promisify(execFile)
const SIZES = (process.env['BENCH_SIZES'] ?? '1,16,64,256').split(',').map(Number)
/** Rounds of each client; few nodes are through quickly, and differ more from one round to the next. */
const roundsOf = (size: number): number => (size < 64 ? 9 : 3)
const LARGE = 200_000_000
const UPLOADS = 6

const rss = (): number => {
  global.gc?.()
  global.gc?.()
  return process.memoryUsage.rss()
}

/** The half of a client, in a process of its own. */
async function measure(task: BenchTask): Promise<BenchResult> {
  const before = rss()
  const ground = groundOf(task)
  const [wall, cpu] = [performance.now(), process.cpuUsage()]
  const nodes = await Promise.all(
    task.hosts.map((host) =>
      task.client === 'script' ? runByScript(host, task) : runByRunbook(host, { task, ground }),
    ),
  )
  const { user, system } = process.cpuUsage(cpu)
  const took = performance.now() - wall
  const perTarget = (rss() - before) / task.hosts.length
  await Promise.all(nodes.map((node) => node.close()))
  await ground.close()
  return { wall: took, cpu: (user + system) / 1000, perTarget }
}

// V8 gives the young generation up to 48 MB, however many nodes there are, which would count as if each took its share of it.
const V8 = ['--expose-gc', '--max-semi-space-size=2']

async function inProcess(task: BenchTask): Promise<BenchResult> {
  const child = fork(process.argv[1] ?? '', ['child'], { execArgv: V8 })
  child.send(task)
  const [result] = (await once(child, 'message')) as [BenchResult]
  await once(child, 'exit')
  return result
}

const least = (results: readonly BenchResult[], key: keyof BenchResult): number =>
  Math.min(...results.map((result) => result[key]))

async function compare(fleet: Fleet, file: string): Promise<boolean> {
  const results: Record<BenchTask['client'], BenchResult[]> = { script: [], runbook: [] }
  for (let round = 0; round < roundsOf(fleet.hosts.length); round++) {
    for (const client of ['script', 'runbook'] as const) {
      const { hosts, port, username, key, vzen, fingerprint, folder } = fleet
      await rm(join(folder, 'state'), { recursive: true, force: true })
      const to = join(folder, `bundle-${client}-${round}`)
      results[client].push(
        await inProcess({ client, hosts, port, username, key, vzen, fingerprint, file, to }),
      )
    }
  }
  const { script, runbook } = results
  const [wall, cpu] = (['wall', 'cpu'] as const).map((key) => least(runbook, key) / least(script, key))
  const memory = least(runbook, 'perTarget') / 1024
  const ms = (value: number): string => value.toFixed(0).padStart(7)
  console.log(
    `${String(fleet.hosts.length).padStart(5)} |${ms(least(script, 'wall'))} ${ms(least(runbook, 'wall'))}  ${wall?.toFixed(2)} |` +
      `${ms(least(script, 'cpu'))} ${ms(least(runbook, 'cpu'))}  ${cpu?.toFixed(2)} | ${ms(memory)}`,
  )
  // One node says nothing of the memory that each of many costs.
  return (wall ?? 9) <= 1.3 && (cpu ?? 9) <= 1.3 && (fleet.hosts.length < 64 || memory < 300)
}

async function uploadLarge(fleet: Fleet): Promise<boolean> {
  const [host = ''] = fleet.hosts
  const file = join(fleet.folder, 'large')
  await writeFile(file, '')
  await truncate(file, LARGE)
  const ground = groundOf(fleet)
  const scpTimes: number[] = []
  const ourTimes: number[] = []
  for (let round = 0; round < UPLOADS; round++) {
    const to = join(fleet.folder, `large-${round}`)
    const target = `scp://${fleet.username}@${host}:${fleet.port}/${to}.scp`
    let start = performance.now()
    const options = [
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
    ]
    await run('scp', ['-q', '-i', fleet.key, ...options, file, target])
    scpTimes.push(performance.now() - start)
    start = performance.now()
    const connection = await openSsh(
      {
        host,
        port: fleet.port,
        username: fleet.username,
        password: documentedSecret('none'),
        ways: { keys: [{ path: fleet.key }] },
      },
      { ground, policy: 'announced', signal: new AbortController().signal },
    )
    await connection.upload(file, { to, signal: new AbortController().signal })
    ourTimes.push(performance.now() - start)
    await connection.close()
    await rm(to)
    await rm(`${to}.scp`)
  }
  const [ours, theirs] = [Math.min(...ourTimes), Math.min(...scpTimes)]
  const rate = (ms: number): string => (LARGE / 1e6 / (ms / 1000)).toFixed(0)
  console.log(
    `\n200 MB, log-in and verification included: ${rate(ours)} MB/s, scp ${rate(theirs)} MB/s: ${(theirs / ours).toFixed(2)}`,
  )
  return theirs / ours >= 0.8
}

async function main(): Promise<void> {
  let fine = true
  console.log('nodes |   wall ms: script, runbook |   cpu ms: script, runbook | KiB a target')
  for (const size of SIZES) {
    const fleet = await startFleet(size, { vzen: join(process.cwd(), 'test/bench/ssh/vzen') })
    try {
      const file = join(fleet.folder, 'bundle')
      await writeFile(file, Buffer.alloc(20_480, 'certificate'))
      fine = (await compare(fleet, file)) && fine
      if (size === SIZES.at(0)) fine = (await uploadLarge(fleet)) && fine
    } finally {
      await fleet.close()
    }
  }
  process.exitCode = fine ? 0 : 1
}

if (process.argv[2] === 'child') {
  const [task] = (await once(process, 'message')) as [BenchTask]
  process.send?.(await measure(task), () => process.disconnect())
} else await main()
