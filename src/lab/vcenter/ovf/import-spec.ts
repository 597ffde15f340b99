import type { Arguments, Input, MoRef } from '../../../connect/govmomi/schema/values.ts'
import { hasNetwork } from '../membership.ts'
import { faults, toLocalizedFault } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { parseOvf } from './descriptor.ts'
import {
  addCard,
  addController,
  addDisk,
  describeBacking,
  nameOf,
  numberControllers,
  type Provisioning,
} from './spec-devices.ts'

/** The CIM type of a disk. */
const DISK = 17

const PROVISIONINGS: Readonly<Record<string, Provisioning>> = {
  '': { thin: false, eager: false },
  thin: { thin: true, eager: false },
  sparse: { thin: true, eager: false },
  thick: { thin: false, eager: false },
  flat: { thin: false, eager: false },
  eagerZeroedThick: { thin: false, eager: true },
}

/** Turns a descriptor into what `ImportVApp` takes; what is wrong with it stands in the answer, as on a real server. */
export function createImportSpec(
  world: World,
  { ovfDescriptor, resourcePool, datastore, cisp }: Arguments<'CreateImportSpec'>,
): Input<'OvfCreateImportSpecResult'> {
  for (const ref of [resourcePool, datastore]) {
    if (world.objects.get(ref.value)?.ref.type !== ref.type) throw faults.objectNotFound(ref)
  }
  const provisioning = PROVISIONINGS[cisp.diskProvisioning ?? '']
  if (provisioning === undefined) throw faults.invalidArgument('cisp.diskProvisioning')
  const parsed = parseOvf(ovfDescriptor)
  if ('problem' in parsed) return { error: [toLocalizedFault(faults.ovf(parsed.problem))] }

  const mapped = mapNetworks(world, parsed.networks, cisp)
  if (!(mapped instanceof Map)) return { error: mapped }
  const name = cisp.entityName === '' ? parsed.name : cisp.entityName
  const controllers = new Map(
    parsed.controllers.map((each, index) => [
      each.id,
      // Every machine has its two IDE controllers already.
      { ...each, key: each.kind === 'ide' ? 200 + (index % 2) : -100 - index },
    ]),
  )
  const homeless = parsed.disks.find(({ controller }) => !controllers.has(controller))
  if (homeless !== undefined)
    return {
      error: [toLocalizedFault(faults.ovf(`No support for a disk on the controller ${homeless.controller}`))],
    }

  const numbers = numberControllers(parsed.controllers)
  return {
    importSpec: {
      $type: 'VirtualMachineImportSpec',
      configSpec: {
        name,
        version: parsed.hardwareVersion,
        guestId: parsed.osType,
        files: { vmPathName: `[${nameOf(world, datastore)}]` },
        numCPUs: parsed.cpus,
        numCoresPerSocket: 1,
        memoryMB: BigInt(parsed.memoryMB),
        deviceChange: [
          ...[...controllers.values()].filter(({ kind }) => kind !== 'ide').map(addController),
          ...parsed.disks.map((disk, index) =>
            addDisk(disk, {
              key: -200 - index,
              controllerKey: controllers.get(disk.controller)?.key ?? 0,
              provisioning,
            }),
          ),
          ...parsed.adapters.map((adapter, index) =>
            addCard(adapter, -300 - index, describeBacking(world, mapped.get(adapter.network))),
          ),
        ],
      },
    } as Input<'ImportSpec'>,
    fileItem: parsed.disks.flatMap((disk) =>
      disk.file === undefined
        ? []
        : [
            {
              deviceId: `/${name}/${numbers.get(disk.controller) ?? ''}:${disk.unit}`,
              path: disk.file.href,
              ...(disk.file.compression !== undefined && { compressionMethod: disk.file.compression }),
              ...(disk.file.chunkSize !== undefined && { chunkSize: BigInt(disk.file.chunkSize) }),
              size: BigInt(disk.file.size),
              cimType: DISK,
              create: false,
            },
          ],
    ),
  }
}

function mapNetworks(
  world: World,
  names: readonly string[],
  { networkMapping = [], hostSystem }: Arguments<'CreateImportSpec'>['cisp'],
): Map<string, MoRef> | readonly Input<'LocalizedMethodFault'>[] {
  const mapped = new Map<string, MoRef>()
  for (const { name, network } of networkMapping) {
    if (world.objects.get(network.value)?.ref.type !== network.type) throw faults.objectNotFound(network)
    mapped.set(name, network)
  }
  const missing = names.filter((name) => !mapped.has(name))
  if (missing.length === 0) {
    const strays = [...mapped.values()].filter((network) => !isReachable(world, network, hostSystem))
    const problems = [...new Set(strays.map((network) => nameOf(world, network)))].map(faults.networkMapping)
    return problems.length === 0 ? mapped : problems.map(toLocalizedFault)
  }
  return missing.map((name) =>
    toLocalizedFault(faults.ovf(`The network '${name}' is not mapped to any network of the target`)),
  )
}

// A network that is on none of the hosts in question cannot be had, whatever the descriptor says.
function isReachable(world: World, network: MoRef, host: MoRef | undefined): boolean {
  return world.inventory.hosts
    .filter(({ state }) => host === undefined || state.moid === host.value)
    .some((each) => hasNetwork(world, each, nameOf(world, network)))
}
