import { expect } from 'vitest'

import { waitForTask } from '../../../../src/connect/govmomi/task.ts'
import type { Behaviour } from './behaviour.ts'

/** Tasks: their end, their fault, and what can be done about them in between. */
export const taskBehaviours: readonly Behaviour[] = [
  {
    title: 'ends a task in success, with its result',
    async run(kit) {
      const { session, watcher, signal } = kit
      const self = await kit.importVm('result')
      const task = await kit.call('PowerOnVM_Task', self, {})
      await waitForTask({ session, watcher }, task, { signal, what: 'switching on' })
      const { info } = await kit.properties.get('Task', task, ['info'])
      expect(info).toMatchObject({ state: 'success', entity: self, cancelled: false })
      expect(info.key).not.toBe('')
      await kit.run('PowerOffVM_Task', self, {})
    },
  },
  {
    title: 'ends a task in its own fault, with the values that the fault carries',
    async run(kit) {
      const { session, watcher, signal } = kit
      const self = await kit.importVm('fault')
      const failing = async (): Promise<unknown> =>
        waitForTask({ session, watcher }, await kit.call('PowerOffVM_Task', self, {}), {
          signal,
          what: 'switching off',
        })
      await expect(failing()).rejects.toMatchObject({
        code: 'fault',
        fault: { type: 'InvalidPowerState', detail: { existingState: 'poweredOff' } },
      })
    },
  },
  {
    title: 'refuses to cancel a task that has ended',
    async run(kit) {
      const { session, watcher, signal } = kit
      const self = await kit.importVm('late')
      const task = await kit.call('PowerOnVM_Task', self, {})
      await waitForTask({ session, watcher }, task, { signal, what: 'switching on' })
      await expect(kit.call('CancelTask', task, {})).rejects.toMatchObject({
        fault: { type: 'InvalidState' },
      })
      await kit.run('PowerOffVM_Task', self, {})
    },
  },
  {
    title: 'does not switch on a machine twice, and destroys none that runs',
    async run(kit) {
      const self = await kit.importVm('twice')
      await kit.run('PowerOnVM_Task', self, {})
      await expect(kit.run('PowerOnVM_Task', self, {})).rejects.toThrow(/InvalidPowerState/)
      await expect(kit.run('Destroy_Task', self, {})).rejects.toThrow(/InvalidPowerState/)
      await kit.run('PowerOffVM_Task', self, {})
      await kit.run('Destroy_Task', self, {})
      expect(await kit.writer.machine(kit.path('vm', 'twice'))).toBeUndefined()
    },
  },
]
