import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

import type { Event } from '../../src/model/event.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** How a command line ended. */
export interface Ended {
  /** Exit code; `null` where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Largest resident set, in MB, where it was asked for. */
  readonly peakMB: number
}

/** A project of its own: the same content and engine, nothing left behind by anybody. */
export interface FreshProject extends AsyncDisposable {
  readonly folder: string
  /** Runs the built command. */
  run(...args: readonly string[]): Promise<Ended>
  /** Runs the built command with these environment variables beside the usual ones. */
  runWith(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ended>
  /** Starts the built command with these environment variables, for whoever wants to end it. */
  launch(env: Readonly<Record<string, string>>, args: readonly string[]): Launched
  /** Runs the built command with `--reporter json`; `onEvent` may end it with a signal. */
  watch(args: readonly string[], onEvent: (event: Event) => NodeJS.Signals | undefined): Promise<Watched>
}

/** A command that is running. */
interface Launched {
  readonly process: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ended>
}

/** A run that was watched event by event. */
export interface Watched extends Ended {
  readonly events: readonly Event[]
}

/** Waiting in the lab is quicker in tests than by default, the work is the same. Much quicker, and a moment in which this machine
 * is busy elsewhere would use up a time-out of minutes. */
const ENVIRONMENT = { ...process.env, RUNBOOK_LAB_SCALE: '800', NO_COLOR: '1', CI: 'true' }

/** Type checks that passed, for the next project: a check takes longer than most runs. They are believed for what they read only. */
const CHECKED = join(ROOT, 'node_modules', '.cache', 'runbook-tests')

/** Copies what is kept of type checks, each file at once. */
async function copyChecked(from: string, to: string): Promise<void> {
  const names = await readdir(from).catch(() => [])
  await mkdir(to, { recursive: true })
  for (const name of names.filter((one) => /^types-\w+$/.test(one))) {
    const half = join(to, `${name}.${process.pid}-${Math.random()}`)
    await cp(join(from, name), half)
    await rename(half, join(to, name))
  }
}

/** Makes a project in a temporary folder. */
export async function openFreshProject(): Promise<FreshProject> {
  const folder = await mkdtemp(join(tmpdir(), 'runbook-'))
  for (const name of ['modules', 'node_modules', 'package.json', 'tsconfig.json', 'src', 'runbooks']) {
    await symlink(join(ROOT, name), join(folder, name))
  }
  await cp(join(ROOT, 'inventory'), join(folder, 'inventory'), { recursive: true })
  const cache = join(folder, '.runbook', 'cache')
  await copyChecked(CHECKED, cache)

  function launch(env: Readonly<Record<string, string>>, args: readonly string[]): Launched {
    const { process: child, ended } = start(folder, args, env)
    const keep = async (result: Ended): Promise<Ended> => {
      await copyChecked(cache, CHECKED)
      return result
    }
    return { process: child, ended: ended.then(keep) }
  }

  async function watch(
    args: readonly string[],
    onEvent: (event: Event) => NodeJS.Signals | undefined,
  ): Promise<Watched> {
    const events: Event[] = []
    const child = launch({}, [...args, '--reporter', 'json'])
    const reading = (async () => {
      for await (const line of createInterface({ input: child.process.stdout })) {
        // A killed process may leave half a line.
        const event = parseEvent(line)
        if (event === undefined) continue
        events.push(event)
        const signal = onEvent(event)
        if (signal !== undefined) child.process.kill(signal)
      }
    })()
    const ended = await child.ended
    await reading
    return { ...ended, events }
  }

  return {
    folder,
    run: (...args) => launch({}, args).ended,
    runWith: (env, args) => launch(env, args).ended,
    launch,
    watch,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function parseEvent(line: string): Event | undefined {
  try {
    return JSON.parse(line) as Event
  } catch {
    return undefined
  }
}

const PEAK = /PEAK (\d+)\n$/

function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>>): Launched {
  const report = `process.on('exit',()=>process.stderr.write('PEAK '+process.resourceUsage().maxRSS+'\\n'))`
  const preload = `data:text/javascript,${encodeURIComponent(report)}`
  const child = spawn(process.execPath, ['--import', preload, join(ROOT, 'dist', 'bin.js'), ...args], {
    cwd: folder,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const peakMB = Number(PEAK.exec(out.stderr)?.[1] ?? 0) / 1024
      resolve({ code, stdout: out.stdout, stderr: out.stderr.replace(PEAK, ''), peakMB })
    })
  })
  return { process: child, ended }
}
