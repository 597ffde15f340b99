import type { Appliance } from '../appliance.ts'
import type { Call, Program, Programs } from '../shell/program.ts'

/** `-ys key=value` options of the service's own tools. */
function parseSettings(args: readonly string[]): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  args.forEach((arg, index) => {
    if (args[index - 1] !== '-ys') return
    const cut = arg.indexOf('=')
    settings.set(arg.slice(0, cut), arg.slice(cut + 1))
  })
  return settings
}

/** Programs of the installed build. */
export function createDiagnosticPrograms(appliance: Appliance): Programs {
  const { state, service, uplink } = appliance

  function renderClusters(): string {
    const settings = service()
    if (settings?.virtualAddress === undefined || state.processes.smlb === undefined) return 'no clusters\n'
    const members = appliance.members()
    const rows = members.map(
      ({ name, address, healthy, reason }) =>
        `  server ${address.padEnd(15)} name=${name} health=${healthy ? 'UP' : 'DOWN'} probe="${reason}"\n`,
    )
    return `cluster ${settings.virtualAddress} servers=${members.length} up=${members.filter(({ healthy }) => healthy).length}\n${rows.join('')}`
  }

  function renderBalancer(): string {
    const settings = service()
    if (settings?.loadBalancer === undefined || state.processes.smlb === undefined) return ''
    const carp = appliance.carp()
    const mac = appliance.machine.nics()[2]?.mac.toLowerCase() ?? ''
    const zs0 =
      'zs0: flags=28943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST,PPROMISC> metric 0 mtu 1500\n' +
      `\tether ${mac}\n\tinet ${settings.loadBalancer} netmask ${settings.mask}\n`
    if (carp === undefined) return zs0
    const { role, vhid, vmac, skew, virtualAddress } = carp
    return (
      `${zs0}CARP-${vhid}: flags=41<UP,RUNNING> metric 0 mtu 1500 (carp127)` +
      `(${role} vhid=${vhid} advbase=1 advskew=${skew} vmac=${vmac} cldname ${settings.cloud} sc_key)\n` +
      `\tinet ${virtualAddress} netmask 0xffffffff\n`
    )
  }

  function renderProxy(): string {
    const settings = service()
    if (settings === undefined || state.processes.sme === undefined) return ''
    const mac = appliance.machine.nics()[1]?.mac.toLowerCase() ?? ''
    const zs0 =
      'zs0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500\n' +
      `\tether ${mac}\n\tinet ${settings.address} netmask ${settings.mask}\n`
    if (settings.virtualAddress === undefined) return zs0
    const vip = settings.virtualAddress
    return `${zs0}ztun0: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> metric 0 mtu 1400\n\tinet ${vip} --> ${vip} netmask 0xffffffff\n`
  }

  async function probe(settings: ReadonlyMap<string, string>, call: Call): Promise<number> {
    const host = settings.get('host') ?? ''
    const port = settings.get('port') ?? ''
    const { gateway, names } = appliance.reach()
    const isName = /[a-z]/i.test(host)
    if (isName && !names) {
      call.stdout.write(`Failed to resolve ${host}\n`)
      return 1
    }
    if (!gateway) {
      const seconds = Math.min(60, Number.parseInt(settings.get('waittime') ?? '', 10) || 15)
      await appliance.clock.sleep(seconds * 1000, call)
      call.stdout.write(`Connection timed out to ${host}(${host}):${port}\n`)
      return 1
    }
    call.stdout.write(`Connected to ${host}:${port}\n`)
    return 0
  }

  const smmgr =
    (fixed: 'sme' | 'smlb' | undefined): Program =>
    async (call) => {
      const instance = fixed ?? (call.env.get('ZSINSTANCE')?.includes('smlb') === true ? 'smlb' : 'sme')
      if (state.build === undefined) {
        call.stderr.write(`${call.name}: No such file or directory\n`)
        return 127
      }
      if (call.user !== 'root') {
        call.stderr.write('smmgr: Permission denied\n')
        return 1
      }
      if (state.processes[instance] === undefined) {
        call.stderr.write(`smmgr: cannot attach to shared memory of /sc/${instance}/\n`)
        return 1
      }
      const settings = parseSettings(call.args)
      const show = settings.get('show')
      const net = settings.get('smnet')
      if (settings.get('connect') === 'tcp') return probe(settings, call)
      if (show === 'smlbclusters') call.stdout.write(renderClusters())
      else if (show === 'auth') {
        const isReady = uplink().state === 'stable'
        call.stdout.write(
          `SMAUTH engine state: ${isReady ? 'SMAUTHENG_READY_STATE' : 'SMAUTHENG_INIT_STATE'}\n`,
        )
      } else if (net?.startsWith('ifconfig') === true) {
        call.stdout.write(instance === 'smlb' ? renderBalancer() : renderProxy())
      } else if (net === 'route') call.stdout.write(`default ${service()?.gateway ?? '-'} UGS zs0\n`)
      else {
        call.stderr.write('usage: smmgr -ys show=smlbclusters|auth | -ys smnet="ifconfig :type any"\n')
        return 1
      }
      return 0
    }

  const version: Program = async ({ name, stdout, stderr }) => {
    if (state.build === undefined) {
      stderr.write(`${name}: No such file or directory\n`)
      return 127
    }
    stdout.write(`sme version ${state.build.version}\n`)
    return 0
  }

  return {
    '/sc/sme/bin/smmgr': smmgr('sme'),
    '/sc/smlb/bin/smmgr': smmgr('smlb'),
    smmgr: smmgr(undefined),
    '/sc/sme/bin/sme': version,
  }
}
