import type { ActiveNode, CloudView } from '../cloud.ts'
import { CRITERIA, orderOf } from './resources/firewall-rule.ts'
import { byId, idsOf, type Configuration, type Stored, type TenantState } from './state.ts'

/** Shows appliances what was activated. `current` gives the state as it is now. */
export function createView(cloud: string, current: () => TenantState): CloudView {
  return {
    nodeOf(serial) {
      const { certificates, committed } = current()
      const stored = byId(committed.virtualZenNodes, certificates[serial.toUpperCase()])
      return stored === undefined ? undefined : activeNode(cloud, stored)
    },
    clusterOf(node) {
      const { committed } = current()
      const stored = committed.virtualZenClusters.find((one) =>
        idsOf(one['virtualZenNodes']).includes(node.id),
      )
      if (stored === undefined) return undefined
      const nodes = idsOf(stored['virtualZenNodes']).flatMap((id) => {
        const member = byId(committed.virtualZenNodes, id)
        return member === undefined ? [] : [activeNode(cloud, member)]
      })
      return { name: stored.name, ipAddress: String(stored['ipAddress']), nodes }
    },
    allows: (addresses) => allows(current().committed, addresses),
  }
}

function activeNode(cloud: string, stored: Stored): ActiveNode {
  const balancer = stored['loadBalancerIpAddress']
  return {
    id: stored.id,
    name: stored.name,
    cloud,
    ipAddress: String(stored['ipAddress']),
    subnetMask: String(stored['subnetMask']),
    defaultGateway: String(stored['defaultGateway']),
    loadBalancerIpAddress: typeof balancer === 'string' && balancer !== '' ? balancer : undefined,
    deploymentMode: stored['deploymentMode'] === 'CLUSTER' ? 'CLUSTER' : 'STANDALONE',
    enabled: stored['status'] === 'ENABLED',
  }
}

/** Goes through the rules as the firewall does: the first that fits a probe between these addresses decides. */
function allows(committed: Configuration, addresses: readonly string[]): boolean {
  const rules = committed.firewallFilteringRules.filter((rule) => rule['state'] === 'ENABLED')
  const inOrder = rules.toSorted((a, b) =>
    orderOf(a) < 0 ? 1 : orderOf(b) < 0 ? -1 : orderOf(a) - orderOf(b),
  )
  return addresses.every((address) => {
    const first = inOrder.find((rule) => fits(committed, rule, address))
    return first?.['action'] === 'ALLOW'
  })
}

function fits(committed: Configuration, rule: Stored, address: string): boolean {
  const isNarrowed = CRITERIA.some((key) => key !== 'srcIps' && key !== 'srcIpGroups' && isFilled(rule[key]))
  if (isNarrowed) return false
  if (!isFilled(rule['srcIps']) && !isFilled(rule['srcIpGroups'])) return true
  const grouped = idsOf(rule['srcIpGroups']).flatMap((id) =>
    listOf(byId(committed.ipSourceGroups, id)?.['ipAddresses']),
  )
  return [...listOf(rule['srcIps']), ...grouped].some((entry) => covers(entry, address))
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0
const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** Whether an entry (one address, a CIDR block, or a range a-b) has an address in it. */
function covers(entry: string, address: string): boolean {
  const wanted = numberOf(address)
  const [first = '', prefix] = entry.split('/')
  if (prefix !== undefined) {
    const size = 2 ** (32 - Number(prefix))
    return Math.floor(wanted / size) === Math.floor(numberOf(first) / size)
  }
  const [from = '', to = from] = entry.split('-')
  return wanted >= numberOf(from) && wanted <= numberOf(to)
}

function numberOf(address: string): number {
  const parts = address.trim().split('.').map(Number)
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + part, 0) : Number.NaN
}
