import type { OperationName } from '../../connect/govmomi/schema/operations.ts'
import type { MoRef, Value } from '../../connect/govmomi/schema/values.ts'
import { objectAt } from './json.ts'
import { faults } from './model/method-fault.ts'
import type { World } from './model/world.ts'

/** What every account may do, however little else. */
const GIVEN: readonly string[] = ['System.Anonymous', 'System.View', 'System.Read']

/** What an operation needs, as the API's reference says; operations that are not here need to read only. */
const NEEDED: { readonly [O in OperationName]?: string } = {
  PowerOnVM_Task: 'VirtualMachine.Interact.PowerOn',
  PowerOnMultiVM_Task: 'VirtualMachine.Interact.PowerOn',
  PowerOffVM_Task: 'VirtualMachine.Interact.PowerOff',
  ShutdownGuest: 'VirtualMachine.Interact.PowerOff',
  ResetVM_Task: 'VirtualMachine.Interact.Reset',
  AnswerVM: 'VirtualMachine.Interact.AnswerQuestion',
  PutUsbScanCodes: 'VirtualMachine.Interact.PutUsbScanCodes',
  CreateSnapshot_Task: 'VirtualMachine.State.CreateSnapshot',
  CreateScreenshot_Task: 'VirtualMachine.Interact.CreateScreenshot',
  AcquireTicket: 'VirtualMachine.Interact.ConsoleInteract',
  MarkAsTemplate: 'VirtualMachine.Provisioning.MarkAsTemplate',
  MarkAsVirtualMachine: 'VirtualMachine.Provisioning.MarkAsVM',
  CreateFolder: 'Folder.Create',
  DeleteDatastoreFile_Task: 'Datastore.FileManagement',
  ImportVApp: 'VApp.Import',
  HttpNfcLeasePullFromUrls_Task: 'VApp.PullFromUrls',
  AddPortGroup: 'Host.Config.Network',
  UpdatePortGroup: 'Host.Config.Network',
  RemovePortGroup: 'Host.Config.Network',
  UpdateOptions: 'Host.Config.AdvancedConfig',
  UpdatePassthruConfig: 'Host.Config.PciPassthru',
  EnterMaintenanceMode_Task: 'Host.Config.Maintenance',
  ExitMaintenanceMode_Task: 'Host.Config.Maintenance',
  RebootHost_Task: 'Host.Config.Maintenance',
  AddDVPortgroup_Task: 'DVPortgroup.Create',
  ReconfigureDVPortgroup_Task: 'DVPortgroup.Modify',
  ReconfigureComputeResource_Task: 'Host.Inventory.EditCluster',
}

/** What each part of a specification needs. */
const PARTS: readonly (readonly [keyof Value<'VirtualMachineConfigSpec'>, string])[] = [
  ['name', 'VirtualMachine.Config.Rename'],
  ['annotation', 'VirtualMachine.Config.Annotation'],
  ['numCPUs', 'VirtualMachine.Config.CPUCount'],
  ['numCoresPerSocket', 'VirtualMachine.Config.CPUCount'],
  ['memoryMB', 'VirtualMachine.Config.Memory'],
  ['memoryAllocation', 'VirtualMachine.Config.Resource'],
  ['cpuAllocation', 'VirtualMachine.Config.Resource'],
  ['memoryReservationLockedToMax', 'VirtualMachine.Config.Resource'],
  ['guestId', 'VirtualMachine.Config.Settings'],
]

/** Whether the account has a privilege. */
export function hasPrivilege({ seed }: World, privilege: string): boolean {
  return seed.privileges === undefined || GIVEN.includes(privilege) || seed.privileges.includes(privilege)
}

/** What the account may do; of all that matter here where it may do anything. */
export function privilegesOf({ seed }: World): readonly string[] {
  return [...GIVEN, ...(seed.privileges ?? allPrivileges())]
}

/** Every privilege that something in the lab asks for. */
export function allPrivileges(): readonly string[] {
  const more = [...Object.values(CLONING), ...Object.values(DEVICES), 'Datastore.AllocateSpace']
  const others = [
    'VApp.PullFromUrls',
    'Datastore.Browse',
    'Network.Assign',
    'Resource.AssignVMToPool',
    'Resource.ColdMigrate',
    'Resource.HotMigrate',
    FROM_EXISTING,
    ...VM_ONLY,
  ]
  const parts = PARTS.map(([, privilege]) => privilege)
  return [...new Set([...Object.values(NEEDED), ...parts, ...more, ...others])].sort()
}

/** Throws `NoPermission` with the first privilege that an operation on an object needs and the account lacks. */
export function demandPrivileges(
  world: World,
  call: { readonly operation: OperationName; readonly self: MoRef; readonly args: object },
): void {
  if (world.seed.privileges === undefined) return
  const lacking = privilegesFor(world, call).find((privilege) => !hasPrivilege(world, privilege))
  if (lacking !== undefined) throw faults.noPermission(call.self, lacking)
}

const CLONING = {
  deploy: 'VirtualMachine.Provisioning.DeployTemplate',
  copy: 'VirtualMachine.Provisioning.CloneTemplate',
  make: 'VirtualMachine.Provisioning.CreateTemplateFromVM',
  clone: 'VirtualMachine.Provisioning.Clone',
} as const

const FROM_EXISTING = 'VirtualMachine.Inventory.CreateFromExisting'

const DEVICES = {
  addDisk: 'VirtualMachine.Config.AddNewDisk',
  growDisk: 'VirtualMachine.Config.DiskExtend',
  edit: 'VirtualMachine.Config.EditDevice',
  addOrRemove: 'VirtualMachine.Config.AddRemoveDevice',
  connect: 'VirtualMachine.Interact.DeviceConnection',
} as const

const VM_ONLY = [
  'VirtualMachine.Config.AdvancedConfig',
  'VirtualMachine.Config.Rename',
  'VirtualMachine.Inventory.Delete',
] as const

function privilegesFor(
  world: World,
  {
    operation,
    self,
    args,
  }: { readonly operation: OperationName; readonly self: MoRef; readonly args: object },
): readonly string[] {
  const isMachine = self.type === 'VirtualMachine'
  if (operation === 'ImportVApp')
    return ['VApp.Import', 'Datastore.AllocateSpace', 'Network.Assign', 'Resource.AssignVMToPool']
  if (operation === 'ReconfigVM_Task') {
    const { spec } = args as { readonly spec: Value<'VirtualMachineConfigSpec'> }
    return [...forSpec(spec), ...forConnections(world, self, spec)]
  }
  if (operation === 'CloneVM_Task')
    return forClone(world, self, (args as { readonly spec: Value<'VirtualMachineCloneSpec'> }).spec)
  if (operation === 'RelocateVM_Task') {
    const isOn = world.vms.find(self.value)?.state.power === 'poweredOn'
    return [isOn ? 'Resource.HotMigrate' : 'Resource.ColdMigrate', 'Resource.AssignVMToPool']
  }
  if (operation === 'Destroy_Task')
    return [isMachine ? 'VirtualMachine.Inventory.Delete' : `${self.type}.Delete`]
  if (operation === 'Rename_Task') return [isMachine ? 'VirtualMachine.Config.Rename' : `${self.type}.Rename`]
  const needed = NEEDED[operation]
  return needed === undefined ? [] : [needed]
}

function forSpec(spec: Value<'VirtualMachineConfigSpec'>): readonly string[] {
  return [
    ...PARTS.filter(([field]) => spec[field] !== undefined).map(([, privilege]) => privilege),
    ...(spec.extraConfig.length > 0 ? ['VirtualMachine.Config.AdvancedConfig'] : []),
    ...spec.deviceChange.map(({ operation, device }) => {
      const isDisk = device.$type === 'VirtualDisk'
      if (operation !== 'edit') return isDisk && operation === 'add' ? DEVICES.addDisk : DEVICES.addOrRemove
      return isDisk ? DEVICES.growDisk : DEVICES.edit
    }),
  ]
}

// What a card of a machine that runs is plugged into is its hardware; whether it is connected, somebody's use of it.
function forConnections(
  { vms }: World,
  { value }: MoRef,
  { deviceChange }: Value<'VirtualMachineConfigSpec'>,
): readonly string[] {
  const vm = vms.find(value)
  if (vm?.state.power !== 'poweredOn') return []
  const isToggled = deviceChange.some(({ operation, device }) => {
    const known = vm.state.devices.find(({ key }) => key === device.key)
    const { connectable } = device as typeof device & {
      readonly connectable?: { readonly connected: boolean }
    }
    const was = known === undefined ? undefined : objectAt(known, 'connectable')['connected']
    return operation === 'edit' && connectable !== undefined && connectable.connected !== was
  })
  return isToggled ? [DEVICES.connect] : []
}

function forClone(
  { vms }: World,
  { value }: MoRef,
  { template, config }: Value<'VirtualMachineCloneSpec'>,
): readonly string[] {
  const isTemplate = vms.find(value)?.state.template === true
  const made = isTemplate ? (template ? 'copy' : 'deploy') : template ? 'make' : 'clone'
  return [
    CLONING[made],
    FROM_EXISTING,
    'Datastore.AllocateSpace',
    'Resource.AssignVMToPool',
    ...(config === undefined ? [] : forSpec(config)),
  ]
}
