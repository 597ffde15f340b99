import type { Input, MoRef } from '../../connect/govmomi/schema/values.ts'
import { isNic, networkNameOf } from './machine.ts'
import { describeQuestion, type Question } from './model/question.ts'
import type { VmState } from './model/state.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { changeVersionOf } from './reconfigure.ts'

/** A machine's configuration as clients read it. */
export function describeConfig({ state }: Vm): Input<'VirtualMachineConfigInfo'> {
  return {
    changeVersion: changeVersionOf(state),
    modified: new Date(state.createdAt).toISOString(),
    name: state.name,
    guestFullName: guestNameOf(state),
    version: state.version,
    uuid: state.uuid,
    instanceUuid: state.instanceUuid,
    template: state.template,
    guestId: state.guestId,
    alternateGuestName: '',
    annotation: state.annotation,
    files: { vmPathName: pathOf(state) },
    flags: { enableLogging: true },
    hardware: {
      numCPU: state.cpus,
      numCoresPerSocket: state.coresPerSocket,
      memoryMB: state.memoryMB,
      device: state.devices,
    },
    cpuAllocation: { reservation: 0n, expandableReservation: false, limit: -1n },
    memoryAllocation: {
      reservation: BigInt(state.memoryReservationMB),
      expandableReservation: false,
      limit: -1n,
      shares: { shares: state.memoryMB * 10, level: 'normal' },
    },
    extraConfig: Object.entries(state.extraConfig).map(([key, value]) => ({ key, value })),
    firmware: 'bios',
    memoryReservationLockedToMax: state.memoryReservationLocked,
  }
}

/** A machine's state as clients read it. */
export function describeRuntime({ state }: Vm, question?: Question): Input<'VirtualMachineRuntimeInfo'> {
  return {
    host: { type: 'HostSystem', value: state.host },
    connectionState: 'connected',
    powerState: state.power,
    question: question === undefined ? undefined : describeQuestion(question),
    maxMemoryUsage: state.memoryMB,
    numMksConnections: 0,
  }
}

/** The short form of both. */
export function describeSummary(vm: Vm): Input<'VirtualMachineSummary'> {
  const { state, ref } = vm
  return {
    vm: ref,
    runtime: describeRuntime(vm),
    guest: { toolsStatus: 'toolsNotInstalled' },
    config: {
      name: state.name,
      template: state.template,
      vmPathName: pathOf(state),
      memorySizeMB: state.memoryMB,
      memoryReservation: state.memoryReservationMB,
      numCpu: state.cpus,
      numEthernetCards: state.devices.filter(isNic).length,
      numVirtualDisks: state.devices.filter(({ $type }) => $type === 'VirtualDisk').length,
      uuid: state.uuid,
      instanceUuid: state.instanceUuid,
      guestId: state.guestId,
      guestFullName: guestNameOf(state),
      annotation: state.annotation,
    },
    quickStats: {
      hostMemoryUsage: state.power === 'poweredOn' ? state.memoryMB : 0,
      guestHeartbeatStatus: 'gray',
    },
    overallStatus: 'green',
  }
}

/** The networks a machine is plugged into. */
export function refersTo({ inventory }: World, { state }: Vm): readonly MoRef[] {
  const names = new Set(state.devices.filter(isNic).map((device) => networkNameOf(device, inventory)))
  names.delete('')
  return [...names].map((name) => {
    const group = inventory.state.distributed.find((each) => each.name === name)
    return group === undefined
      ? inventory.idOf('Network', name)
      : { type: 'DistributedVirtualPortgroup', value: group.moid }
  })
}

const pathOf = ({ datastore, name }: VmState): string => `[${datastore}] ${name}/${name}.vmx`

const guestNameOf = ({ guestId }: VmState): string =>
  guestId.startsWith('freebsd') ? 'FreeBSD (64-bit)' : 'Other (64-bit)'
