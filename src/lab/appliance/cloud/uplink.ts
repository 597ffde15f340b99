import type { ActiveNode, CloudView } from '../../cloud.ts'
import { isInside, parseCidr } from '../ipv4.ts'
import type { ApplianceState, ServiceSettings } from '../state.ts'
import type { Reach } from './reach.ts'

/** How long the service takes after its start to have its connections up, in milliseconds. */
const CONNECT_MS = 15_000

/** More drift than this and the cloud refuses what the machine signs. */
const TOLERATED_DRIFT_MS = 60_000

/** How many channels to the cloud there are. */
const CHANNELS = 3

/** The connection to the cloud, and why it is not better. */
export interface Uplink {
  readonly state: 'down' | 'connecting' | 'suspicious' | 'stable'
  readonly reason: string
  /** The instance that the certificate was issued for, where the cloud can be reached and knows it as active. */
  readonly settings: ServiceSettings | undefined
}

/** What decides on the connection. */
export interface UplinkParts {
  readonly state: ApplianceState
  readonly reach: Reach
  readonly clouds: readonly CloudView[]
  /** The lab's time. */
  readonly now: number
  /** Another machine, or a fault, uses the same certificate at the same time. */
  readonly contested: boolean
}

function describeNode(node: ActiveNode, cloud: CloudView): ServiceSettings {
  const standalone = node.deploymentMode === 'STANDALONE'
  return {
    node: node.name,
    // The appliance writes a cloud as its domain, whatever the tenant's short name for it is.
    cloud: node.cloud.includes('.') ? node.cloud : `${node.cloud}.net`,
    address: node.ipAddress,
    mask: node.subnetMask,
    gateway: node.defaultGateway,
    loadBalancer: standalone ? undefined : node.loadBalancerIpAddress,
    virtualAddress: standalone ? undefined : cloud.clusterOf(node)?.ipAddress,
    standalone,
  }
}

/** Asks the clouds for the active instance that a certificate belongs to. */
function readSettings(serial: string, clouds: readonly CloudView[]): ServiceSettings | undefined {
  for (const cloud of clouds) {
    const node = cloud.nodeOf(serial)
    if (node?.enabled === true) return describeNode(node, cloud)
  }
  return undefined
}

function misplaced(settings: ServiceSettings, reach: Reach): string | undefined {
  const subnet = parseCidr(reach.subnet?.cidr ?? '')
  const addresses = [settings.address, settings.loadBalancer, settings.virtualAddress]
  const stray = addresses.find(
    (address) => address !== undefined && (subnet === undefined || !isInside(address, subnet)),
  )
  if (stray !== undefined) return `${stray} is not in the subnet of this machine`
  if (settings.gateway !== reach.subnet?.gateway) return `${settings.gateway} does not route`
  return undefined
}

/** Whether the firewall between the machine and the cloud lets its channels through, which are all needed. */
function isLetOut({ faults, standardPort }: ApplianceState): boolean {
  return faults['ports-closed'] === undefined || new Set(standardPort.effective).size === CHANNELS
}

/** Derives the connection from everything that it depends on; nothing of it is stored. */
export function planUplink({ state, reach, clouds, now, contested }: UplinkParts): Uplink {
  const down = (reason: string, settings?: ServiceSettings): Uplink => ({ state: 'down', reason, settings })
  if (state.certificate === undefined) return down('Failed to read SSL Certificate')
  if (!reach.gateway) return down('no route to the cloud')
  if (!reach.names) return down('names of the cloud cannot be resolved')
  if (!isLetOut(state)) return down('nothing answers on the ports of its channels')
  const settings = readSettings(state.certificate.serial, clouds)
  if (settings === undefined) return down('the certificate belongs to no active instance')
  const { sme } = state.processes
  if (state.build === undefined || sme === undefined) return down('the service is not running', settings)
  const problem = misplaced(settings, reach)
  if (problem !== undefined) return down(problem, settings)
  if (contested) return { state: 'suspicious', reason: 'the certificate is in use elsewhere', settings }
  if (state.driftMs > TOLERATED_DRIFT_MS) {
    return { state: 'suspicious', reason: 'the clock is not synchronised', settings }
  }
  const isYoung = now - sme.since < CONNECT_MS
  return { state: isYoung ? 'connecting' : 'stable', reason: isYoung ? 'started just now' : '', settings }
}
