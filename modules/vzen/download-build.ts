import {
  CommandError,
  ConnectError,
  sh,
  TimeoutError,
  type ApplianceWriter,
  type ApplyContext,
  type CommandResult,
} from '#sdk'

import { lastLine, outputOfResult } from './answer.ts'
import { readDownload, type DownloadFacts } from './read-download.ts'

/** What the work on a download needs of the step that does it. */
export type DownloadContext = Pick<
  ApplyContext<ApplianceWriter, { readonly stall: number }, unknown>,
  'connection' | 'params' | 'signal' | 'clock' | 'progress' | 'warn' | 'target'
>

// Two hours: about a gigabyte, over whatever link there is. The step may have less.
const SECONDS = 7200
const ATTEMPTS = 3
const LOOK_EVERY_MS = 15_000
// In brackets, so that the command that ends it does not find itself.
const END = "sudo pkill -f 'vzen download-buil[d]'"
const RETURN_WITHIN_MS = 10 * 60_000

/** Tells how far it is, where the output does. */
function createProgress({ progress }: DownloadContext) {
  let percent = 0
  return {
    percent: () => percent,
    hear(text: string) {
      const told = [...text.matchAll(/\b(\d{1,3})\s*%/g)].at(-1)?.[1]
      if (told === undefined) return
      percent = Math.min(100, Number(told))
      progress({ done: percent, total: 100, unit: 'percent', text: lastLine(text) })
    },
  }
}

/** What moves on while a download lives: its output, and the room it takes on the disk. */
function createPulse({ clock, params, target }: DownloadContext) {
  let last = clock.now()
  let size: number | undefined
  return {
    beat() {
      last = clock.now()
    },
    /** Whether it has been quiet for so long that the disk should be asked. */
    isQuiet: () => clock.now() - last > (params.stall * 1000) / 2,
    /** Takes note of the size on the disk; throws where nothing has moved for too long. */
    check(now: number | undefined, percent: number): void {
      if (now !== undefined && now !== size) last = clock.now()
      size = now ?? size
      const minutes = Math.round((clock.now() - last) / 60_000)
      if (clock.now() - last < params.stall * 1000) return
      throw new TimeoutError(
        `the download of the build on ${target} stands still at ${percent} %: for ${minutes} minutes it has said nothing and /sc/update has not grown`,
        {
          hint: `look at the link to the update servers; where it hangs for good, end it on the appliance with “${END}”: the next run waits for one that still runs, and begins anew where there is none`,
        },
      )
    },
  }
}

type Pulse = ReturnType<typeof createPulse>

/** The facts of the download; nothing where the appliance cannot be asked just now. */
async function look({ connection, signal }: DownloadContext): Promise<DownloadFacts | undefined> {
  try {
    return await readDownload(await connection.ssh({ signal }), signal)
  } catch (cause) {
    if (cause instanceof ConnectError) return undefined
    throw cause
  }
}

/** Runs the command and watches it; what stands still is given up. */
async function watchCommand(context: DownloadContext, pulse: Pulse): Promise<CommandResult> {
  const { connection, signal, clock } = context
  const progress = createProgress(context)
  const ended = new AbortController()
  const stalled = new AbortController()
  const watch = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, { signal: ended.signal })
      if (!pulse.isQuiet()) continue
      pulse.check((await look(context))?.size, progress.percent())
    }
  }
  const watching = watch().catch((cause: unknown) => {
    if (!ended.signal.aborted) stalled.abort(cause)
  })
  try {
    const ssh = await connection.ssh({ signal })
    return await ssh.run(sh`vzen download-build`, {
      signal: AbortSignal.any([signal, stalled.signal]),
      sudo: true,
      timeout: SECONDS,
      onOutput(text) {
        pulse.beat()
        progress.hear(text)
      },
    })
  } catch (cause) {
    throw stalled.signal.aborted ? stalled.signal.reason : cause
  } finally {
    ended.abort()
    await watching
  }
}

/** After the connection was lost: waits until the appliance answers again and nothing downloads any more. */
async function outlast(context: DownloadContext, pulse: Pulse): Promise<DownloadFacts> {
  const { clock, signal, target, progress } = context
  const until = clock.now() + RETURN_WITHIN_MS
  pulse.beat()
  for (;;) {
    const facts = await look(context)
    if (facts !== undefined && !facts.isRunning) return facts
    if (facts === undefined && clock.now() > until) {
      throw new ConnectError('timeout', `${target} did not come back while its build was downloaded`, {
        hint: 'look at its console; then run this step again',
      })
    }
    if (facts !== undefined) {
      pulse.check(facts.size, 0)
      progress({
        done: (facts.size ?? 0) * 1024,
        unit: 'bytes',
        text: 'the download goes on without the connection',
      })
    }
    await clock.sleep(LOOK_EVERY_MS, { signal })
  }
}

/**
 * Downloads and installs the build, about a gigabyte, and outlives the connection: where that breaks, the download is
 * waited for as long as it goes on, and begun again where it did not. Gives nothing where it was installed; otherwise how
 * the command ended.
 */
export async function downloadBuild(context: DownloadContext): Promise<CommandResult | undefined> {
  const { connection, signal, warn } = context
  const pulse = createPulse(context)
  for (let attempt = 1; ; attempt++) {
    const before = await readDownload(await connection.ssh({ signal }), signal)
    if (before.isInstalled) return undefined
    if (before.isRunning) {
      warn('a download of the build runs on the appliance already; it is waited for')
    } else {
      pulse.beat()
      const result = await watchCommand(context, pulse)
      if (result.kind !== 'lost') return result
      if (attempt >= ATTEMPTS) outputOfResult(result, 'vzen download-build')
      warn(`the connection broke while the build was downloaded (${reasonOf(result)})`)
    }
    if ((await outlast(context, pulse)).isInstalled) return undefined
    if (attempt >= ATTEMPTS) throw new CommandError(`the build was not installed in ${attempt} attempts`)
  }
}

function reasonOf(result: CommandResult): string {
  return result.kind === 'lost' ? result.reason : ''
}
