import type { Progress } from '../model/progress.ts'
import type { ConsolePort } from './console/port.ts'
import type { DistributedPortGroup } from './govmomi/object/distributed-port-group.ts'
import type { Licence, Privileges } from './govmomi/object/entitlement.ts'
import type { Host, HostScope } from './govmomi/object/host.ts'
import type { Machine } from './govmomi/object/machine.ts'
import type { PlaceNames } from './govmomi/object/place.ts'
import type { PortGroupPlace } from './govmomi/object/promiscuous.ts'
import type { AnswerQuestion } from './govmomi/object/question.ts'
import type { Reboot } from './govmomi/object/reboot.ts'
import type { WantedPortGroup } from './govmomi/object/write-port-group.ts'
import type { Found, Way } from './govmomi/property.ts'
import type { ObjectName } from './govmomi/schema/objects.ts'
import type { OperationName, ReadOperation } from './govmomi/schema/operations.ts'
import type { AnyValue, Arguments, Input, MoRef, Properties, Result } from './govmomi/schema/values.ts'
import type { ImageRef } from './open-image.ts'

/** What a server says about itself. */
export interface VSphereAbout {
  /** `VMware vCenter Server 8.0.3 build-24022515`. */
  readonly fullName: string
  readonly version: string
  readonly kind: 'vcenter' | 'esxi'
}

/** Something that is called: an operation's object and arguments. */
export interface Invocation<O extends OperationName> {
  readonly self: MoRef
  readonly args: Arguments<O>
}

/** An operation that starts a task. */
export type TaskOperation = Extract<OperationName, `${string}_Task`>

/** A task to run: what it is for messages, and who is told how far it is. */
export interface TaskInvocation<O extends TaskOperation> extends Invocation<O> {
  readonly what: string
  readonly onProgress?: ((percent: number) => void) | undefined
}

/** How a virtual machine is switched on. */
export interface PowerOnOptions {
  /** Whether it has to stay on its host; a cluster that balances itself chooses one otherwise. */
  readonly stays: boolean
  /** What to say when it asks something; a question without an answer is a `ModuleError`. */
  readonly answer: AnswerQuestion
  readonly onProgress?: ((percent: number) => void) | undefined
}

/** An image to make a virtual machine of. */
export interface OvaImport extends ImageRef {
  readonly name: string
  readonly placement: PlaceNames
  /** Names of the networks, in the order of the adapters. */
  readonly networks: readonly string[]
  readonly thin: boolean
  /** Names of machines that it should not share a host with, where no cluster chooses its host. */
  readonly apart?: readonly string[] | undefined
  /**
   * Whether the image is kept as a template on the datastore, so that it is uploaded once and cloned from then on. A host
   * without vCenter has no templates: there it is uploaded each time.
   */
  readonly template?: boolean | undefined
  readonly annotation: string
  /** Advanced settings that are in place from the first moment of the virtual machine. */
  readonly settings: Readonly<Record<string, string>>
  /** What an interrupted import has left under this name, to be removed first. */
  readonly rests?: MoRef | undefined
  /** Told how far which part of the work is. */
  readonly onProgress: (progress: Progress) => void
  readonly onWarning: (message: string) => void
}

/** A vCenter or ESXi host for those who only look. Nothing here changes anything, and there is no way around it. */
export interface VSphereReader {
  readonly about: VSphereAbout
  /** What is at an inventory path, such as `/FRA/vm/Zscaler/edge01`; undefined where it is nothing of that type. */
  find(type: ObjectName, path: string): Promise<MoRef | undefined>
  /** The same, but throws a `ModuleError` that names what is there instead. */
  require(type: ObjectName, path: string): Promise<MoRef>
  /** What is there instead, in a clause, where nothing of that type is at a path. */
  explain(type: ObjectName, path: string): Promise<string>
  /** Reads properties of one object, typed by their paths. */
  get<O extends ObjectName, const P extends string>(
    type: O,
    ref: MoRef,
    paths: readonly P[],
  ): Promise<Properties<O, P>>
  /** Reads properties of every object at the end of a way, in one round trip. */
  list<O extends ObjectName, const P extends string>(
    type: O,
    way: Way,
    paths: readonly P[],
  ): Promise<readonly Found<O, P>[]>
  /** Calls an operation that changes nothing. */
  query<O extends ReadOperation>(operation: O, invocation: Invocation<O>): Promise<Result<O>>
  /** The virtual machine at an inventory path; undefined where there is none. */
  machine(path: string): Promise<Machine | undefined>
  /** The hosts of a scope, sorted by name. Throws where there are none. */
  hosts(scope: HostScope): Promise<readonly Host[]>
  /** A host's advanced option; undefined where the host does not know it. An integer of 64 bits is a bigint. */
  hostOption(host: Host, name: string): Promise<string | number | bigint | boolean | undefined>
  /** Undefined where there is no distributed port group of that name. */
  distributedPortGroup(which: {
    readonly datacenter: string
    readonly name: string
  }): Promise<DistributedPortGroup | undefined>
  /**
   * The changes of its configuration that plug a machine's network cards into these networks, in the order of the adapters, and
   * add those that are missing. Throws where a network is not to be had on its host.
   */
  planNics(
    machine: Machine,
    networks: readonly string[],
  ): Promise<readonly Input<'VirtualDeviceConfigSpec'>[]>
  licences(): Promise<readonly Licence[]>
  /** The privileges that the user lacks of those wanted, on the objects where they are lacking. */
  missingPrivileges(wanted: readonly Privileges[]): Promise<readonly Privileges[]>
  /** What time it is on the server, in milliseconds since the epoch. */
  serverTime(): Promise<number>
  /** Why no connection can be opened from here to a host that takes uploads; undefined where one can. */
  whyUnreachable(host: Pick<Host, 'name' | 'port'>): Promise<string | undefined>
}

/** A vCenter or ESXi host for those who change things. */
export interface VSphereWriter extends VSphereReader {
  /**
   * The same, for what must not stay half done when the step is stopped, such as a machine that is off only to be changed: it
   * goes on for ten minutes, whatever happens to the step.
   */
  late(): VSphereWriter
  /** Calls any operation. For those that start a task, `runTask` waits for its end. */
  call<O extends OperationName>(operation: O, invocation: Invocation<O>): Promise<Result<O>>
  /** Starts a task, waits for its end, and gives its result; cancels it when the step is stopped. */
  runTask<O extends TaskOperation>(operation: O, invocation: TaskInvocation<O>): Promise<AnyValue | undefined>
  /** Makes a virtual machine of an image, by upload or by clone. Where it fails, the server removes what was made. */
  importOva(wanted: OvaImport): Promise<MoRef>
  /** Switches a machine on. */
  powerOn(path: string, options: PowerOnOptions): Promise<void>
  /** Has the guest shut down where it listens, and switches off hard where it does not, or takes too long. */
  powerOff(path: string, options?: Pick<PowerOnOptions, 'onProgress'>): Promise<void>
  /**
   * Reboots a host in maintenance mode and waits for it; takes it out of maintenance mode again on every path, or says that
   * it could not. One that somebody else has put into maintenance mode is refused.
   */
  rebootHost(host: Host, options: Reboot): Promise<void>
  /**
   * Does some work while promiscuous mode is off on a port group where it was on, and then gives it back, also when stopped.
   * `insist` may try more than once to give it back: each try has its own time.
   */
  withoutPromiscuous(
    place: PortGroupPlace,
    work: () => Promise<void>,
    insist?: (put: () => Promise<void>) => Promise<void>,
  ): Promise<void>
  /** Switches promiscuous mode of a port group on, and changes nothing else on it. */
  acceptPromiscuous(place: PortGroupPlace): Promise<void>
  /** Plugs the network cards into these networks, in the order of the adapters; adds cards that are missing. */
  plugNics(machine: Machine, networks: readonly string[]): Promise<void>
  /** Sets a host's advanced option, in the type that it has. */
  setHostOption(host: Host, wanted: { readonly name: string; readonly value: number }): Promise<void>
  /** Creates or changes a standard port group on one host; everything else that was set on it stays. */
  putStandardPortGroup(host: Host, wanted: WantedPortGroup): Promise<void>
  /** Creates or changes a distributed port group; everything else that was set on it stays. */
  putDistributedPortGroup(datacenter: string, wanted: WantedPortGroup): Promise<void>
}

/** A session on a vCenter or ESXi host, shared by all steps that need it. */
export interface VSphereSession {
  /** A view that cannot write, for as long as `signal` allows. */
  reader(use: { readonly signal: AbortSignal }): VSphereReader
  writer(use: { readonly signal: AbortSignal }): VSphereWriter
  /** The console of the virtual machine at an inventory path, which is looked for when it is first used. */
  console(vm: string, options: { readonly writable: boolean }): ConsolePort
  /** Logs out and closes every connection. */
  close(): Promise<void>
}
