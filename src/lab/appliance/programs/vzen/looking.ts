import { gzipSync } from 'node:zlib'

import { renderTar } from '../../../portal/tar.ts'
import type { Appliance } from '../../appliance.ts'
import { planLinks, type Link } from '../../cloud/links.ts'
import { prefixOf } from '../../ipv4.ts'
import { WORDING } from '../../wording.ts'
import type { SubcommandCall, Subcommands } from './subcommand.ts'

/** How long `troubleshoot` samples. */
const SAMPLE_MS = 5000
const PROBE_MS = 2000

const tcpRow = ({ local, localPort, remote, remotePort, state }: Link): string =>
  `tcp 0( 0%) 0( 0%) ${`${local}.${localPort}`.padEnd(22)} ${`${remote}.${remotePort}`.padEnd(22)} ${state}\n`

/** Rows of the instances' own network stacks, as `troubleshoot netstat` shows them. */
function renderLinks(appliance: Appliance): string {
  const links = planLinks(appliance)
  const rows = (process: Link['process']): string =>
    links
      .filter((link) => link.process === process)
      .map(tcpRow)
      .join('')
  return (
    `//+SHARED MEMORY KEY 17 (/sc/sme/)\n${rows('sme')}${rows('smcdsc')}` +
    (appliance.state.processes.smlb === undefined
      ? ''
      : `//+SHARED MEMORY KEY 18 (/sc/smlb/)\n${rows('smlb')}`)
  )
}

async function connection({ appliance, stdout, signal }: SubcommandCall): Promise<void> {
  stdout.write('Collecting connection samples, please wait...\n')
  await appliance.clock.sleep(SAMPLE_MS, { signal })
  const { state } = appliance.uplink()
  const standing = {
    stable: 'Stable',
    suspicious: 'Suspicious',
    connecting: 'Not present',
    down: 'Not present',
  }[state]
  const balancer = appliance.state.processes.smlb === undefined ? 'Not present' : standing
  stdout.write(`cloud-config : ${standing}\nlog-stream : ${standing}\nLB Status = ${balancer}\n`)
  stdout.write(renderLinks(appliance))
}

function renderListeners({ state, service }: Appliance): string {
  const address = service()?.address
  if (state.processes.sme === undefined || address === undefined) return ''
  return [80, 443, 9400, 9443, 9480]
    .map((port) => `tcp 0( 0%) 0( 0%) ${`${address}.${port}`.padEnd(22)} ${'*.*'.padEnd(22)} LISTEN\n`)
    .join('')
}

/** The configured values the way `dump-config` prints them. */
function renderConfig(appliance: Appliance): string {
  const { state } = appliance
  const service = state.build === undefined ? undefined : appliance.service()
  const values: [string, string][] = []
  const cloud = state.certificate?.cloud ?? appliance.service()?.cloud
  values.push(['CloudName', state.certificate === undefined ? WORDING.noCertificate.trim() : (cloud ?? '')])
  for (const server of state.network?.dns ?? []) values.push(['nameserver', server])
  if (state.network !== undefined) {
    values.push(['Mgmt IP', `${state.network.address}/${state.network.prefix}`])
    values.push(['Default gateway for Mgmt IP', state.network.gateway])
  }
  if (service !== undefined) {
    values.push(['Service IP', `${service.address}/${prefixOf(service.mask) ?? 32}`])
    values.push(['Default gateway for Service IP', service.gateway])
  }
  return `Configured Values:\n${values.map(([key, value]) => `\t${key}:${value}\n`).join('')}`
}

/** Commands that only look. */
export const lookingSubcommands: Subcommands = {
  'dump-config': {
    summary: 'show the configured values',
    privileged: true,
    async run({ appliance, stdout }) {
      stdout.write(renderConfig(appliance))
      return 0
    },
  },
  troubleshoot: {
    summary: 'troubleshoot connection | netstat [listen]',
    privileged: false,
    async run(call) {
      const [topic, detail] = call.args
      if (topic === 'connection') await connection(call)
      else if (topic === 'netstat' && detail === 'listen') call.stdout.write(renderListeners(call.appliance))
      else if (topic === 'netstat')
        call.stdout.write(renderLinks(call.appliance) + renderListeners(call.appliance))
      else {
        call.stderr.write('usage: vzen troubleshoot connection | netstat [listen]\n')
        return 1
      }
      return 0
    },
  },
  'test-firewall': {
    summary: 'check the outbound connections; run it on the console',
    privileged: true,
    async run({ appliance, stdout, signal, session }) {
      const cloud = appliance.state.certificate?.cloud ?? 'zscaler.net'
      const { gateway, names } = appliance.reach()
      let status = 0
      for (const target of [`smcacluster.${cloud}:9422`, `smsm.${cloud}:9431`, `update1.${cloud}:9442`]) {
        await appliance.clock.sleep(PROBE_MS, { signal })
        const name = target.split(':')[0] ?? ''
        if (!names) stdout.write(`Failed to resolve ${name}\n`)
        else stdout.write(gateway ? `Connected to ${target}\n` : `Connection timed out to ${target}\n`)
        if (!names || !gateway) status = 1
        // The test takes the management interface's rules down and up again.
        if (session.over === 'ssh') session.disconnect()
      }
      return status
    },
  },
  'collect-diagnostics': {
    summary: 'pack logs and states into an archive for support',
    privileged: true,
    async run({ appliance, stdout }) {
      const stamp = new Date(appliance.now()).toISOString().replace(/\D/g, '').slice(0, 14)
      const path = `/sc/sme/log/vzen-diagnostics-${stamp}.tgz`
      const parts: Readonly<Record<string, string>> = {
        'scripts.version': `${appliance.state.build?.version ?? 'none'}\n`,
        unixcommands: appliance.kernelLog().join('\n'),
        'vzen.upgrade.log': '',
        'vzensmesmmgr.log': renderLinks(appliance),
        'vzensmlbsmmgr.log': '',
      }
      const members = Object.entries(parts).map(([name, text]) => ({ name, content: Buffer.from(text) }))
      const data = gzipSync(renderTar(members)).toString('latin1')
      appliance.disk.write(path, { data, as: 'root', mode: 0o600 })
      await appliance.save()
      stdout.write(`Diagnostics saved to ${path}\n`)
      return 0
    },
  },
}
