import type { Input } from '../../connect/govmomi/schema/values.ts'
import type { SeedHost } from '../../model/lab-seed.ts'
import { describeProduct } from './about.ts'
import { describeNetwork } from './host-network.ts'
import { describeOptions, describeOptionDefs } from './host-options.ts'
import type { Host } from './model/host.ts'
import type { World } from './model/world.ts'
import { cardIdsOf, describeCard, hardwareIdOf } from './nitrox.ts'
import { teamsOf } from './uplinks.ts'

/** When the hosts of a new lab were started. */
const FIRST_BOOT = '2024-01-01T00:00:00Z'

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
    pciDevice: cardIdsOf(seed).map(describeCard),
  }
}

/** Whether and how a host runs. */
export function describeHostRuntime({ state }: Host): Input<'HostRuntimeInfo'> {
  const isAway = state.reboot === 'away'
  return {
    connectionState: isAway ? 'notResponding' : 'connected',
    powerState: isAway ? 'unknown' : 'poweredOn',
    inMaintenanceMode: state.maintenance,
    bootTime: state.bootedAt === undefined ? FIRST_BOOT : new Date(state.bootedAt).toISOString(),
  }
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
      numNics: [...teamsOf(world, host).values()].flat().length,
      numHBAs: 1,
    },
    runtime: describeHostRuntime(host),
    config: {
      name: seed.name,
      port: 443,
      product: describeProduct('esxi', seed.version),
      vmotionEnabled: true,
      faultToleranceEnabled: false,
    },
    quickStats: {
      overallCpuUsage: running.length * 200,
      overallMemoryUsage: 4096 + running.reduce((sum, vm) => sum + vm.state.memoryMB, 0),
    },
    overallStatus: 'green',
    rebootRequired: isRebootPending(host),
  }
}

/** What can be passed through to machines, and whether it is. */
export function describePassthrough({ seed, state }: Host): readonly Input<'HostPciPassthruInfo'>[] {
  return cardIdsOf(seed).map((id) => ({
    id,
    dependentDevice: id,
    passthruEnabled: state.passthrough[id]?.enabled === true,
    passthruCapable: true,
    passthruActive: state.passthrough[id]?.active === true,
  }))
}

/** A host's configuration. */
export function describeHostConfig(world: World, host: Host): Input<'HostConfigInfo'> {
  return {
    host: { type: 'HostSystem', value: host.state.moid },
    product: describeProduct('esxi', host.seed.version),
    network: describeNetwork(world, host),
    option: describeOptions(host.state),
    optionDef: describeOptionDefs(),
    pciPassthruInfo: describePassthrough(host),
  }
}

/** Whether something was marked for passthrough that only a boot makes so. */
function isRebootPending(host: Host): boolean {
  return describePassthrough(host).some((card) => card.passthruEnabled !== card.passthruActive)
}
