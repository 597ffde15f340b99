import type { Appliance } from '../appliance.ts'
import { planLinks } from '../cloud/links.ts'
import { maskOf, parseIpv4, renderIpv4 } from '../ipv4.ts'
import type { Program, Programs } from '../shell/program.ts'

const hexMask = (prefix: number): string => `0x${maskOf(prefix).toString(16).padStart(8, '0')}`

function broadcastOf(address: string, prefix: number): string {
  return renderIpv4(((parseIpv4(address) ?? 0) | ~maskOf(prefix)) >>> 0)
}

/** Programs that show the management network. The service's own stack is invisible to them, as on the real machine. */
export function createNetworkPrograms(appliance: Appliance): Programs {
  const { machine, state } = appliance

  function describeInterface(index: number): string | undefined {
    const nic = machine.nics()[index]
    if (nic === undefined) return undefined
    const lines = [
      `em${index}: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500`,
      '\toptions=9b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM>',
      `\tether ${nic.mac.toLowerCase()}`,
    ]
    const { network } = state
    if (index === 0 && network !== undefined) {
      const { address, prefix } = network
      lines.push(`\tinet ${address} netmask ${hexMask(prefix)} broadcast ${broadcastOf(address, prefix)}`)
    }
    lines.push('\tmedia: Ethernet autoselect (1000baseT <full-duplex>)')
    lines.push(`\tstatus: ${nic.connected ? 'active' : 'no carrier'}`)
    return lines.map((line) => `${line}\n`).join('')
  }

  const ifconfig: Program = async ({ args, stdout, stderr }) => {
    const [name] = args.filter((arg) => arg !== '-a')
    if (name !== undefined) {
      const index = /^em(\d)$/.exec(name)?.[1]
      const text = index === undefined ? undefined : describeInterface(Number(index))
      if (text === undefined) {
        stderr.write(`ifconfig: interface ${name} does not exist\n`)
        return 1
      }
      stdout.write(text)
      return 0
    }
    machine.nics().forEach((_, index) => stdout.write(describeInterface(index) ?? ''))
    stdout.write(
      'lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> metric 0 mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\n',
    )
    return 0
  }

  const row = (...[destination, gateway, flags, netif]: readonly [string, string, string, string]): string =>
    `${destination.padEnd(18)} ${gateway.padEnd(18)} ${flags.padEnd(7)} ${netif.padStart(5)}\n`

  const netstat: Program = async ({ args, stdout }) => {
    if (!args.some((arg) => /^-\w*r/.test(arg))) {
      stdout.write(
        'Active Internet connections\nProto Recv-Q Send-Q Local Address          Foreign Address        (state)\n',
      )
      for (const link of planLinks(appliance).filter(({ process }) => process === 'smcdsc')) {
        const local = `${link.local}.${link.localPort}`.padEnd(22)
        stdout.write(
          `tcp4       0      0 ${local} ${`${link.remote}.${link.remotePort}`.padEnd(22)} ${link.state}\n`,
        )
      }
      return 0
    }
    stdout.write('Routing tables\n\nInternet:\n')
    stdout.write(row('Destination', 'Gateway', 'Flags', 'Netif'))
    const { network } = state
    if (network !== undefined) {
      const { address, prefix, gateway } = network
      const base = renderIpv4(((parseIpv4(address) ?? 0) & maskOf(prefix)) >>> 0)
      stdout.write(row('default', gateway, 'UGS', 'em0'))
      stdout.write(row(`${base}/${prefix}`, 'link#1', 'U', 'em0'))
      stdout.write(row(address, 'link#1', 'UHS', 'lo0'))
    }
    stdout.write(row('127.0.0.1', 'link#4', 'UH', 'lo0'))
    return 0
  }

  const sockstat: Program = async ({ stdout }) => {
    const line = (...[command, pid, local, foreign]: readonly [string, number, string, string]): void =>
      stdout.write(
        `root     ${command.padEnd(10)} ${String(pid).padEnd(6)} 5  tcp4   ${local.padEnd(21)} ${foreign}\n`,
      )
    stdout.write('USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS\n')
    if (state.network !== undefined) line('sshd', 640, `${state.network.address}:22`, '*:*')
    const { cdsc } = state.processes
    for (const link of planLinks(appliance)) {
      if (link.process !== 'smcdsc' || cdsc === undefined || link.state !== 'ESTABLISHED') continue
      line('smcdsc', cdsc.pid, `${link.local}:${link.localPort}`, `${link.remote}:${link.remotePort}`)
    }
    return 0
  }

  return { ifconfig, netstat, sockstat }
}
