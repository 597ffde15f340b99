import { InternalError } from '../model/error.ts'
import { readDistributedPortGroup } from './govmomi/object/distributed-port-group.ts'
import { readLicences, readMissingPrivileges, readServerTime } from './govmomi/object/entitlement.ts'
import { readHosts } from './govmomi/object/host.ts'
import { readMachine } from './govmomi/object/machine.ts'
import { readHostOption, writeHostOption } from './govmomi/object/option.ts'
import { planNics, plugNics } from './govmomi/object/plug-nics.ts'
import { powerOff } from './govmomi/object/power.ts'
import { acceptPromiscuous, withoutPromiscuous, type SwitchOn } from './govmomi/object/promiscuous.ts'
import { rebootHost } from './govmomi/object/reboot.ts'
import { writeDistributedPortGroup, writeStandardPortGroup } from './govmomi/object/write-port-group.ts'
import { operations } from './govmomi/schema/operations.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import type { Session } from './govmomi/session.ts'
import { waitForTask } from './govmomi/task.ts'
import { createWatcher } from './govmomi/watch.ts'
import { createConsolePort } from './vsphere-console.ts'
import { guard } from './vsphere-error.ts'
import { createGround, type Ground } from './vsphere-ground.ts'
import { importInto } from './vsphere-import.ts'
import { knock, requireMachine, switchOn } from './vsphere-machine.ts'
import type { VSphereReader, VSphereSession, VSphereWriter } from './vsphere.ts'

function createReader(ground: Ground): VSphereReader {
  const { session, properties, finder, signal } = ground
  const { about } = session.content
  return {
    about: {
      fullName: about.fullName,
      version: about.version,
      kind: about.apiType === 'HostAgent' ? 'esxi' : 'vcenter',
    },
    find: (type, path) => guard(signal, () => finder.find(type, path)),
    require: (type, path) => guard(signal, () => finder.require(type, path)),
    explain: (type, path) => guard(signal, () => finder.explain(type, path)),
    get: (type, ref, paths) => guard(signal, () => properties.get(type, ref, paths)),
    list: (type, way, paths) => guard(signal, () => properties.list(type, way, paths)),
    query: (operation, { self, args }) =>
      guard(signal, async () => {
        if (operations[operation].mutates) {
          throw new InternalError(
            `${operation} changes something, and was called where nothing may be changed`,
          )
        }
        return session.call(operation, { self, args, signal })
      }),
    machine: (path) =>
      guard(signal, async () => {
        const ref = await finder.find('VirtualMachine', path)
        return ref === undefined ? undefined : readMachine(properties, ref)
      }),
    hosts: (scope) => guard(signal, () => readHosts(ground, scope)),
    hostOption: (host, name) => guard(signal, () => readHostOption(ground, host, name)),
    distributedPortGroup: (which) => guard(signal, () => readDistributedPortGroup(ground, which)),
    planNics: (machine, networks) => guard(signal, () => planNics(properties, machine, networks)),
    licences: () => guard(signal, () => readLicences(ground)),
    missingPrivileges: (wanted) => guard(signal, () => readMissingPrivileges(ground, wanted)),
    serverTime: () => guard(signal, () => readServerTime(ground)),
    whyUnreachable: (host) => guard(signal, () => knock(ground, host)),
  }
}

/** Milliseconds that a change which must not stay half done may take then: a guest is given five minutes to shut down. */
const FINISHING = 600_000

function createWriter(ground: Ground): VSphereWriter {
  const { session, watcher, signal } = ground
  const late = (): Ground => createGround(session, { watcher, signal: AbortSignal.timeout(FINISHING) })
  return {
    ...createReader(ground),
    late: () => createWriter(late()),
    call: (operation, { self, args }) => guard(signal, () => session.call(operation, { self, args, signal })),
    runTask: (operation, { self, args, what, onProgress }) =>
      guard(signal, async () => {
        const task: unknown = await session.call(operation, { self, args, signal })
        return waitForTask({ session, watcher }, task as MoRef, { signal, what, onProgress })
      }),
    powerOn: (path, options) => guard(signal, () => switchOn(ground, path, options)),
    powerOff: (path, options) =>
      guard(signal, async () => powerOff(ground, await requireMachine(ground, path), options)),
    rebootHost: (host, options) => guard(signal, () => rebootHost(ground, host, options)),
    withoutPromiscuous: (place, work, insist = (put) => put()) =>
      guard(signal, () => {
        const switchOn: SwitchOn = (put) =>
          insist(() => {
            const writer = late()
            return guard(writer.signal, () => put(writer))
          })
        return withoutPromiscuous({ writer: ground, switchOn }, place, work)
      }),
    acceptPromiscuous: (place) => guard(signal, () => acceptPromiscuous(ground, place)),
    importOva: (wanted) => guard(signal, () => importInto(ground, wanted)),
    plugNics: (machine, networks) => guard(signal, () => plugNics(ground, machine, networks)),
    setHostOption: (host, wanted) => guard(signal, () => writeHostOption(ground, host, wanted)),
    putStandardPortGroup: (host, wanted) => guard(signal, () => writeStandardPortGroup(ground, host, wanted)),
    putDistributedPortGroup: (datacenter, wanted) =>
      guard(signal, () => writeDistributedPortGroup(ground, datacenter, wanted)),
  }
}

/** Makes the engine's views of a session. */
export function createVSphere(session: Session): VSphereSession {
  const watcher = createWatcher(session)
  const groundFor = (signal: AbortSignal): Ground => createGround(session, { watcher, signal })
  return {
    reader: ({ signal }) => createReader(groundFor(signal)),
    writer: ({ signal }) => createWriter(groundFor(signal)),
    console: (vm, { writable }) => createConsolePort(session, { vm, writable, groundFor }),
    close: () => session.close(),
  }
}
