import { z } from 'zod'

import { defineModule, IMPORT_MARK, joinPath, ModuleError, type Change } from '#sdk'

import { demandPrivilege } from './demand-privilege.ts'
import { demandStillOff } from './machine.ts'
import { markOf, refuseStranger } from './stranger.ts'

/** A virtual machine, and whether an import of ours made it. */
export type OvaFacts =
  | { readonly exists: false }
  | {
      readonly exists: true
      /** `importing`: a run of ours was stopped in the middle. `other`: somebody else made it. */
      readonly mark: 'importing' | 'done' | 'other'
      readonly instanceUuid: string
      readonly power: string
      /** Names of the networks, in the order of the adapters. */
      readonly networks: readonly string[]
      /** Whether each adapter is connected. */
      readonly connected: readonly boolean[]
      readonly disks: number
    }

const place = (description: string) => z.string().min(1).meta({ description })

const params = z.strictObject({
  vm: place('Name of the virtual machine'),
  folder: place('Path below the datacenter’s VM folder').optional(),
  datacenter: place('Datacenter'),
  computeCluster: place('Compute cluster').optional(),
  host: place('ESXi host: without a compute cluster, or to pin the machine to one of its hosts').optional(),
  resourcePool: place('Resource pool; the root one where absent').optional(),
  datastore: place('Datastore'),
  image: place(
    'Absolute path of an OVA, or of an OVF descriptor with its files beside it; or an http or https URL of an OVA',
  ).refine(
    (image) => !/^https?:\/\/[^/?#]*@/i.test(image),
    'has a user name or password in it, which would be seen',
  ),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'is not a SHA-256')
    .optional()
    .meta({ description: 'What the SHA-256 of the image must be; a URL needs it' }),
  thumbprint: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:){19}([0-9A-Fa-f]{2}:){0,12}[0-9A-Fa-f]{2}$/, 'is not a thumbprint')
    .optional()
    .meta({ description: 'Thumbprint of the web server that has the image, where no root vouches for it' }),
  networks: z
    .array(z.string().min(1))
    .length(3)
    .meta({ description: 'Networks in the order of the adapters: management, proxy, load balancer' }),
  thin: z.boolean().default(true).meta({ description: 'Thin provisioning' }),
  apart: z.array(z.string().min(1)).default([]).meta({
    description: 'Names of machines that it should not share a host with, where DRS does not choose its host',
  }),
  template: z.boolean().default(true).meta({
    description:
      'On a vCenter, upload the image once per datastore, keep it as a template, and clone machines from it',
  }),
})

type Params = z.output<typeof params>

const pathOf = ({ datacenter, folder = '', vm }: Params): string =>
  joinPath(datacenter, 'vm', ...folder.split('/'), vm)

const baseName = (image: string): string => image.replace(/[?#].*$/, '').replace(/^.*[\\/]/, '')

/** Makes a virtual machine of an image, once, and keeps its network cards in the right networks. */
export const ova = defineModule({
  name: 'vsphere/ova',
  summary: 'A virtual machine exists, made of an image, with its network cards in the right networks',
  connection: 'vsphere',
  params,
  absent: { exists: false },

  async read({ connection, params, warn }): Promise<OvaFacts> {
    const machine = await connection.machine(pathOf(params))
    if (machine === undefined) return { exists: false }
    refuseStranger(machine, params.networks)
    if (machine.nics.length > params.networks.length) {
      warn(`${params.vm} has ${machine.nics.length} network adapters; those behind the third are left alone`)
    }
    return {
      exists: true,
      mark: markOf(machine) ?? 'other',
      instanceUuid: machine.instanceUuid,
      power: machine.power,
      networks: machine.nics.map(({ network }) => network),
      connected: machine.nics.map(({ connected }) => connected),
      disks: machine.disks.length,
    }
  },

  diff(facts, params): readonly Change[] {
    if (facts.exists && facts.mark !== 'importing') {
      return params.networks.flatMap((to, index): readonly Change[] => {
        const from = facts.networks[index]
        const path = `network adapter ${index + 1}`
        if (from !== to) return [{ path, from, to }]
        return facts.connected[index] === false ? [{ path: `${path} connected`, from: false, to: true }] : []
      })
    }
    const networks = params.networks.map((to, index) => ({ path: `network adapter ${index + 1}`, to }))
    const machine: Change = facts.exists
      ? { path: 'vm', from: 'half imported', to: pathOf(params), note: 'its rests are removed first' }
      : { path: 'vm', to: pathOf(params) }
    return [machine, ...networks]
  },

  async apply({ connection, params, facts, progress, warn }) {
    const path = pathOf(params)
    const isNew = !facts.exists || facts.mark === 'importing'
    if (isNew) {
      const rests = facts.exists ? await connection.machine(path) : undefined
      await connection.importOva({
        image: params.image,
        sha256: params.sha256,
        thumbprint: params.thumbprint,
        name: params.vm,
        placement: params,
        networks: params.networks,
        thin: params.thin,
        apart: params.apart,
        template: params.template,
        annotation: `Made by runbook of ${baseName(params.image)}`,
        settings: { [IMPORT_MARK]: 'importing' },
        rests: rests?.ref,
        onProgress: progress,
        onWarning: warn,
      })
    }
    const machine = await connection.machine(path)
    if (machine === undefined) throw new ModuleError(`${path} was imported, but is not there`)
    if (!isNew) demandStillOff(facts, machine)
    const wanted = machine.nics.slice(0, params.networks.length)
    if (machine.power === 'poweredOn' && wanted.some(({ connected }) => !connected)) {
      await demandPrivilege(connection, machine, {
        privilege: 'VirtualMachine.Interact.DeviceConnection',
        what: 'connecting an adapter while it runs',
        hint: 'grant it, or connect the adapters by hand, and run again',
      })
    }
    await connection.plugNics(machine, params.networks)
    if (isNew) {
      await connection.runTask('ReconfigVM_Task', {
        self: machine.ref,
        args: { spec: { extraConfig: [{ key: IMPORT_MARK, value: 'done' }] } },
        what: `marking ${path} as imported`,
      })
    }
  },

  disruptive(changes, { vm }, facts) {
    if (!facts.exists || facts.mark === 'importing' || facts.power === 'poweredOff') return undefined
    const adapters = changes.map(({ path }) => path).join(', ')
    return adapters === '' ? undefined : `${vm} runs, and is plugged anew: ${adapters}`
  },

  creates: (changes) => changes.some(({ path }) => path === 'vm'),

  limits: ({ datacenter, datastore }) => [
    { name: `uploads to datastore ${datastore} in ${datacenter}`, max: 4 },
    { name: `vSphere tasks in ${datacenter}`, max: 8 },
  ],
})
