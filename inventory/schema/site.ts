import { z } from 'zod'

import { secretField } from '#sdk'

import { hostName, line, thumbprint } from './fields.ts'
import { network } from './network.ts'
import { siteSsh } from './ssh.ts'

/** A vSphere name, or a path of them. */
const place = (description: string) => line(255).meta({ description })

/** One place: its vCenter, where VMs go there, and the network they share. */
export const site = z.strictObject({
  vcenter: z
    .strictObject({
      host: hostName().meta({ description: 'name or address of the vCenter or ESXi host' }),
      port: z.int().min(1).max(65_535).default(443).meta({ description: 'port, 443 where absent' }),
      username: line().meta({ description: 'vSphere user' }),
      password: secretField().meta({ description: 'password of that user, as a reference' }),
      thumbprint: thumbprint().optional().meta({
        description:
          'SHA-1 or SHA-256 thumbprint, AB:CD:…; trusted roots decide where absent; not looked at in the lab',
      }),
    })
    .meta({ description: 'the vCenter or ESXi host', rule: 'S-088' }),
  placement: z
    .strictObject({
      datacenter: place('datacenter; ha-datacenter on an ESXi host without vCenter'),
      computeCluster: place('compute cluster').optional(),
      host: place('ESXi host, where there is no compute cluster or VMs must stay on it').optional(),
      resourcePool: place('resource pool').optional(),
      folder: place('VM folder').optional(),
      datastore: place('datastore, SSD recommended'),
      imageTemplate: z.boolean().default(true).meta({
        description:
          'on a vCenter: whether the image is uploaded once per datastore, kept as a template, and cloned for each VM',
      }),
      rebootHosts: z.boolean().default(false).meta({
        description:
          'whether an ESXi host may be rebooted, in maintenance mode, where a NITROX card needs it',
        rule: 'S-114',
      }),
    })
    .meta({ description: 'where the VMs go', rule: 'S-089' }),
  network: z
    .strictObject(network)
    .meta({ description: 'the VLAN of all appliances of the site', rule: 'S-035' }),
  ssh: siteSsh
    .optional()
    .meta({ description: 'how its appliances are reached over SSH; not looked at in the lab' }),
})
