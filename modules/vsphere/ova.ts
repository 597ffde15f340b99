import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

/** The advanced setting in which we note how far an import has come. */
const MARK = 'runbook.import'

/** Seconds: a server removes the rests of an import when it has heard nothing of it for this long. */
const LEASE_TIMEOUT = 360

/** A virtual machine, and whether an import of ours made it. */
type Facts =
  | { readonly exists: false }
  | {
      readonly exists: true
      /** `importing`: a run of ours was stopped in the middle. `other`: somebody else made it. */
      readonly mark: 'importing' | 'done' | 'other'
      readonly instanceUuid: string
      readonly power: string
      /** Names of the networks, in the order of the adapters. */
      readonly networks: readonly string[]
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
  image: place('Absolute path of the OVA'),
  networks: z
    .array(z.string().min(1))
    .length(3)
    .meta({ description: 'Networks in the order of the adapters: management, proxy, load balancer' }),
  thin: z.boolean().default(true).meta({ description: 'Thin provisioning' }),
})

const pathOf = ({ datacenter, folder, vm }: z.output<typeof params>): string =>
  ['', datacenter, 'vm', folder ?? '', vm]
    .map((part) => part.replaceAll(/^\/+|\/+$/g, ''))
    .filter((part, index) => index === 0 || part !== '')
    .join('/')

/** Imports an OVA as a virtual machine, once, and keeps its network cards in the right networks. */
export const ova = defineModule({
  name: 'vsphere/ova',
  summary: 'A virtual machine exists, imported from an OVA, with its network cards in the right networks',
  connection: 'vsphere',
  params,
  absent: { exists: false },

  async read({ connection, params }): Promise<Facts> {
    const machine = await connection.machine(pathOf(params))
    if (machine === undefined) return { exists: false }
    const mark = machine.settings[MARK]
    return {
      exists: true,
      mark: mark === 'importing' || mark === 'done' ? mark : 'other',
      instanceUuid: machine.instanceUuid,
      power: machine.power,
      networks: machine.nics.map(({ network }) => network),
    }
  },

  diff(facts, params): readonly Change[] {
    if (facts.exists && facts.mark !== 'importing') {
      return params.networks.flatMap((to, index) => {
        const from = facts.networks[index]
        return from === to ? [] : [{ path: `network adapter ${index + 1}`, from, to }]
      })
    }
    const networks = params.networks.map((to, index) => ({ path: `network adapter ${index + 1}`, to }))
    const machine: Change = facts.exists
      ? { path: 'vm', from: 'half imported', to: pathOf(params), note: 'its rests are removed first' }
      : { path: 'vm', to: pathOf(params) }
    return [machine, ...networks]
  },

  async apply(context) {
    const { connection, params, facts, clock, signal } = context
    const path = pathOf(params)

    // Until its lease has timed out, a server may hold on to what an import has left; then it removes it by itself.
    async function removeRests(): Promise<void> {
      const deadline = clock.now() + LEASE_TIMEOUT * 1000
      for (;;) {
        const rests = await connection.machine(path)
        if (rests === undefined) return
        if (rests.settings[MARK] !== 'importing') {
          throw new ModuleError(`${path} was finished by somebody else meanwhile`, { hint: 'run again' })
        }
        try {
          await connection.runTask('Destroy_Task', { self: rests.ref, args: {}, what: `removing ${path}` })
          return
        } catch (error) {
          if (clock.now() >= deadline) throw error
        }
        await clock.sleep(10_000, { signal })
      }
    }

    if (facts.exists && facts.mark === 'importing') await removeRests()
    const isNew = !facts.exists || facts.mark === 'importing'
    if (isNew) {
      await connection.importOva({
        image: params.image,
        name: params.vm,
        placement: params,
        networks: params.networks,
        thin: params.thin,
        annotation: `Imported by runbook from ${params.image.replace(/^.*[\\/]/, '')}`,
        settings: { [MARK]: 'importing' },
        onProgress: (done, total) =>
          context.progress({ done, total, unit: 'bytes', text: 'uploading the image' }),
        onWarning: (message) => context.warn(message),
      })
    }
    const machine = await connection.machine(path)
    if (machine === undefined) throw new ModuleError(`${path} was imported, but is not there`)
    await connection.plugNics(machine, params.networks)
    if (isNew) {
      await connection.runTask('ReconfigVM_Task', {
        self: machine.ref,
        args: { spec: { extraConfig: [{ key: MARK, value: 'done' }] } },
        what: `marking ${path} as imported`,
      })
    }
  },

  limits: ({ datacenter, datastore }) => [
    { name: `uploads to datastore ${datastore} in ${datacenter}`, max: 4 },
    { name: `vSphere tasks in ${datacenter}`, max: 8 },
  ],
})
