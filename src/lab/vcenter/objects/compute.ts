import type { Arguments, Input, MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import { describeCluster, reconfigureCluster } from '../cluster.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import { cardIdsOf, describeCard, hardwareIdOf } from '../nitrox.ts'
import { entityProperties } from './entity.ts'
import { allNetworks } from './network.ts'

const GIGABYTE = 1n << 30n

/** Milliseconds of the lab's time that reconfiguring a cluster takes. */
const DURATION = 1000

/** Makes the cluster, or what a host that is alone has in its place. */
export function createCompute(world: World): ManagedObject {
  const { seed, inventory } = world
  const { places } = inventory
  const isCluster = seed.computeCluster !== undefined
  const hosts = (): readonly MoRef[] =>
    inventory.hosts.map(({ state }) => ({ type: 'HostSystem', value: state.moid }))
  return {
    ref: places.compute,
    properties: {
      ...entityProperties(
        () => seed.computeCluster ?? seed.hosts[0]?.name ?? 'localhost',
        () => places.hostFolder,
      ),
      resourcePool: () => places.pool,
      host: hosts,
      datastore: () => seed.datastores.map(({ name }) => inventory.idOf('Datastore', name)),
      network: () => allNetworks(world),
      environmentBrowser: () => inventory.idOf('EnvironmentBrowser', ''),
      ...(isCluster && {
        configurationEx: () => ({ $type: 'ClusterConfigInfoEx', ...describeCluster(world) }),
      }),
      summary: (): Input<'ComputeResourceSummary'> => {
        const cores = seed.hosts.reduce((sum, { cpus }) => sum + cpus, 0)
        const memoryGB = seed.hosts.reduce((sum, host) => sum + host.memoryGB, 0)
        return {
          totalCpu: cores * 2600,
          totalMemory: BigInt(memoryGB) * GIGABYTE,
          numCpuCores: cores,
          numCpuThreads: cores,
          effectiveCpu: cores * 2600,
          effectiveMemory: BigInt(memoryGB) * 1024n,
          numHosts: seed.hosts.length,
          numEffectiveHosts: inventory.hosts.filter(({ state }) => !state.maintenance).length,
          overallStatus: 'green',
        }
      },
    },
    methods: {
      ReconfigureComputeResource_Task: method(
        (
          { spec, modify }: { spec: Value<'ComputeResourceConfigSpec'>; modify: boolean },
          { session },
        ): MoRef => {
          // Without `modify`, everything that the specification leaves out would be lost: nobody means that.
          if (!isCluster || !modify) throw faults.notSupported()
          return world.tasks.start(
            {
              entity: places.compute,
              entityName: seed.computeCluster ?? '',
              description: 'ComputeResource.reconfigureEx',
              userName: session.userName,
              duration: DURATION,
            },
            async () => {
              reconfigureCluster(world, spec)
              return undefined
            },
          )
        },
      ),
    },
  }
}

/** Makes what tells which of a host's devices a machine can have. */
export function createBrowser(world: World): ManagedObject {
  const { seed, inventory } = world
  return {
    ref: inventory.idOf('EnvironmentBrowser', ''),
    properties: {},
    methods: {
      QueryConfigTarget: method(({ host }: Arguments<'QueryConfigTarget'>): Input<'ConfigTarget'> => {
        const asked = inventory.hosts.filter(({ state }) => host === undefined || state.moid === host.value)
        if (asked.length === 0 && host !== undefined) throw faults.objectNotFound(host)
        const cores = Math.max(...asked.map((each) => each.seed.cpus))
        return {
          numCpus: cores,
          numCpuCores: cores,
          numNumaNodes: 1,
          maxMemMBOptimalPerf: Math.max(...asked.map((each) => each.seed.memoryGB)) * 1024,
          pciPassthrough: asked.flatMap((each) =>
            cardIdsOf(each.seed)
              .filter((id) => each.state.passthrough[id]?.active === true)
              .map(describeCard)
              .map((card) => ({
                $type: 'VirtualMachinePciPassthroughInfo',
                name: card.deviceName,
                pciDevice: card,
                systemId: hardwareIdOf(seed, each.seed.name),
              })),
          ),
        }
      }),
    },
  }
}
