import type { Appliance } from '../appliance.ts'
import type { Program, Programs } from '../shell/program.ts'

const DOWNLOAD = '/bin/sh /sc/update/vzen download-build'

/** Programs that show processes, and end the one of them that a person may have to end. */
export function createProcessPrograms({ state, updater }: Appliance): Programs {
  const ps: Program = async ({ stdout }) => {
    const processes = ['/sbin/init', '/usr/sbin/syslogd -s', '/usr/sbin/sshd', '/usr/sbin/cron -s']
    if (updater.job !== undefined) processes.push(DOWNLOAD)
    for (const name of Object.keys(state.processes)) processes.push(`/sc/${name}/bin/${name}`)
    stdout.write(['COMMAND', ...processes].map((line) => `${line}\n`).join(''))
    return 0
  }

  const pkill: Program = async ({ args, user, stderr }) => {
    const pattern = new RegExp(args.at(-1) ?? '')
    if (!args.includes('-f') || updater.job === undefined || !pattern.test(DOWNLOAD)) return 1
    if (user !== 'root') {
      stderr.write('pkill: Operation not permitted\n')
      return 1
    }
    updater.job.end()
    return 0
  }

  return { ps, pkill }
}
