import { CommandError } from '../../../../model/error.ts'
import type { Appliance } from '../../appliance.ts'
import { parseBundle } from '../../certificate-bundle.ts'
import { RC_CONF, renderSetting } from '../../disk/rc-conf.ts'
import { WORDING } from '../../wording.ts'
import { BUILD_FILES, LATEST_BUILD, runDownload } from './download.ts'
import { askWhether } from './question.ts'
import { startAndTell } from './running.ts'
import type { SubcommandCall, Subcommands } from './subcommand.ts'

/** PCI vendor of the NITROX card. */
const CAVIUM = 0x177d

const TIMEOUT_MS = 75_000

/** Exit codes of the family's updater. */
const BAD_CERTIFICATE = 96
const SERVER_TIMEOUT = 97
const DOWNLOAD_FAILED = 99

/** Says why the update server cannot be reached, after trying for as long as the real thing does; 0 where it can. */
async function reachUpdateServer(call: SubcommandCall): Promise<number> {
  const { appliance, stdout, signal } = call
  const { gateway, names } = appliance.reach()
  if (gateway && names) return 0
  await appliance.clock.sleep(TIMEOUT_MS, { signal })
  stdout.write(
    gateway
      ? `Failed to resolve ${updateServer(appliance)}\n`
      : `Connection timed out to ${updateServer(appliance)}\n`,
  )
  return SERVER_TIMEOUT
}

/** Name of the update server of this machine's cloud. */
function updateServer({ state }: Appliance): string {
  return `update1.${state.certificate?.cloud ?? state.service?.cloud ?? 'zscaler.net'}`
}

/** Commands that put something onto the machine. */
export const installSubcommands: Subcommands = {
  'install-cert': {
    summary: 'install the SSL certificate bundle of this Virtual Service Edge',
    privileged: true,
    async run({ args: [path = ''], appliance, stdout, stderr, user }) {
      const { disk, state } = appliance
      if (!path.startsWith('/')) {
        stderr.write(WORDING.absolutePath)
        return 1
      }
      let data: string
      try {
        data = disk.read(path, user)
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        stderr.write(`${path}: ${error.message}\n`)
        return 1
      }
      const bundle = parseBundle(data)
      if (bundle === undefined || !bundle.isKeyMatching) {
        stderr.write(bundle === undefined ? WORDING.badBundle(path) : WORDING.keyMismatch)
        return 1
      }
      disk.write('/sc/conf/cert.pem', { data: bundle.pem, as: 'root', mode: 0o600 })
      const { serial, cloud, sha256 } = bundle
      if (state.certificate?.serial !== serial) state.service = undefined
      state.certificate = { serial, cloud, sha256 }
      await appliance.save()
      stdout.write(WORDING.certificateInstalled)
      return 0
    },
  },
  'install-nitrox': {
    summary: 'install the driver of the Cavium NITROX card',
    privileged: true,
    async run({ appliance, stdout }) {
      if (!appliance.machine.pciVendors().includes(CAVIUM)) {
        stdout.write(WORDING.nitroxMissing)
        return 1
      }
      const path = '/boot/loader.conf'
      const before = appliance.disk.stat(path)?.data ?? ''
      const data = renderSetting(before, { name: 'nitrox_load', value: 'YES' })
      appliance.disk.write(path, { data, as: 'root' })
      await appliance.save()
      stdout.write(WORDING.nitroxFound)
      if (appliance.dialect.restartsForCard) appliance.restartNow()
      return 0
    },
  },
  'download-build': {
    summary: 'download, install and start the latest build',
    privileged: true,
    async run(call) {
      const { appliance, stdout } = call
      if (appliance.state.certificate === undefined) {
        stdout.write(WORDING.noCertificate)
        return BAD_CERTIFICATE
      }
      if (appliance.updater.job !== undefined) {
        stdout.write(WORDING.downloading)
        return DOWNLOAD_FAILED
      }
      stdout.write('Connecting to server...\n')
      const unreachable = await reachUpdateServer(call)
      if (unreachable !== 0) return unreachable
      const isInstalled = await runDownload(call)
      if (isInstalled) startAndTell(call, [])
      return isInstalled ? 0 : DOWNLOAD_FAILED
    },
  },
  checkversion: {
    summary: 'show the installed and the latest available build',
    privileged: true,
    async run(call) {
      const { appliance, stdout } = call
      stdout.write(`Connecting to update server ${updateServer(appliance)}.\n`)
      stdout.write(`Installed build version: ${appliance.state.build?.version ?? 'none'}\n`)
      const unreachable = await reachUpdateServer(call)
      if (unreachable === 0) stdout.write(`Latest available build version: ${LATEST_BUILD}\n`)
      return unreachable
    },
  },
  cleanup: {
    summary: 'remove an installed build',
    privileged: true,
    async run(call) {
      const { appliance, stdout } = call
      if (Object.keys(appliance.state.processes).length > 0) {
        stdout.write('Please stop the service first.\n')
        return 1
      }
      if (!(await askWhether(call, 'This removes the installed build. Do you wish to continue', 'no')))
        return 1
      for (const path of BUILD_FILES) {
        if (appliance.disk.stat(path) !== undefined) appliance.disk.remove(path, 'root')
      }
      appliance.state.build = undefined
      appliance.state.service = undefined
      await appliance.save()
      stdout.write('Finished cleanup!\n')
      return 0
    },
  },
  ...Object.fromEntries(
    ([true, false] as const).map((isOn) => [
      isOn ? 'enable-autostart' : 'disable-autostart',
      {
        summary: `${isOn ? 'start' : 'do not start'} the service when the machine boots`,
        privileged: true,
        async run({ appliance: { disk, save }, stdout }: SubcommandCall) {
          const value = isOn ? 'YES' : 'NO'
          const data = renderSetting(disk.read(RC_CONF, 'root'), { name: 'vzen_enable', value })
          disk.write(RC_CONF, { data, as: 'root' })
          await save()
          stdout.write(WORDING.autostart(isOn))
          return 0
        },
      },
    ]),
  ),
}
