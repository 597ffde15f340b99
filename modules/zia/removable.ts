import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { clusterClaim, instanceClaim, ruleClaim } from './claim-params.ts'
import { findClusterTies } from './ties/cluster-ties.ts'
import { findInstanceTies } from './ties/instance-ties.ts'
import { readObjects } from './ties/read-objects.ts'
import { findRuleTies } from './ties/rule-ties.ts'

/** What stands in the way of a removal. */
type Facts = { readonly ties: readonly Change[] }

/** Looks, before anything is removed, whether all of it is ours and nobody else needs it, and reports all that is not at once. */
export const removable = defineModule({
  name: 'zia/removable',
  summary:
    'A cluster, its instances and its firewall filtering rule are ours, and nothing of others hangs on them',
  connection: 'zia',
  params: z.strictObject({
    cluster: clusterClaim,
    instances: z.array(instanceClaim).meta({ description: 'The instances' }),
    location: z.string().min(1).meta({ description: 'The only location that may be bound to them' }),
    rule: ruleClaim,
    addresses: z.array(z.ipv4()).meta({ description: 'Every address that the rule may have as a source' }),
  }),

  async read({ connection, params }): Promise<Facts> {
    const { cluster, instances, location } = params
    const objects = await readObjects(connection)
    const nodes = instances.map(({ name }) => name)
    return {
      ties: [
        ...(cluster === undefined ? [] : findClusterTies(objects, { ...cluster, nodes, location })),
        ...instances.flatMap(({ name, proxy }) =>
          findInstanceTies(objects, { name, address: proxy, cluster: cluster?.name, location }),
        ),
        ...findRuleTies(objects, { name: params.rule, addresses: params.addresses }),
      ],
    }
  },

  diff: ({ ties }): readonly Change[] => ties,

  hint: () => 'nothing was removed; mend each of them, and run the same command again',
})
