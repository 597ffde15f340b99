import { defineInventory, range, secret } from '#sdk'

import { vse } from './schema/vse.ts'

// A production inventory as a customer would write it: copy it, rename it, replace the names and addresses.
//
//     npx runbook inventory -i inventory/acme.ts --graph     who is there
//     npx runbook deploy -i inventory/acme.ts --lab          rehearse it in the embedded lab, without any real system
//     npx runbook deploy -i inventory/acme.ts --check --diff what would change, read from the real systems
//     npx runbook deploy -i inventory/acme.ts                make it so
//
// Everything is checked before anything is touched: addresses, names, times, certificates. An editor shows what each
// key means and underlines the ones that do not exist.

export default defineInventory(vse, {
  zia: {
    // As in the sign-in address, without “admin.” and “.net”.
    cloud: 'zscalertwo',
    // The organisation, one of its domains, or its id: a run stops before it touches any other tenant.
    tenant: 'acme.example',
    // With ZIdentity; tenants without it use { kind: 'legacy', username, password, apiKey }.
    login: {
      kind: 'oneapi',
      vanity: 'acme',
      clientId: 'e5f1a2c4',
      // A secret is never written here, only where it is kept.
      clientSecret: secret.command('op read op://network/zia-api/credential'),
    },
  },

  // Step 3: the OVA that the portal offers. Files are relative to this one.
  image: '../downloads/vse.ova',
  // What zsroot’s documented password is changed to on every appliance. A node may have one of its own.
  password: secret.env('VSE_PASSWORD'),

  // SNMPv3 for every cluster that does not say otherwise.
  snmp: {
    admin: { username: 'nms', password: secret.env('SNMP_PASSWORD') },
    traps: { receiver: '10.20.0.50', username: 'nms-traps', password: secret.env('SNMP_TRAP_PASSWORD') },
  },

  sites: {
    // Frankfurt: SSL inspection in hardware, and everything to the cloud over port 443.
    fra: {
      vcenter: {
        host: 'vc-fra.acme.example',
        username: 'svc-runbook@vsphere.local',
        password: secret.env('VC_FRA_PASSWORD'),
      },
      placement: { datacenter: 'FRA', computeCluster: 'edge', datastore: 'ssd-01', folder: 'zscaler' },
      network: {
        subnet: '10.10.84.0/24',
        gateway: '10.10.84.1',
        dns: ['10.10.0.53', '10.10.1.53'],
        ntp: ['10.10.0.123'],
        // A port group made for the appliances alone: it accepts promiscuous mode, and nobody else should listen.
        portGroup: { name: 'vse-fra', kind: 'distributed', switch: 'dvs-fra', vlan: 84 },
      },
      clusters: {
        'fra-1': {
          // The address that users connect to. Its last number is also the cluster’s CARP group on this VLAN.
          address: '10.10.84.10',
          // Exists already, so there is no “create”.
          location: { name: 'Frankfurt' },
          standardPort: 'all',
          nodes: {
            'fra-1-a': {
              management: '10.10.84.11/24',
              proxy: '10.10.84.12',
              loadBalancer: '10.10.84.13',
              // Step 2: the certificate of this very node; no two nodes may share one.
              certificate: '../downloads/fra-1-a.zip',
              // A card is passed through to one VM, so the VM stays on the host that the card is in.
              nitrox: true,
              host: 'esx-01.fra.acme.example',
              // UTC; at least one hour from the other nodes of the cluster, also around midnight.
              updateAt: '23:30',
            },
            'fra-1-b': {
              management: '10.10.84.21/24',
              proxy: '10.10.84.22',
              loadBalancer: '10.10.84.23',
              certificate: '../downloads/fra-1-b.zip',
              nitrox: true,
              host: 'esx-02.fra.acme.example',
              updateAt: '00:30',
            },
          },
        },
      },
    },

    // Amsterdam: four alike, written at once.
    ams: {
      vcenter: {
        host: 'vc-ams.acme.example',
        username: 'svc-runbook@vsphere.local',
        password: secret.env('VC_AMS_PASSWORD'),
      },
      placement: { datacenter: 'AMS', computeCluster: 'edge', datastore: 'ssd-01' },
      network: {
        subnet: '10.20.84.0/24',
        gateway: '10.20.84.1',
        dns: ['10.20.0.53'],
        portGroup: { name: 'vse-ams', switch: 'vSwitch1', vlan: 84 },
      },
      clusters: {
        'ams-1': {
          address: '10.20.84.10',
          location: {
            name: 'Amsterdam',
            create: { country: 'NETHERLANDS', tz: 'NETHERLANDS_EUROPE_AMSTERDAM' },
          },
          nodes: range('ams-1-[a:d]', (name, index) => ({
            management: `10.20.84.${20 + index}/24`,
            proxy: `10.20.84.${30 + index}`,
            loadBalancer: `10.20.84.${40 + index}`,
            certificate: `../downloads/${name}.zip`,
            updateAt: `0${index + 1}:00`,
          })),
        },
      },
    },
  },
})
