import { CommandError } from '../../../../model/error.ts'
import type { Dialect } from '../../dialect.ts'
import { applyStart, applyStop, selectProcesses } from '../../processes.ts'
import type { UpdateJob } from '../../updater.ts'
import type { SubcommandCall } from './subcommand.ts'

/** The build that the lab's update server has. */
export const LATEST_BUILD = '6.2.24.1187'

/** Files of a build; their contents are nobody's business, that they are there is. */
export const BUILD_FILES = ['/sc/sme/bin/sme', '/sc/sme/bin/smmgr', '/sc/smlb/bin/smlb', '/sc/smlb/bin/smmgr']

const DOWNLOAD_MS = 9 * 60_000
const INSTALL_MS = 60_000
const STEPS = 20
const MEGABYTES = 1024
const LOOK_AGAIN_MS = 10_000

const PROGRESS: Readonly<Record<Dialect['progress'], (percent: number) => string>> = {
  percent: (percent) => `${String(percent).padStart(3)}% of ${MEGABYTES} MB\n`,
  dots: () => '.',
  nothing: () => '',
}

type Appliance = SubcommandCall['appliance']

async function download(appliance: Appliance, job: UpdateJob, signal: AbortSignal): Promise<void> {
  const { clock, dialect, state, strikes } = appliance
  for (let step = 1; step <= STEPS; step += 1) {
    await clock.sleep(DOWNLOAD_MS / STEPS, { signal })
    job.kilobytes = (MEGABYTES * 1024 * step) / STEPS
    job.say(PROGRESS[dialect.progress]((step * 100) / STEPS))
    if (step !== Math.floor(STEPS * 0.4) || !strikes('build-stalls')) continue
    // It stands still for as long as the fault does.
    do await clock.sleep(LOOK_AGAIN_MS, { signal })
    while (state.faults['build-stalls'] !== undefined)
  }
}

/** Downloads and installs, and says so; false where the disk refuses. */
async function install(appliance: Appliance, job: UpdateJob, signal: AbortSignal): Promise<boolean> {
  const { state, disk, clock } = appliance
  job.say('Downloading latest version\n')
  await download(appliance, job, signal)
  job.say(`\nInstalling build ${LATEST_BUILD} /sc/smcdsc/vzen_upgrade.sh\n`)
  await clock.sleep(INSTALL_MS, { signal })
  try {
    for (const path of BUILD_FILES) disk.write(path, { data: '\x7fELF', as: 'root', mode: 0o755 })
    const data = `vserv_id=${state.certificate?.serial ?? ''}\n`
    disk.write('/sc/sme/conf/vzen.conf', { data, as: 'root' })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    job.say(`Installation failed: ${error.message}\n`)
    return false
  }
  state.build = { version: LATEST_BUILD, installedAt: clock.now() }
  applyStop(appliance, ['sme', 'cdsc', 'smlb'])
  applyStart(appliance, selectProcesses(appliance))
  await appliance.save()
  job.say('Finished installation!\n')
  return true
}

/**
 * Runs the one download of a machine. Whether it ends with the connection it was asked for over is the dialect's matter;
 * with the system it does in any case.
 */
export async function runDownload({ appliance, stdout, signal }: SubcommandCall): Promise<boolean> {
  const ended = new AbortController()
  const job: UpdateJob = {
    kilobytes: 0,
    say: (text) => stdout.write(text),
    end: () => ended.abort(new CommandError('Terminated')),
  }
  appliance.updater.job = job
  const work = appliance.background(async (life) => {
    try {
      const until = AbortSignal.any(
        appliance.dialect.downloadsOn ? [life, ended.signal] : [life, ended.signal, signal],
      )
      return await install(appliance, job, until)
    } finally {
      appliance.updater.job = undefined
    }
  })
  const left = new Promise<never>((_, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([work, left])
  } finally {
    job.say = () => undefined
  }
}
