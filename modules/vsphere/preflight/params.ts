import { z } from 'zod'

const name = (description: string) => z.string().min(1).meta({ description })

const portGroup = z.strictObject({
  name: name('Name of the port group'),
  kind: z.enum(['standard', 'distributed']).meta({ description: 'Kind of port group' }),
  switch: name('Virtual or distributed switch'),
  made: z.boolean().default(true).meta({ description: 'Whether it is made, or changed, by a later step' }),
})

const node = z.strictObject({
  name: name('Name of the virtual machine'),
  cluster: name('The nodes of a cluster should run on different hosts'),
  host: name('ESXi host that it is bound to').optional(),
  networks: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Networks of its adapters, in their order' }),
  memoryGB: z.number().min(0).meta({ description: 'Its memory' }),
  diskGB: z.number().min(0).meta({ description: 'Its disk' }),
  nitrox: z.boolean().default(false).meta({ description: 'Whether it gets a NITROX card' }),
})

/** Where a site's machines go, and what they need there. */
export const params = z.strictObject({
  datacenter: name('Datacenter'),
  computeCluster: name('Compute cluster').optional(),
  host: name('ESXi host, where there is no compute cluster or machines must stay on it').optional(),
  resourcePool: name('Resource pool').optional(),
  folder: name('Path below the datacenter’s VM folder').optional(),
  datastore: name('Datastore'),
  portGroups: z.array(portGroup).default([]).meta({ description: 'Port groups of the machines' }),
  nodes: z.array(node).default([]).meta({ description: 'The machines' }),
  thin: z.boolean().default(true).meta({ description: 'Thin provisioning' }),
  template: z.boolean().default(true).meta({
    description: 'Whether the image is kept as a template on the datastore, where there is a vCenter',
  }),
  pulled: z.boolean().default(false).meta({
    description: 'Whether vSphere is to fetch the image from a URL by itself, as it can from release 6.7 on',
  }),
  rebootHosts: z.boolean().default(false).meta({ description: 'Whether hosts may be rebooted for a card' }),
})

/** Where a site's machines go, and what they need there, checked. */
export type Params = z.output<typeof params>

/** A machine that is wanted. */
export type Node = Params['nodes'][number]
