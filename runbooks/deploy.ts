import {
  antiAffinityOf,
  cardHostOf,
  cardOf,
  hardwareOf,
  hostOptionOf,
  needsAntiAffinity,
  ovaOf,
  portGroupOf,
  powerOf,
} from '#inventory/schema/placement'
import { managementOf, networkOf, passwordOf, snmpOf, standardPortsOf } from '#inventory/schema/settings'
import { vse } from '#inventory/schema/vse'
import { antiAffinity } from '#modules/vsphere/anti-affinity'
import { hostOption } from '#modules/vsphere/host-option'
import { hostPassthrough } from '#modules/vsphere/host-passthrough'
import { ova, type OvaFacts } from '#modules/vsphere/ova'
import { portGroup } from '#modules/vsphere/port-group'
import { vmHardware, type HardwareFacts } from '#modules/vsphere/vm-hardware'
import { vmPci, type CardFacts } from '#modules/vsphere/vm-pci'
import { vmPower } from '#modules/vsphere/vm-power'
import { autostart } from '#modules/vzen/autostart'
import { build } from '#modules/vzen/build'
import { certificate } from '#modules/vzen/certificate'
import { delayUpgrade } from '#modules/vzen/delay-upgrade'
import { diagnostics } from '#modules/vzen/diagnostics'
import { firewallTest } from '#modules/vzen/firewall-test'
import { hostKey } from '#modules/vzen/host-key'
import { network } from '#modules/vzen/network'
import { nitrox } from '#modules/vzen/nitrox'
import { ntp } from '#modules/vzen/ntp'
import { password } from '#modules/vzen/password'
import { servesAgain } from '#modules/vzen/serves-again'
import { snmpAdmin } from '#modules/vzen/snmp-admin'
import { snmpAgent } from '#modules/vzen/snmp-agent'
import { snmpTrap } from '#modules/vzen/snmp-trap'
import { standardPort } from '#modules/vzen/standard-port'
import { defineRunbook, handle } from '#sdk'

import { portalSteps } from './portal.ts'
import { requirements } from './preflight.ts'
import { oneMaster, ROLLING, servingHealthy, testConfiguration } from './verify.ts'

const adapters = handle<OvaFacts>('adapters')
const hardware = handle<HardwareFacts>('hardware')
const card = handle<CardFacts>('card')

/** The checks of a node that was interrupted, by what it was interrupted for. */
const AGAIN = {
  adapters: 'The node serves again with its adapters in other networks',
  hardware: 'The node serves again with its new hardware',
  card: 'The node serves again with its card',
} as const

/** How long a restarted node may take: it boots, starts its services and is accepted by the cloud. */
const BACK = { attempts: 60, delay: 10, within: 1800 } as const

/** The documented procedure: its requirements, the nine steps under their numbers and names, and its final test. */
export default defineRunbook(vse, {
  name: 'deploy',
  summary: 'Deploys Virtual Service Edge clusters: the nine documented steps and the final test',
  diagnosis: () => diagnostics({}),
  phases: (kit) => [
    ...requirements(kit),
    ...portalSteps(kit),
    // Before anything rolls: whether a cluster is healthy is asked of all its nodes.
    kit.phase({
      name: 'Know the appliances',
      per: 'node',
      tags: ['console', 'network', 'host-key'],
      steps: ({ step }) => [step('The SSH host key is known', () => hostKey({}))],
    }),
    kit.phase({
      number: 7,
      name: 'Configure the Virtual Service Edge VM',
      per: 'node',
      rolling: ROLLING,
      gate: (gate) => [oneMaster(gate, { among: 'running' }), servingHealthy(gate)],
      // A VM that was on has been interrupted for its change; the next node has to wait until this one is back.
      handlers: ({ step }) => [
        step(
          AGAIN.adapters,
          ({ cluster: { mode } }, results) => servesAgain({ mode, restarted: isOn(results(adapters)) }),
          { retry: BACK },
        ),
        step(
          AGAIN.hardware,
          ({ cluster: { mode } }, results) => servesAgain({ mode, restarted: isOn(results(hardware)) }),
          { retry: BACK },
        ),
        step(
          AGAIN.card,
          ({ cluster: { mode } }, results) => servesAgain({ mode, restarted: isOn(results(card)) }),
          { retry: BACK, when: ({ node }) => node.nitrox },
        ),
      ],
      steps: ({ step }) => [
        step(
          'Hosts with several uplinks do not hear their own multicast',
          (scope) => hostOption(hostOptionOf(scope)),
          { tags: ['vm', 'host-option'], once: true, when: ({ cluster }) => !cluster.externalLoadBalancer },
        ),
        step(
          'The port group accepts promiscuous mode, forged transmits and MAC address changes',
          (scope) => portGroup(portGroupOf(scope)),
          { tags: ['vm', 'port-group'], once: true, when: ({ cluster }) => !cluster.externalLoadBalancer },
        ),
        step('The VM is deployed from the image', (scope) => ova(ovaOf(scope)), {
          tags: ['vm', 'ova'],
          register: adapters,
          notify: [AGAIN.adapters],
        }),
        step(
          'The VM has the processors, memory and disk it needs',
          (scope) => vmHardware(hardwareOf(scope)),
          { tags: ['vm', 'hardware'], register: hardware, notify: [AGAIN.hardware] },
        ),
        step('The NITROX card is marked for passthrough', (scope) => hostPassthrough(cardHostOf(scope)), {
          tags: ['vm', 'nitrox'],
          when: ({ node }) => node.nitrox,
        }),
        step('The VM has a NITROX card', (scope) => vmPci(cardOf(scope)), {
          tags: ['vm', 'nitrox'],
          when: ({ node }) => node.nitrox,
          register: card,
          notify: [AGAIN.card],
        }),
        step('The nodes run on different hosts', (scope) => antiAffinity(antiAffinityOf(scope)), {
          tags: ['vm', 'anti-affinity'],
          when: (scope) => needsAntiAffinity(scope),
        }),
        step('The VM is on', (scope) => vmPower({ ...powerOf(scope), state: 'on' }), {
          tags: ['vm', 'power'],
        }),
        step('The password of zsroot is changed', (scope) => password({ wanted: passwordOf(scope) }), {
          tags: ['console', 'password'],
        }),
        step(
          'The network is configured',
          (scope) =>
            network({
              address: managementOf(scope).cidr,
              gateway: networkOf(scope).gateway,
              dns: networkOf(scope).dns,
              hostname: scope.node.name,
              wording: scope.estate.appliance.wording,
            }),
          { tags: ['console', 'network'] },
        ),
        step('The firewall lets the appliance out', () => firewallTest({}), {
          tags: ['never', 'firewall-test'],
        }),
        step(
          'The clock follows the NTP servers',
          (scope) => ntp({ servers: networkOf(scope).ntp ?? [], wording: scope.estate.appliance.wording }),
          { tags: ['ntp'], when: (scope) => (networkOf(scope).ntp ?? []).length > 0 },
        ),
        step(
          'The certificate is installed',
          ({ estate, node }) =>
            certificate({
              bundle: node.certificate.path,
              node: node.name,
              proxy: node.proxy,
              cloud: estate.zia.cloud,
            }),
          { tags: ['certificate'] },
        ),
        step('The NITROX card is set up', () => nitrox({}), {
          tags: ['nitrox'],
          when: ({ node }) => node.nitrox,
        }),
        step('The SNMP agent runs', () => snmpAgent({}), {
          tags: ['snmp'],
          when: (scope) => snmpOf(scope) !== undefined,
        }),
        step(
          'The SNMP user may ask',
          (scope) => snmpAdmin({ ...need(snmpOf(scope)).admin, wording: scope.estate.appliance.wording }),
          { tags: ['snmp'], when: (scope) => snmpOf(scope) !== undefined },
        ),
        step(
          'SNMP traps are sent',
          (scope) => snmpTrap({ ...need(snmpOf(scope)?.traps), wording: scope.estate.appliance.wording }),
          { tags: ['snmp'], when: (scope) => snmpOf(scope)?.traps !== undefined },
        ),
        step('The build is downloaded and runs', () => build({}), { tags: ['build'], timeout: 7200 }),
        step('The service starts with the machine', () => autostart({}), { tags: ['build', 'autostart'] }),
      ],
    }),
    kit.phase({
      number: 8,
      name: '(Optional) Schedule Virtual Service Edge Cluster Updates',
      per: 'node',
      tags: ['updates'],
      when: ({ node }) => node.updateAt !== undefined,
      steps: ({ step }) => [
        step('Updates start at their time', ({ node }) => delayUpgrade({ at: need(node.updateAt) })),
      ],
    }),
    kit.phase({
      number: 9,
      name: '(Optional) Enable Virtual Service Edge Communication with Zscaler cloud on Port 443',
      per: 'node',
      tags: ['standard-port'],
      rolling: ROLLING,
      gate: (gate) => [oneMaster(gate, { among: 'running' }), servingHealthy(gate)],
      steps: ({ step }) => [
        step('Connections to the cloud use the planned ports', ({ estate, cluster }) =>
          standardPort({
            channels: [...standardPortsOf(cluster)],
            wording: estate.appliance.wording,
          }),
        ),
      ],
    }),
    ...testConfiguration(kit, { retry: { attempts: 30, delay: 10, within: 900 } }),
  ],
})

/** Whether a VM was found, or left, switched on. */
function isOn(facts: OvaFacts | HardwareFacts | CardFacts): boolean {
  return facts.exists && facts.power === 'poweredOn'
}

/** What a step's condition has made sure of. */
function need<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a step runs whose condition does not hold')
  return value
}
