import type { Arguments, MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import { cloneVm } from '../clone.ts'
import { demandFreeName } from '../demand.ts'
import { describeConfig, describeRuntime, describeSummary, refersTo } from '../describe-vm.ts'
import { pressKeys } from '../keys.ts'
import { method, type Call, type ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { TaskResult, TaskWork } from '../model/tasks.ts'
import type { Vm } from '../model/vm.ts'
import type { World } from '../model/world.ts'
import { choosePlacement } from '../placement.ts'
import { POWER_DURATION, startPowerOn } from '../power-on-task.ts'
import { reconfigure } from '../reconfigure.ts'
import { relocate } from '../relocate.ts'
import { entityProperties } from './entity.ts'

/** Milliseconds of the lab's time that each task takes. */
const DURATIONS = {
  power: POWER_DURATION,
  reconfigure: 1500,
  destroy: 2000,
  rename: 500,
  clone: 20_000,
  relocate: 5000,
  snapshot: 1000,
  screenshot: 500,
}

/** How many screenshots and other files a server keeps. */
const KEPT_FILES = 50

/** A virtual machine as clients see it. */
export function createVirtualMachine(world: World, vm: Vm): ManagedObject {
  const { state, ref } = vm
  const { inventory } = world

  function start(
    { session }: Call,
    work: { readonly name: string; readonly duration: number; readonly shared?: boolean },
    run: (work: TaskWork) => Promise<TaskResult>,
  ): MoRef {
    return world.tasks.start(
      {
        entity: ref,
        entityName: state.name,
        description: `VirtualMachine.${work.name}`,
        userName: session.userName,
        duration: work.duration,
        shared: work.shared,
      },
      run,
    )
  }

  return {
    ref,
    properties: {
      ...entityProperties(
        () => state.name,
        () => ({ type: 'Folder', value: state.folder }),
      ),
      recentTask: () => world.tasks.on(ref),
      config: () => describeConfig(vm),
      environmentBrowser: () => inventory.idOf('EnvironmentBrowser', ''),
      resourcePool: () => (state.template ? undefined : { type: 'ResourcePool', value: state.pool }),
      runtime: () => describeRuntime(vm, world.questions.of(ref.value)),
      guest: () => ({
        toolsStatus: 'toolsNotInstalled',
        guestState: state.power === 'poweredOn' ? 'running' : 'notRunning',
      }),
      summary: () => describeSummary(vm),
      datastore: () => [inventory.idOf('Datastore', state.datastore)],
      network: () => refersTo(world, vm),
      rootSnapshot: () => ((state.snapshots ?? 0) > 0 ? [snapshotOf(vm, 1)] : []),
    },
    methods: {
      PowerOnVM_Task: method(({ host }: Arguments<'PowerOnVM_Task'>, { session }) =>
        startPowerOn(world, vm, { userName: session.userName, host: host?.value }),
      ),
      PowerOffVM_Task: method((_: unknown, call) =>
        start(call, { name: 'powerOff', duration: DURATIONS.power }, async () => {
          if (state.power === 'poweredOff') throw faults.invalidPowerState('poweredOff', 'poweredOff')
          await vm.powerOff()
          return undefined
        }),
      ),
      ResetVM_Task: method((_: unknown, call) =>
        start(call, { name: 'reset', duration: DURATIONS.power }, async () => {
          if (state.power === 'poweredOff') throw faults.invalidPowerState('poweredOff', 'poweredOn')
          await vm.powerOff()
          await vm.powerOn()
          return undefined
        }),
      ),
      ReconfigVM_Task: method(({ spec }: { spec: Value<'VirtualMachineConfigSpec'> }, call) =>
        start(call, { name: 'reconfigure', duration: DURATIONS.reconfigure }, async () => {
          if (spec.name !== undefined) demandFreeName(world, vm, spec.name)
          vm.update(reconfigure(world, state, spec))
          return undefined
        }),
      ),
      Rename_Task: method(({ newName }: Arguments<'Rename_Task'>, call) =>
        start(call, { name: 'rename', duration: DURATIONS.rename }, async () => {
          demandFreeName(world, vm, newName)
          vm.update({ name: newName })
          return undefined
        }),
      ),
      Destroy_Task: method((_: unknown, call) =>
        start(call, { name: 'destroy', duration: DURATIONS.destroy }, async () => {
          if (state.power === 'poweredOn') throw faults.invalidPowerState('poweredOn', 'poweredOff')
          await world.vms.destroy(vm)
          return undefined
        }),
      ),
      CloneVM_Task: method(({ folder, name, spec }: Arguments<'CloneVM_Task'>, call) => {
        if (world.seed.kind === 'esxi') throw faults.notSupported()
        return start(call, { name: 'clone', duration: DURATIONS.clone, shared: true }, ({ signal }) =>
          cloneVm(world, vm, { folder, name, spec: spec as Value<'VirtualMachineCloneSpec'>, signal }),
        )
      }),
      RelocateVM_Task: method(({ spec }: Arguments<'RelocateVM_Task'>, call) =>
        start(call, { name: 'relocate', duration: DURATIONS.relocate }, async () => {
          relocate(world, vm, spec as Value<'VirtualMachineRelocateSpec'>)
          return undefined
        }),
      ),
      CreateSnapshot_Task: method((_: unknown, call) =>
        start(call, { name: 'createSnapshot', duration: DURATIONS.snapshot }, async () => {
          const snapshots = (state.snapshots ?? 0) + 1
          vm.update({ snapshots })
          return snapshotOf(vm, snapshots)
        }),
      ),
      MarkAsTemplate: method(() => {
        if (world.seed.kind === 'esxi') throw faults.notSupported()
        if (state.importing || state.template) throw faults.invalidState()
        if (state.power === 'poweredOn') throw faults.invalidPowerState('poweredOn', 'poweredOff')
        vm.update({ template: true })
      }),
      MarkAsVirtualMachine: method(({ pool, host }: Arguments<'MarkAsVirtualMachine'>) => {
        if (world.seed.kind === 'esxi') throw faults.notSupported()
        if (!state.template) throw faults.invalidState()
        const asked = host ?? ({ type: 'HostSystem', value: state.host } as const)
        vm.update({ template: false, ...choosePlacement(world, { ...state, pool, host: asked }) })
      }),
      PutUsbScanCodes: method(({ spec }: { spec: Value<'UsbScanCodeSpec'> }) => {
        if (state.power !== 'poweredOn') throw faults.invalidPowerState(state.power, 'poweredOn')
        return pressKeys(vm, spec.keyEvents, { lossy: world.faults.take('lost-keys') })
      }),
      CreateScreenshot_Task: method((_: unknown, call) =>
        start(call, { name: 'createScreenshot', duration: DURATIONS.screenshot }, async () => {
          const image = vm.guest?.screen()
          if (state.power !== 'poweredOn' || image === undefined)
            throw faults.invalidPowerState(state.power, 'poweredOn')
          const path = `[${state.datastore}] ${state.name}/${state.name}-${Math.floor(world.clock.now())}.png`
          world.files.set(path, image)
          const oldest = world.files.keys().next().value
          if (world.files.size > KEPT_FILES && oldest !== undefined) world.files.delete(oldest)
          return path
        }),
      ),
      AnswerVM: method(({ questionId, answerChoice }: Arguments<'AnswerVM'>) => {
        world.questions.answer(vm.ref.value, { id: questionId, choice: answerChoice })
      }),
      ShutdownGuest: method(() => {
        // Without the tools in the guest, nobody hears it.
        throw state.power === 'poweredOn'
          ? faults.toolsUnavailable()
          : faults.invalidPowerState(state.power, 'poweredOn')
      }),
    },
  }
}

const snapshotOf = ({ state }: Vm, number: number): MoRef => ({
  type: 'VirtualMachineSnapshot',
  value: `snapshot-${state.moid}-${number}`,
})
