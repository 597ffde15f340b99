import type { Input } from '../../connect/govmomi/schema/values.ts'
import type { SeedHost } from '../../model/lab-seed.ts'
import { describeAbout } from './about.ts'
import { describeNetwork } from './host-network.ts'
import { describeOptions, describeOptionDefs } from './host-options.ts'
import type { Host } from './model/host.ts'
import type { HostState } from './model/state.ts'
import type { World } from './model/world.ts'
import { describeNitrox, hardwareIdOf } from './nitrox.ts'

const bytesOf = ({ memoryGB }: SeedHost): bigint => BigInt(memoryGB) << 30n

/** A host's hardware, with its SSL card where it has one. */
export function describeHardware(world: World, { seed }: Host): Input<'HostHardwareInfo'> {
  return {
    systemInfo: {
      vendor: 'Dell Inc.',
      model: 'PowerEdge R760',
      uuid: hardwareIdOf(world.seed, seed.name),
      serialNumber: hardwareIdOf(world.seed, seed.name).slice(0, 7).toUpperCase(),
    },
    cpuInfo: { numCpuPackages: 1, numCpuCores: seed.cpus, numCpuThreads: seed.cpus, hz: 2_600_000_000n },
    memorySize: bytesOf(seed),
    pciDevice: seed.nitrox ? [describeNitrox()] : [],
  }
}

/** Whether and how a host runs. */
export function describeHostRuntime({ state }: Host): Input<'HostRuntimeInfo'> {
  return { connectionState: 'connected', powerState: 'poweredOn', inMaintenanceMode: state.maintenance }
}

/** A host in short, with how much memory its running machines take. */
export function describeHostSummary(world: World, host: Host): Input<'HostListSummary'> {
  const { seed, state } = host
  const running = world.vms
    .all()
    .filter((vm) => vm.state.host === state.moid && vm.state.power === 'poweredOn')
  return {
    host: { type: 'HostSystem', value: state.moid },
    hardware: {
      vendor: 'Dell Inc.',
      model: 'PowerEdge R760',
      uuid: hardwareIdOf(world.seed, seed.name),
      memorySize: bytesOf(seed),
      cpuModel: 'Intel(R) Xeon(R) Gold 6542Y',
      cpuMhz: 2600,
      numCpuPkgs: 1,
      numCpuCores: seed.cpus,
      numCpuThreads: seed.cpus,
      numNics: seed.uplinks.length,
      numHBAs: 1,
    },
    runtime: describeHostRuntime(host),
    config: {
      name: seed.name,
      port: 443,
      product: describeAbout(world),
      vmotionEnabled: true,
      faultToleranceEnabled: false,
    },
    quickStats: {
      overallCpuUsage: running.length * 200,
      overallMemoryUsage: 4096 + running.reduce((sum, vm) => sum + vm.state.memoryMB, 0),
    },
    overallStatus: 'green',
    rebootRequired: isRebootPending(state),
  }
}

/** What can be passed through to machines, and whether it is. */
export function describePassthrough({ state }: Host): readonly Input<'HostPciPassthruInfo'>[] {
  return Object.entries(state.passthrough).map(([id, { enabled, active }]) => ({
    id,
    dependentDevice: id,
    passthruEnabled: enabled,
    passthruCapable: true,
    passthruActive: active,
  }))
}

/** A host's configuration. */
export function describeHostConfig(world: World, host: Host): Input<'HostConfigInfo'> {
  return {
    host: { type: 'HostSystem', value: host.state.moid },
    product: describeAbout(world),
    network: describeNetwork(world, host),
    option: describeOptions(host.state),
    optionDef: describeOptionDefs(),
    pciPassthruInfo: describePassthrough(host),
  }
}

/** Whether something was marked for passthrough that only a boot makes so. */
function isRebootPending({ passthrough }: HostState): boolean {
  return Object.values(passthrough).some(({ enabled, active }) => enabled !== active)
}
