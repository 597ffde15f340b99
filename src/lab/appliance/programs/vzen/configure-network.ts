import type { NetworkTopic } from '../../dialect.ts'
import { RC_CONF } from '../../disk/rc-conf.ts'
import { isInside, maskOf, parseCidr, parseIpv4, prefixOf, renderIpv4 } from '../../ipv4.ts'
import { renderNetwork } from '../../network-settings.ts'
import type { NetworkSettings } from '../../state.ts'
import { WORDING } from '../../wording.ts'
import { ask, askList, askValue, askWhether } from './question.ts'
import type { SubcommandCall, Subcommands } from './subcommand.ts'

const HOSTNAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/

const addressProblem = (text: string): string | undefined =>
  parseIpv4(text) === undefined ? WORDING.reenterAddress : undefined

async function askUnknown(call: SubcommandCall): Promise<void> {
  const answer = await ask(call, WORDING.unknown)
  if (!/^[1-4]$/.test(answer)) await askUnknown(call)
}

type Interface = Pick<NetworkSettings, 'address' | 'prefix'>

async function askManagement(call: SubcommandCall, before: Interface | undefined): Promise<Interface> {
  const { dialect } = call.appliance
  while (dialect.asksDhcp && (await askWhether(call, WORDING.dhcp, 'no'))) call.stdout.write(WORDING.noLease)
  if (dialect.asksNetmaskApart) {
    const address = await askValue(call, {
      subject: WORDING.managementAlone,
      current: before?.address ?? '',
      problem: addressProblem,
    })
    const mask = await askValue(call, {
      subject: WORDING.netmask,
      current: renderIpv4(maskOf(before?.prefix ?? 24)),
      problem: (text) => (prefixOf(text) === undefined ? WORDING.reenterAddress : undefined),
    })
    return { address, prefix: prefixOf(mask) ?? 32 }
  }
  const management = await askValue(call, {
    subject: WORDING.management,
    current: before === undefined ? '' : `${before.address}/${before.prefix}`,
    problem: (text) =>
      parseCidr(text) === undefined
        ? parseIpv4(text.split('/')[0] ?? '') === undefined
          ? WORDING.reenterAddress
          : WORDING.reenterMask
        : undefined,
  })
  return parseCidr(management) ?? { address: management, prefix: 32 }
}

async function askNetwork(call: SubcommandCall): Promise<NetworkSettings> {
  const { state, hostname, strikes, dialect } = call.appliance
  const before = state.network
  const network = {
    address: '',
    prefix: 32,
    gateway: before?.gateway ?? '',
    dns: before?.dns ?? [],
    hostname: hostname(),
  }
  const topics: Readonly<Record<NetworkTopic, () => Promise<void>>> = {
    async dns() {
      const entries = network.dns
      network.dns = [
        ...(await askList(call, { subject: WORDING.nameserver, entries, problem: addressProblem })),
      ]
    },
    async management() {
      if (strikes('unknown-prompt')) await askUnknown(call)
      Object.assign(network, await askManagement(call, before))
    },
    async gateway() {
      network.gateway = await askValue(call, {
        subject: WORDING.gateway,
        current: network.gateway,
        problem: (text) =>
          addressProblem(text) ?? (isInside(text, network) ? undefined : WORDING.reenterGateway),
      })
    },
    async hostname() {
      network.hostname = await askValue(call, {
        subject: WORDING.host,
        current: network.hostname,
        problem: (text) => (HOSTNAME.test(text) && text.length <= 253 ? undefined : WORDING.reenterHostname),
      })
    },
  }
  for (const topic of dialect.order) await topics[topic]()
  while (dialect.asksProxy && (await askWhether(call, WORDING.proxy, 'no')))
    call.stdout.write(WORDING.noProxy)
  return network
}

/** The command that brings the machine onto the network. */
export const networkSubcommands: Subcommands = {
  'configure-network': {
    summary: 'configure DNS servers, management interface, gateway and hostname',
    privileged: true,
    async run(call) {
      const { appliance } = call
      const { dialect, disk, state } = appliance
      if (dialect.chatter) call.stdout.write(WORDING.chatter)
      const network = await askNetwork(call)
      if (dialect.asksToApply && !(await askWhether(call, WORDING.apply, 'yes'))) {
        call.stdout.write(WORDING.unapplied)
        return 1
      }
      disk.write(RC_CONF, { data: renderNetwork(disk.read(RC_CONF, 'root'), network), as: 'root' })
      disk.write('/etc/resolv.conf', {
        data: network.dns.map((server) => `nameserver ${server}\n`).join(''),
        as: 'root',
      })
      state.network = network
      await appliance.save()
      call.stdout.write(appliance.wording.applied)
      await appliance.restartNetwork()
      return 0
    },
  },
}
