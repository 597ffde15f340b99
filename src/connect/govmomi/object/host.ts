import type { Finder } from '../find.ts'
import { joinPath } from '../join-path.ts'
import type { Hop, PropertyReader, Way } from '../property.ts'
import type { MoRef, Value } from '../schema/values.ts'

/** Which hosts are meant: one, those of a compute cluster, or all of a datacenter. */
export interface HostScope {
  readonly datacenter: string
  readonly computeCluster?: string | undefined
  readonly host?: string | undefined
}

/** A virtual switch of a host. */
export interface HostSwitch {
  readonly name: string
  /** Devices of its physical uplinks: `vmnic0`. */
  readonly uplinks: readonly string[]
  readonly security: Value<'HostNetworkSecurityPolicy'>
}

/** A standard port group of a host. */
export interface HostPortGroup {
  readonly name: string
  /** As it was set: what is not in it is inherited. */
  readonly spec: Value<'HostPortGroupSpec'>
  /** What holds in the end. */
  readonly security: {
    readonly promiscuous: boolean
    readonly macChanges: boolean
    readonly forgedTransmits: boolean
  }
  /** Whether part of it comes from the virtual switch, where it holds for everybody. */
  readonly inherits: boolean
}

/** A PCI card of a host, and whether it can be given to a virtual machine. */
export interface HostCard {
  readonly id: string
  readonly name: string
  /** Signed, as in the API. */
  readonly vendorId: number
  /** What kind of device it is, signed: the PCI class in its upper byte, `0x0200` for a network card. */
  readonly classId: number
  readonly capable: boolean
  readonly enabled: boolean
  /** Enabled since the host's last start: only then it can be used. */
  readonly active: boolean
}

/** An ESXi host, as far as a deployment has to know it. */
export interface Host {
  readonly ref: MoRef
  readonly name: string
  /** Where it serves its API and takes uploads, under its name: 443 on most. */
  readonly port: number
  /** Its settings can be read and written, also in maintenance. */
  readonly connected: boolean
  /** Connected, and not in maintenance: it can run machines. */
  readonly ready: boolean
  /** Why not ready, or `connected`. */
  readonly state: string
  /** When it was started last, as the server writes it; undefined where it does not say. */
  readonly bootTime: string | undefined
  readonly version: string
  readonly memoryGB: number
  readonly memoryFreeGB: number
  readonly switches: readonly HostSwitch[]
  readonly portGroups: readonly HostPortGroup[]
  readonly cards: readonly HostCard[]
  /** The datastores it can reach. */
  readonly datastores: readonly MoRef[]
  readonly networkSystem: MoRef | undefined
  readonly advancedOption: MoRef | undefined
  readonly passthroughSystem: MoRef | undefined
}

const PATHS = [
  'name',
  'datastore',
  'runtime.connectionState',
  'runtime.inMaintenanceMode',
  'runtime.bootTime',
  'summary.config.port',
  'summary.quickStats.overallMemoryUsage',
  'hardware.memorySize',
  'hardware.pciDevice',
  'config.product.version',
  'config.network.vswitch',
  'config.network.proxySwitch',
  'config.network.portgroup',
  'config.network.pnic',
  'config.pciPassthruInfo',
  'configManager.networkSystem',
  'configManager.advancedOption',
  'configManager.pciPassthruSystem',
] as const

const POLICIES = ['allowPromiscuous', 'macChanges', 'forgedTransmits'] as const

const FOLDERS: Hop = { type: 'Folder', path: 'childEntity', recursive: true }
const HOSTS: Hop = { type: 'ComputeResource', path: 'host' }

/** The inventory path of the compute resource that a scope names. */
export function computePath({ datacenter, computeCluster, host }: HostScope): string | undefined {
  const name = computeCluster ?? host
  return name === undefined ? undefined : joinPath(datacenter, 'host', name)
}

async function wayTo(finder: Finder, scope: HostScope): Promise<Way> {
  const path = computePath(scope)
  if (path !== undefined) return { from: await finder.require('ComputeResource', path), via: [HOSTS] }
  const from = await finder.require('Datacenter', joinPath(scope.datacenter))
  return { from, via: [{ type: 'Datacenter', path: 'hostFolder' }, FOLDERS, HOSTS] }
}

const deviceOf = (key: string, pnics: readonly Value<'PhysicalNic'>[]): string =>
  pnics.find((pnic) => pnic.key === key)?.device ?? key.replace(/^.*-/, '')

function toSwitches(network: {
  readonly vswitch: readonly Value<'HostVirtualSwitch'>[]
  readonly proxySwitch: readonly Value<'HostProxySwitch'>[]
  readonly pnic: readonly Value<'PhysicalNic'>[]
}): readonly HostSwitch[] {
  const standard = network.vswitch.map(({ name, pnic, spec }) => ({
    name,
    uplinks: pnic.map((key) => deviceOf(key, network.pnic)),
    security: spec.policy?.security ?? {},
  }))
  const distributed = network.proxySwitch.map(({ dvsName, pnic }) => ({
    name: dvsName,
    uplinks: pnic.map((key) => deviceOf(key, network.pnic)),
    security: {},
  }))
  return [...standard, ...distributed]
}

function toPortGroup(group: Value<'HostPortGroup'>, switches: readonly HostSwitch[]): HostPortGroup {
  const { spec, computedPolicy } = group
  const above = switches.find(({ name }) => name === spec.vswitchName)?.security
  const own = spec.policy.security
  // Not every server works out what holds in the end; then it is the group's own word, or else the switch's.
  const effective = (key: (typeof POLICIES)[number]): boolean =>
    own?.[key] ?? computedPolicy?.security?.[key] ?? above?.[key] ?? false
  return {
    name: spec.name,
    spec,
    security: {
      promiscuous: effective('allowPromiscuous'),
      macChanges: effective('macChanges'),
      forgedTransmits: effective('forgedTransmits'),
    },
    inherits: POLICIES.some((key) => own?.[key] === undefined),
  }
}

function toCards(
  devices: readonly Value<'HostPciDevice'>[],
  passthrough: readonly Value<'HostPciPassthruInfo'>[],
): readonly HostCard[] {
  const states = new Map(passthrough.map((state) => [state.id, state]))
  return devices.map(({ id, vendorId, classId, vendorName, deviceName }) => {
    const state = states.get(id)
    return {
      id,
      name: `${vendorName} ${deviceName}`,
      vendorId,
      classId,
      capable: state?.passthruCapable ?? false,
      enabled: state?.passthruEnabled ?? false,
      active: state?.passthruActive ?? false,
    }
  })
}

/** Reads all hosts of a scope in one round trip after finding it, sorted by name. Throws where the scope has none. */
export async function readHosts(
  { finder, properties }: { readonly finder: Finder; readonly properties: PropertyReader },
  scope: HostScope,
): Promise<readonly Host[]> {
  const found = await properties.list('HostSystem', await wayTo(finder, scope), PATHS)
  const wanted = scope.host === undefined ? found : found.filter(({ values }) => values.name === scope.host)
  if (wanted.length === 0) {
    const place = computePath({ ...scope, host: undefined }) ?? joinPath(scope.datacenter, 'host')
    await finder.require('HostSystem', `${place}/${scope.host ?? '*'}`)
  }
  return wanted
    .map(({ ref, values }) => {
      const switches = toSwitches({
        vswitch: values['config.network.vswitch'] ?? [],
        proxySwitch: values['config.network.proxySwitch'] ?? [],
        pnic: values['config.network.pnic'] ?? [],
      })
      const memoryMB = Number(values['hardware.memorySize'] ?? 0n) / 1024 ** 2
      const connection = values['runtime.connectionState']
      const maintenance = values['runtime.inMaintenanceMode']
      return {
        ref,
        name: values.name,
        port: values['summary.config.port'],
        connected: connection === 'connected',
        ready: connection === 'connected' && !maintenance,
        state: connection === 'connected' && maintenance ? 'in maintenance' : connection,
        bootTime: values['runtime.bootTime'],
        version: values['config.product.version'] ?? '',
        memoryGB: memoryMB / 1024,
        memoryFreeGB: (memoryMB - (values['summary.quickStats.overallMemoryUsage'] ?? 0)) / 1024,
        switches,
        portGroups: (values['config.network.portgroup'] ?? []).map((group) => toPortGroup(group, switches)),
        cards: toCards(values['hardware.pciDevice'] ?? [], values['config.pciPassthruInfo'] ?? []),
        datastores: values.datastore,
        networkSystem: values['configManager.networkSystem'],
        advancedOption: values['configManager.advancedOption'],
        passthroughSystem: values['configManager.pciPassthruSystem'],
      }
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}
