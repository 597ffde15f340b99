import { activation } from '../../../modules/zia/activation.ts'
import { cluster } from '../../../modules/zia/cluster.ts'
import { firewallRule } from '../../../modules/zia/firewall-rule.ts'
import { instance } from '../../../modules/zia/instance.ts'
import { locationBinding } from '../../../modules/zia/location-binding.ts'
import type { Change } from '../../../src/model/change.ts'
import { createLimits } from '../../../src/run/limit.ts'
import { converge, type Under } from './converge.ts'

/** A cluster as far as the admin portal knows it. */
export interface PlannedCluster {
  readonly name: string
  /** Third number of its addresses, which makes them its own. */
  readonly net: number
  readonly nodes: number
  readonly location: string
  /** Whether the location is there already. */
  readonly exists?: boolean
}

/** How steps 1, 4, 5 and 6 are run. */
export interface DeployOptions extends Under {
  readonly forks?: number
}

const PLACE = { subnetMask: '255.255.255.0', gateway: '10.0.0.254' }
const CREATE = { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' }

/** What a run does with ZIA: every cluster in its own lane, so many targets at once, one activation at the end. Gives what changed. */
export async function deploy(
  clusters: readonly PlannedCluster[],
  { forks = 10, ...under }: DeployOptions,
): Promise<readonly Change[]> {
  const limits = createLimits()
  const asFork = <T>(work: () => Promise<T>): Promise<T> =>
    limits.within([{ name: 'forks', max: forks }], work, () => {})
  const changes: Change[] = []
  const keep = ({ changes: made, remaining }: Awaited<ReturnType<typeof converge>>): void => {
    if (under.check !== true && remaining.length > 0) {
      throw new TypeError(`did not take: ${JSON.stringify(remaining)}`)
    }
    changes.push(...made)
  }
  await Promise.all(
    clusters.map(async ({ name, net, nodes, location, exists = false }) => {
      const address = (host: number): string => `10.${net >> 8}.${net & 255}.${host}`
      const names = Array.from({ length: nodes }, (_, index) => `${name}-${index}`)
      await Promise.all(
        names.map((node, index) =>
          asFork(async () =>
            keep(
              await converge(
                instance,
                {
                  name: node,
                  ...PLACE,
                  proxy: address(index + 1),
                  loadBalancer: address(index + 101),
                  mode: 'cluster',
                },
                under,
              ),
            ),
          ),
        ),
      )
      await asFork(async () =>
        keep(await converge(cluster, { name, ...PLACE, address: address(200), nodes: names }, under)),
      )
      const create = exists ? undefined : CREATE
      await asFork(async () =>
        keep(await converge(locationBinding, { location, cluster: name, create }, under)),
      )
      const addresses = names.flatMap((_, index) => [address(index + 1), address(index + 101)])
      await asFork(async () =>
        keep(
          await converge(
            firewallRule,
            { name: `VSE ${name}`, addresses: [...addresses, address(200)] },
            under,
          ),
        ),
      )
    }),
  )
  keep(await converge(activation, {}, under))
  return changes
}
