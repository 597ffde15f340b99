import { expect } from 'vitest'

import type { Behaviour } from './behaviour.ts'

/** OVAs: from an archive to a virtual machine. */
export const importBehaviours: readonly Behaviour[] = [
  {
    title: 'makes a machine of an OVA, with its three cards in the order of the descriptor and its disk thin',
    async run(kit) {
      const ref = await kit.importVm('imported')
      const machine = await kit.machine('imported')
      expect(machine).toMatchObject({
        ref,
        power: 'poweredOff',
        annotation: 'ours',
        settings: { 'runbook.import': 'importing' },
        cpus: 4,
        memoryMB: 32_768,
        disks: [{ capacityGB: 500, thin: true }],
      })
      const { network } = kit.server.places
      expect(machine.nics.map((nic) => nic.network)).toEqual([network, network, network])
      expect(new Set(machine.nics.map(({ mac }) => mac)).size).toBe(3)
      expect(machine.instanceUuid).toMatch(/^[0-9a-f-]{36}$/)
    },
  },
  {
    title: 'refuses a second machine of the same name',
    async run(kit) {
      const first = await kit.importVm('only')
      // What still carries our mark would be taken for the rests of a run that was stopped.
      const spec = { extraConfig: [{ key: 'runbook.import', value: '' }] }
      await kit.run('ReconfigVM_Task', first, { spec })
      await expect(kit.importVm('only')).rejects.toThrow(/DuplicateName/)
    },
  },
  {
    title: 'leaves nothing of an import that is given up',
    async run(kit) {
      const { places } = kit.server
      const stop = new AbortController()
      const writer = kit.vsphere.writer({ signal: AbortSignal.any([stop.signal, kit.signal]) })
      const { datacenter, computeCluster, datastore, network, hosts } = places
      const importing = writer.importOva({
        image: kit.image,
        name: 'given-up',
        placement:
          computeCluster === undefined
            ? { datacenter, host: hosts[0], datastore }
            : { datacenter, computeCluster, datastore },
        networks: [network, network, network],
        thin: true,
        annotation: '',
        settings: {},
        onProgress: () => stop.abort(new Error('enough')),
        onWarning: () => {},
      })
      await expect(importing).rejects.toThrow('enough')
      expect(await kit.writer.machine(kit.path('vm', 'given-up'))).toBeUndefined()
    },
  },
]
