import type { VseCluster, VseClusterScope, VseLevels } from '#inventory/schema/levels'
import { firewallRuleOf, networkOf, standardPortsOf } from '#inventory/schema/settings'
import { vse } from '#inventory/schema/vse'
import { adapters } from '#modules/vzen/adapters'
import { authentication } from '#modules/vzen/authentication'
import { carp } from '#modules/vzen/carp'
import { clock } from '#modules/vzen/clock'
import { connection } from '#modules/vzen/connection'
import { defaultPassword } from '#modules/vzen/default-password'
import { health } from '#modules/vzen/health'
import { membersHealthy } from '#modules/vzen/members-healthy'
import { serviceAddress } from '#modules/vzen/service-address'
import { status } from '#modules/vzen/status'
import { version } from '#modules/vzen/version'
import {
  defineRunbook,
  type Hold,
  type Phase,
  type PhaseKit,
  type Retry,
  type Rolling,
  type Step,
  type StepKit,
} from '#sdk'

/** How long a test may take to hold. */
export interface Patience {
  readonly retry: Pick<Retry, 'attempts' | 'delay' | 'within'>
}

/** Whether the nodes of a cluster share an address among themselves; behind a load balancer of your own they do not. */
export function isCarpUsed({ mode, externalLoadBalancer }: VseCluster): boolean {
  return mode === 'cluster' && !externalLoadBalancer
}

/** The test that everything else can pass without: nobody, or everybody, claims the cluster's address. */
export function oneMaster(
  { step }: StepKit<VseLevels, 'cluster'>,
  { among, retry = { attempts: 12, delay: 5 } }: { readonly among: 'all' | 'running' } & Partial<Patience>,
): Step<VseLevels, 'cluster'> {
  return step(
    'Exactly one node is CARP master',
    (scope) =>
      carp({ address: scope.cluster.address ?? '', portGroup: networkOf(scope).portGroup.name, among }),
    { tags: ['carp'], retry, when: ({ cluster }) => isCarpUsed(cluster) },
  )
}

/** How the cluster stands: what a rolling phase asks before it interrupts a node, and whenever a batch is done. */
export function healthOf(scope: VseClusterScope): Parameters<typeof health>[0] {
  const { cluster } = scope
  return {
    mode: cluster.mode,
    ...(isCarpUsed(cluster) && cluster.address !== undefined ? { address: cluster.address } : {}),
    portGroup: networkOf(scope).portGroup.name,
    proxies: Object.fromEntries(cluster.nodes.map(({ name, proxy }) => [name, proxy])),
  }
}

/** The same while nodes are deployed: a firewall may keep the log stream from coming up before step 9 has moved it. */
function healthSoFar(scope: VseClusterScope): Parameters<typeof health>[0] {
  return { ...healthOf(scope), movesLogs: standardPortsOf(scope.cluster).includes('smsm') }
}

/** A node that comes and goes is not back. */
const HOLD: Hold = { samples: 3, of: 3, every: 5 }

/**
 * One node at a time, the CARP master last, and none while another one is not healthy; nodes that serve nobody yet go first,
 * all at once.
 */
export const ROLLING: Rolling<VseLevels> = {
  batch: 1,
  fresh: '100%',
  health: { task: (scope) => health(healthSoFar(scope)), hold: HOLD, within: 900 },
}

/** What has to hold between two batches of a rolling phase. */
export function servingHealthy({ step }: StepKit<VseLevels, 'cluster'>): Step<VseLevels, 'cluster'> {
  return step(
    'Every node that serves is healthy',
    (scope) => health({ ...healthSoFar(scope), among: 'serving' }),
    {
      tags: ['health'],
      retry: { attempts: 60, delay: 10, within: 1800 },
      hold: HOLD,
    },
  )
}

/** “Testing the Configuration”, and what it leaves out: also where port 443 is on, and over all nodes of a cluster. */
export function testConfiguration(kit: PhaseKit<VseLevels>, { retry }: Patience): readonly Phase[] {
  return [
    kit.phase({
      name: 'Test the configuration',
      per: 'node',
      tags: ['test'],
      steps: ({ step }) => [
        step('The service and the load balancer run', ({ cluster: { mode } }) => status({ mode }), { retry }),
        step(
          'The connection to the cloud is established',
          ({ cluster }) => connection({ standardPort: [...standardPortsOf(cluster)], mode: cluster.mode }),
          { retry },
        ),
        step('The node is authenticated', () => authentication({}), { retry }),
        step(
          'The cloud takes it for this node',
          (scope) =>
            serviceAddress({
              proxy: scope.node.proxy,
              gateway: networkOf(scope).gateway,
              cloud: scope.estate.zia.cloud,
            }),
          { retry },
        ),
        step('The clock is right', () => clock({})),
        step('The documented password is refused', () => defaultPassword({})),
        step('The platform is a supported one', () => version({})),
      ],
    }),
    kit.phase({
      name: 'Test the cluster',
      per: 'cluster',
      tags: ['test'],
      steps: (steps) => [
        steps.step('The interfaces are in the networks of their adapters', () => adapters({})),
        oneMaster(steps, { among: 'all', retry }),
        steps.step(
          'Every member is healthy',
          ({ cluster }) =>
            membersHealthy({
              proxies: Object.fromEntries(cluster.nodes.map(({ name, proxy }) => [name, proxy])),
              firewallRule: firewallRuleOf(cluster),
            }),
          { retry, when: ({ cluster }) => isCarpUsed(cluster) },
        ),
      ],
    }),
  ]
}

/** The final test alone. */
export default defineRunbook(vse, {
  name: 'verify',
  summary:
    'Tests what was deployed: services, authentication, connections, addresses, one CARP master, health',
  phases: (kit) => testConfiguration(kit, { retry: { attempts: 3, delay: 5 } }),
})
