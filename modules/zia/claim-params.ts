import { z } from 'zod'

// What a Service Edge, and what stands around it, is told by in ZIA: the same before it is made and before it is removed.

/** A cluster. */
export const clusterClaim = z
  .strictObject({
    name: z.string().min(1).meta({ description: 'Name of the cluster, exactly' }),
    address: z.ipv4().meta({ description: 'Its cluster IP address' }),
  })
  .optional()
  .meta({ description: 'The cluster; absent for standalone instances' })

/** An instance. */
export const instanceClaim = z.strictObject({
  name: z.string().min(1).meta({ description: 'Name of the instance, exactly' }),
  proxy: z.ipv4().meta({ description: 'Its proxy IP address' }),
})

/** A firewall filtering rule, and its group, which has the same name. */
export const ruleClaim = z
  .string()
  .min(1)
  .meta({ description: 'Name of the firewall filtering rule and its IP source group' })
