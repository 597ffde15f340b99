import type { Arguments, MoRef, Value } from '../../../connect/govmomi/schema/values.ts'
import {
  describeHardware,
  describeHostConfig,
  describeHostRuntime,
  describeHostSummary,
  describePassthrough,
} from '../describe-host.ts'
import { addPortGroup, describeNetwork, removePortGroup, updatePortGroup } from '../host-network.ts'
import { describeOptionDefs, describeOptions, queryOptions, updateOptions } from '../host-options.ts'
import { enterMaintenance, type Evacuation } from '../maintenance.ts'
import type { Host } from '../model/host.ts'
import { method, type Call, type ManagedObject, type Ref } from '../model/managed-object.ts'
import { faults } from '../model/method-fault.ts'
import type { TaskWork } from '../model/tasks.ts'
import type { World } from '../model/world.ts'
import { cardIdsOf } from '../nitrox.ts'
import { demandConnected, reboot } from '../reboot.ts'
import { keepChecks, releaseChecks, REVERSE_PATH_CHECK } from '../reverse-path.ts'
import { entityProperties } from './entity.ts'
import { networksOf, syncNetworks } from './network.ts'

const rebindsAtOnce = ({ seed }: Host): boolean => seed.passthroughNeedsReboot !== true

/** Milliseconds of the lab's time. */
const DURATIONS = { reboot: 2000, maintenance: 5000 }

/** Makes a host and the objects that configure it. */
export function createHost(world: World, host: Host): readonly ManagedObject[] {
  const ref: Ref<'HostSystem'> = { type: 'HostSystem', value: host.state.moid }
  const part = <T extends 'HostNetworkSystem' | 'OptionManager' | 'HostPciPassthruSystem'>(
    type: T,
    name: string,
  ): Ref<T> => ({ type, value: `${name}-${host.state.moid}` })
  const parts = {
    networkSystem: part('HostNetworkSystem', 'networkSystem'),
    advancedOption: part('OptionManager', 'EsxHostAdvSettings'),
    pciPassthruSystem: part('HostPciPassthruSystem', 'pciPassthruSystem'),
  }
  const changed = (): void => {
    world.inventory.save()
    world.changes.touch(ref.value, ...Object.values(parts).map(({ value }) => value))
  }
  return [
    createHostSystem(world, host, { ref, parts, changed }),
    createNetworkSystem(world, host, { ref: parts.networkSystem, changed }),
    {
      ref: parts.advancedOption,
      properties: {
        supportedOption: describeOptionDefs,
        setting: () => describeOptions(host.state),
      },
      methods: {
        QueryOptions: method(({ name }: Arguments<'QueryOptions'>) => {
          demandConnected(host)
          return queryOptions(host.state, name)
        }),
        UpdateOptions: method(({ changedValue }: { changedValue: Value<'OptionValue'>[] }) => {
          demandConnected(host)
          updateOptions(host.state, changedValue, ({ key, value }) => {
            if (key === REVERSE_PATH_CHECK) keepChecks(world, host, value)
          })
          changed()
        }),
      },
    },
    {
      ref: parts.pciPassthruSystem,
      properties: { pciPassthruInfo: () => describePassthrough(host) },
      methods: {
        Refresh: method(() => {}),
        UpdatePassthruConfig: method(({ config }: Arguments<'UpdatePassthruConfig'>) => {
          demandConnected(host)
          const cards = cardIdsOf(host.seed)
          if (config.some(({ id }) => !cards.includes(id))) throw faults.notFound()
          for (const { id, passthruEnabled, applyNow = true } of config) {
            const before = host.state.passthrough[id]
            host.state.passthrough[id] = {
              enabled: passthruEnabled,
              active: applyNow && rebindsAtOnce(host) ? passthruEnabled : before?.active === true,
            }
          }
          changed()
        }),
      },
    },
  ]
}

function createNetworkSystem(
  world: World,
  host: Host,
  { ref, changed }: { readonly ref: Ref<'HostNetworkSystem'>; readonly changed: () => void },
): ManagedObject {
  const done = (): void => {
    syncNetworks(world)
    releaseChecks(world)
    changed()
  }
  return {
    ref,
    properties: { networkInfo: () => describeNetwork(world, host) },
    methods: {
      AddPortGroup: method(({ portgrp }: { portgrp: Value<'HostPortGroupSpec'> }) => {
        demandConnected(host)
        addPortGroup(world, host, portgrp)
        done()
      }),
      UpdatePortGroup: method((change: { pgName: string; portgrp: Value<'HostPortGroupSpec'> }) => {
        demandConnected(host)
        updatePortGroup(world, host, change)
        done()
      }),
      RemovePortGroup: method(({ pgName }: { pgName: string }) => {
        demandConnected(host)
        removePortGroup(world, host, pgName)
        done()
      }),
    },
  }
}

function createHostSystem(
  world: World,
  host: Host,
  {
    ref,
    parts,
    changed,
  }: {
    readonly ref: Ref<'HostSystem'>
    readonly parts: Readonly<Record<string, MoRef>>
    readonly changed: () => void
  },
): ManagedObject {
  const { inventory, seed } = world
  const start = (
    { session }: Call,
    work: { readonly name: string; readonly duration: number },
    run: (work: TaskWork) => Promise<void>,
  ): MoRef =>
    world.tasks.start(
      {
        entity: ref,
        entityName: host.seed.name,
        description: `HostSystem.${work.name}`,
        userName: session.userName,
        duration: work.duration,
      },
      async (work) => {
        await run(work)
        changed()
        return undefined
      },
    )

  return {
    ref,
    properties: {
      ...entityProperties(
        () => host.seed.name,
        () => inventory.places.compute,
      ),
      runtime: () => describeHostRuntime(host),
      summary: () => describeHostSummary(world, host),
      hardware: () => describeHardware(world, host),
      capability: () => ({
        rebootSupported: true,
        vmotionSupported: true,
        maintenanceModeSupported: true,
        deviceRebindWithoutRebootSupported: rebindsAtOnce(host),
      }),
      configManager: () => parts,
      config: () => describeHostConfig(world, host),
      vm: () =>
        world.vms
          .all()
          .filter(({ state }) => state.host === ref.value)
          .map((vm) => vm.ref),
      datastore: () => seed.datastores.map(({ name }) => inventory.idOf('Datastore', name)),
      network: () => networksOf(world, host),
    },
    methods: {
      EnterMaintenanceMode_Task: method((evacuation: Evacuation, call) => {
        demandConnected(host)
        return start(call, { name: 'enterMaintenanceMode', duration: DURATIONS.maintenance }, (work) =>
          enterMaintenance(world, { host, evacuation }, work),
        )
      }),
      ExitMaintenanceMode_Task: method((_: unknown, call) => {
        demandConnected(host)
        return start(call, { name: 'exitMaintenanceMode', duration: DURATIONS.maintenance }, async () => {
          demandConnected(host)
          if (!host.state.maintenance) throw faults.invalidState()
          host.state.maintenance = false
        })
      }),
      RebootHost_Task: method(({ force }: Arguments<'RebootHost_Task'>, call) => {
        demandConnected(host)
        if ((!host.state.maintenance && !force) || host.state.reboot !== undefined)
          throw faults.hostState(ref)
        return start(call, { name: 'reboot', duration: DURATIONS.reboot }, async () => reboot(world, host))
      }),
    },
  }
}
