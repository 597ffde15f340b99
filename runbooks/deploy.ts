import { askForCertificate, askForImage } from '#inventory/schema/downloads'
import {
  cardHostOf,
  hardwareOf,
  hostOptionOf,
  otherBundles,
  ovaOf,
  portGroupOf,
} from '#inventory/schema/placement'
import {
  firewallRuleOf,
  managementOf,
  networkOf,
  passwordOf,
  serviceAddressesOf,
  snmpOf,
  standardPortsOf,
  subnetMaskOf,
  vmPathOf,
} from '#inventory/schema/settings'
import { vse } from '#inventory/schema/vse'
import { listNodes } from '#inventory/schema/walk'
import { certificateBundle } from '#modules/file/certificate-bundle'
import { image } from '#modules/file/image'
import { hostOption } from '#modules/vsphere/host-option'
import { hostPassthrough } from '#modules/vsphere/host-passthrough'
import { ova } from '#modules/vsphere/ova'
import { placement } from '#modules/vsphere/placement'
import { portGroup } from '#modules/vsphere/port-group'
import { vmHardware } from '#modules/vsphere/vm-hardware'
import { vmPci } from '#modules/vsphere/vm-pci'
import { vmPower } from '#modules/vsphere/vm-power'
import { autostart } from '#modules/vzen/autostart'
import { build } from '#modules/vzen/build'
import { certificate } from '#modules/vzen/certificate'
import { delayUpgrade } from '#modules/vzen/delay-upgrade'
import { network } from '#modules/vzen/network'
import { nitrox } from '#modules/vzen/nitrox'
import { ntp } from '#modules/vzen/ntp'
import { password } from '#modules/vzen/password'
import { snmpAdmin } from '#modules/vzen/snmp-admin'
import { snmpAgent } from '#modules/vzen/snmp-agent'
import { snmpTrap } from '#modules/vzen/snmp-trap'
import { standardPort } from '#modules/vzen/standard-port'
import { activation } from '#modules/zia/activation'
import { cluster as ziaCluster } from '#modules/zia/cluster'
import { firewallRule } from '#modules/zia/firewall-rule'
import { instance } from '#modules/zia/instance'
import { licences } from '#modules/zia/licences'
import { locationBinding } from '#modules/zia/location-binding'
import { defineRunbook } from '#sdk'

import { oneMaster, testConfiguration } from './verify.ts'

/** The documented procedure: its requirements, the nine steps under their numbers and names, and its final test. */
export default defineRunbook(vse, {
  name: 'deploy',
  summary: 'Deploys Virtual Service Edge clusters: the nine documented steps and the final test',
  phases: (kit) => [
    kit.phase({
      name: 'Requirements',
      per: 'cluster',
      tags: ['requirements'],
      steps: ({ step }) => [
        step(
          'There is a licence for every instance',
          ({ estate }) => licences({ nodes: listNodes(estate).map(({ node }) => node.name) }),
          { once: true },
        ),
        step('The place for the VMs is there', ({ site }) => placement(site.placement), { once: true }),
      ],
    }),
    kit.phase({
      number: 1,
      name: 'Add the Virtual Service Edge Instances',
      per: 'node',
      tags: ['portal', 'instances'],
      steps: ({ step }) => [
        step('The instance exists', (scope) =>
          instance({
            name: scope.node.name,
            proxy: scope.node.proxy,
            subnetMask: subnetMaskOf(scope),
            gateway: networkOf(scope).gateway,
            loadBalancer: scope.node.loadBalancer,
            mode: scope.cluster.mode,
          }),
        ),
      ],
    }),
    kit.phase({
      number: 2,
      name: 'Download the Virtual Service Edge Certificates',
      per: 'node',
      tags: ['downloads', 'certificate'],
      steps: ({ step }) => [
        step(
          'The certificate was downloaded, and is this node’s',
          ({ estate, node }) =>
            certificateBundle({
              path: node.certificate.path,
              node: node.name,
              others: otherBundles(estate, node),
            }),
          { confirm: ({ node }) => askForCertificate(node) },
        ),
      ],
    }),
    kit.phase({
      number: 3,
      name: 'Download the Virtual Service Edge VMs',
      per: 'cluster',
      tags: ['downloads', 'image'],
      steps: ({ step }) => [
        step(
          'The VM image was downloaded, and is whole',
          ({ estate }) => image({ path: estate.image.path }),
          {
            once: true,
            confirm: ({ estate }) => askForImage(estate),
          },
        ),
      ],
    }),
    kit.phase({
      number: 4,
      name: 'Add the Virtual Service Edge Cluster',
      per: 'cluster',
      tags: ['portal', 'cluster'],
      when: ({ cluster }) => cluster.mode === 'cluster',
      steps: ({ step }) => [
        step('The cluster exists, with these nodes', (scope) =>
          ziaCluster({
            name: scope.cluster.name,
            address: scope.cluster.address ?? '',
            subnetMask: subnetMaskOf(scope),
            gateway: networkOf(scope).gateway,
            nodes: scope.cluster.nodes.map(({ name }) => name),
          }),
        ),
      ],
    }),
    kit.phase({
      number: 5,
      name: 'Bind the Virtual Service Edge cluster to a Location',
      per: 'cluster',
      tags: ['portal', 'location'],
      when: ({ cluster }) => cluster.mode === 'cluster',
      steps: ({ step }) => [
        step('The cluster is bound to its location', ({ cluster: { name, location } }) =>
          locationBinding({ location: location.name, cluster: name, create: location.create }),
        ),
      ],
    }),
    kit.phase({
      number: 5,
      name: 'Bind the Virtual Service Edge to a Location',
      per: 'node',
      tags: ['portal', 'location'],
      when: ({ cluster }) => cluster.mode === 'standalone',
      steps: ({ step }) => [
        step('The instance is bound to its location', ({ cluster: { location }, node }) =>
          locationBinding({ location: location.name, instance: node.name, create: location.create }),
        ),
      ],
    }),
    kit.phase({
      number: 6,
      name: 'Create a Firewall Filtering Rule to Bypass Virtual Service Edge IP Addresses',
      per: 'cluster',
      tags: ['portal', 'firewall'],
      steps: ({ step }) => [
        step('The rule allows every proxy, LB and cluster IP address', ({ cluster }) =>
          firewallRule({
            name: firewallRuleOf(cluster),
            addresses: [...serviceAddressesOf(cluster)],
            order: cluster.firewallRule.order,
          }),
        ),
      ],
    }),
    kit.phase({
      name: 'Activate the changes',
      per: 'estate',
      tags: ['portal', 'activate'],
      when: ({ estate }) => estate.activate,
      steps: ({ step }) => [step('Every change is active', () => activation({}))],
    }),
    kit.phase({
      number: 7,
      name: 'Configure the Virtual Service Edge VM',
      per: 'node',
      rolling: { batch: 1 },
      gate: (gate) => [oneMaster(gate, { among: 'running' })],
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
        step('The VM is deployed from the image', (scope) => ova(ovaOf(scope)), { tags: ['vm', 'ova'] }),
        step(
          'The VM has the processors, memory and disk it needs',
          (scope) => vmHardware(hardwareOf(scope)),
          { tags: ['vm', 'hardware'] },
        ),
        step('The NITROX card is marked for passthrough', (scope) => hostPassthrough(cardHostOf(scope)), {
          tags: ['vm', 'nitrox'],
          when: ({ node }) => node.nitrox,
          once: true,
        }),
        step('The VM has a NITROX card', (scope) => vmPci({ vm: vmPathOf(scope) }), {
          tags: ['vm', 'nitrox'],
          when: ({ node }) => node.nitrox,
        }),
        step('The VM is on', (scope) => vmPower({ vm: vmPathOf(scope), state: 'on' }), {
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
            }),
          { tags: ['console', 'network'] },
        ),
        step('The clock follows the NTP servers', (scope) => ntp({ servers: networkOf(scope).ntp ?? [] }), {
          tags: ['ntp'],
          when: (scope) => (networkOf(scope).ntp ?? []).length > 0,
        }),
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
        step('The SNMP user may ask', (scope) => snmpAdmin(need(snmpOf(scope)).admin), {
          tags: ['snmp'],
          when: (scope) => snmpOf(scope) !== undefined,
        }),
        step('SNMP traps are sent', (scope) => snmpTrap(need(snmpOf(scope)?.traps)), {
          tags: ['snmp'],
          when: (scope) => snmpOf(scope)?.traps !== undefined,
        }),
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
      rolling: { batch: 1 },
      gate: (gate) => [oneMaster(gate, { among: 'running' })],
      steps: ({ step }) => [
        step('Connections to the cloud use the planned ports', ({ cluster }) =>
          standardPort({ channels: [...standardPortsOf(cluster)] }),
        ),
      ],
    }),
    ...testConfiguration(kit, { retry: { attempts: 30, delay: 10 } }),
  ],
})

/** What a step's condition has made sure of. */
function need<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a step runs whose condition does not hold')
  return value
}
