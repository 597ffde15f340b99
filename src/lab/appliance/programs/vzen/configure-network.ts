import { RC_CONF } from '../../disk/rc-conf.ts'
import { isInside, parseCidr, parseIpv4 } from '../../ipv4.ts'
import { renderNetwork } from '../../network-settings.ts'
import type { NetworkSettings } from '../../state.ts'
import { WORDING } from '../../wording.ts'
import { ask, askList, askValue } from './question.ts'
import type { SubcommandCall, Subcommands } from './subcommand.ts'

const HOSTNAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/

const addressProblem = (text: string): string | undefined =>
  parseIpv4(text) === undefined ? WORDING.reenterAddress : undefined

async function askUnknown(call: SubcommandCall): Promise<void> {
  const answer = await ask(call, WORDING.unknown)
  if (!/^[1-4]$/.test(answer)) await askUnknown(call)
}

async function askNetwork(call: SubcommandCall): Promise<NetworkSettings> {
  const { state, hostname, strikes } = call.appliance
  const before = state.network
  const dns = await askList(call, {
    field: 'nameserver',
    label: 'IP address of the nameserver',
    entries: before?.dns ?? [],
    problem: addressProblem,
  })
  if (strikes('unknown-prompt')) await askUnknown(call)
  const management = await askValue(call, {
    field: 'ifconfig_em0',
    label: 'Management interface IP address with netmask',
    current: before === undefined ? '' : `${before.address}/${before.prefix}`,
    problem: (text) =>
      parseCidr(text) === undefined
        ? parseIpv4(text.split('/')[0] ?? '') === undefined
          ? WORDING.reenterAddress
          : WORDING.reenterMask
        : undefined,
  })
  const cidr = parseCidr(management) ?? { address: management, prefix: 32 }
  const gateway = await askValue(call, {
    field: 'defaultrouter',
    label: 'Default gateway IP address',
    current: before?.gateway ?? '',
    problem: (text) => addressProblem(text) ?? (isInside(text, cidr) ? undefined : WORDING.reenterGateway),
  })
  const name = await askValue(call, {
    field: 'hostname',
    label: 'Hostname of the Virtual Service Edge',
    current: hostname(),
    problem: (text) => (HOSTNAME.test(text) && text.length <= 253 ? undefined : WORDING.reenterHostname),
  })
  return { ...cidr, gateway, dns, hostname: name }
}

/** The command that brings the machine onto the network. */
export const networkSubcommands: Subcommands = {
  'configure-network': {
    summary: 'configure DNS servers, management interface, gateway and hostname',
    privileged: true,
    async run(call) {
      const { appliance } = call
      const network = await askNetwork(call)
      const { disk, state } = appliance
      disk.write(RC_CONF, { data: renderNetwork(disk.read(RC_CONF, 'root'), network), as: 'root' })
      disk.write('/etc/resolv.conf', {
        data: network.dns.map((server) => `nameserver ${server}\n`).join(''),
        as: 'root',
      })
      state.network = network
      await appliance.save()
      call.stdout.write(WORDING.applied)
      await appliance.restartNetwork()
      return 0
    },
  },
}
